package spec

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"zerocopy-conformance/fixtures/source"
)

// The variables by which a user says which ranges are moved: bytes, comma-separated.
const (
	sizesVariable   = "ZC_SIZES"
	offsetsVariable = "ZC_OFFSETS"
	chunkVariable   = "ZC_CHUNK"
)

// largestBytes bounds what a user may ask for: a mistyped size must not fill a disk.
const largestBytes = 16 << 30

// Sizes are the sizes of sources of a kind to be tried, in bytes: the user's, or else the suite's own; rounded up to what
// the kind can have.
func Sizes(kind source.Kind, own []int64) (sizes []int64) {
	for _, size := range chosenBytes(sizesVariable, own) {
		size = RoundUp(kind, size)
		if !slices.Contains(sizes, size) {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

// RoundUp is the least size that a source of a kind can have and that holds so many bytes.
func RoundUp(kind source.Kind, bytes int64) int64 {
	granule := max(kind.Granule, 1)
	return (bytes + granule - 1) / granule * granule
}

// Offsets are where in a source the ranges begin, in bytes: the user's, or else the suite's own.
func Offsets(own []int64) []int64 { return chosenBytes(offsetsVariable, own) }

// ChunkBytes is the chunk of every transfer that does not name another: the user's, or else OneChunkBytes.
func ChunkBytes() int { return int(chosenBytes(chunkVariable, []int64{OneChunkBytes})[0]) }

func chosenBytes(variable string, own []int64) []int64 {
	// A malformed list was reported before any spec was built.
	if chosen, _ := byteCounts(variable); len(chosen) > 0 {
		return chosen
	}
	return own
}

// byteCounts reads the variable's list of byte counts; none when it is empty.
func byteCounts(variable string) (counts []int64, err error) {
	for _, word := range strings.Split(os.Getenv(variable), ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		n, err := byteCount(word)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no number of bytes: such as 4097, 64k, 1M or 2G, at most %dG", variable, word, largestBytes>>30)
		}
		counts = append(counts, n)
	}
	if variable == chunkVariable && (len(counts) > 1 || len(counts) == 1 && (counts[0] < 1 || counts[0] > 1<<30)) {
		return nil, fmt.Errorf("%s: %q: one number of bytes is needed, 1 to 1G", variable, os.Getenv(variable))
	}
	return counts, nil
}

// byteCount reads a number of bytes with an optional suffix: k, M and G are 1024 to the first, second and third.
func byteCount(word string) (int64, error) {
	shift := 0
	if at := strings.IndexByte("kMG", word[len(word)-1]); at >= 0 {
		shift, word = 10*(at+1), word[:len(word)-1]
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err == nil && (n < 0 || n > largestBytes>>shift) {
		err = strconv.ErrRange
	}
	return n << shift, err
}
