// Package integrity asks whether the bytes are right: for every method, sink and source, at every size and
// offset where implementations are known to slip, and when the reader is slow, or gone.
package integrity

import (
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

const (
	rangeText = "exactly the bytes of the requested range arrive, in order and once, and the method reports their count; a range that starts at or past the end of the source moves nothing"
	rangeFrom = "read(2), write(2), sendfile(2)"
)

var (
	warm = spec.Require(spec.Requirement{ID: "INTEGRITY-RANGE", Text: rangeText, Source: rangeFrom, Since: "2.6.33"})
	cold = spec.Require(spec.Requirement{ID: "INTEGRITY-COLD", Text: "of a source that has to be read from its disk first, " + rangeText, Source: rangeFrom, Since: "2.6.33"})
)

// sizesBytes surround the page size, the usual chunk and the capacity of a pipe.
var sizesBytes = []int64{0, 1, 4095, 4096, 4097, 65535, 65536, 1<<20 + 13}

// offsets of a source of that size: the start, around the page edge, the last byte, its end and past it.
func offsets(size int64) []int64 {
	return distinct(0, 1, 4095, 4096, max(0, size-1), size, size+4096)
}

// A cold source costs a file of its own for each transfer: readahead and the page edge are what matters.
var (
	coldSizesBytes   = []int64{1, 4097, 1<<20 + 13}
	coldOffsetsBytes = []int64{0, 4095}
)

// grid is which ranges of which sources are moved.
type grid struct {
	sizesBytes []int64
	offsets    func(size int64) []int64
}

// whole is tried where a method meets its first source and its first sink, fewer edges where it meets another sink, and
// the fewest where it meets another source: around a page's edge, and beyond a pipe's capacity. A run that asks for Slow
// specs tries all of it everywhere.
var (
	whole  = grid{sizesBytes, offsets}
	edges  = grid{[]int64{0, 1, 4097, 65536, 1<<20 + 13}, func(size int64) []int64 { return distinct(begin(size), 4095, max(0, size-1)) }}
	fewest = grid{[]int64{0, 4097, 1<<20 + 13}, func(size int64) []int64 { return distinct(begin(size), 4095) }}
)

// begin is where a range begins that is no edge: a large source, which takes the most time, is moved from an edge alone.
func begin(size int64) int64 {
	if size > 65536 {
		return 4095
	}
	return 0
}

func gridFor(on spec.On) grid {
	switch {
	case on.Home() || spec.SlowWanted():
		return whole
	case on.FirstSource:
		return edges
	}
	return fewest
}

func distinct(offsets ...int64) []int64 {
	slices.Sort(offsets)
	return slices.Compact(offsets)
}

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("integrity", func() {
		for _, on := range spec.Places() {
			if on.Sink.Swallows {
				// Nothing arrives that could be looked at.
				continue
			}
			spec.It(warm, "integrity", on, func(c *spec.Case) { deliverWarm(c, on) })
			if on.Source.Cold {
				spec.It(cold, "integrity", on, func(c *spec.Case) { deliverCold(c, on) }, ginkgo.Label("cold"))
			}
			if on.FirstSource {
				// How a sink ends does not depend on where its bytes come from.
				slowly(on)
				abandoned(on)
				interrupted(on)
				separately(on)
				pastEnd(on)
			}
		}
	})
}

// deliverWarm moves every range of a source of every size.
func deliverWarm(c *spec.Case, on spec.On) {
	grid := gridFor(on)
	for _, size := range spec.Sizes(on.Source, grid.sizesBytes) {
		offsets := spec.Offsets(grid.offsets(size))
		if on.Source.Stream {
			// What was read of it is gone: it has a beginning, and serves one transfer.
			offsets = []int64{0}
		}
		file := c.Open(on, size)
		for _, offset := range offsets {
			deliver(c, on, file, offset)
		}
		c.Check(file.Close(), "closing the source")
	}
}

// deliverCold moves ranges of sources that are each chilled before, and never used again: see source.File.Chill.
func deliverCold(c *spec.Case, on spec.On) {
	sizes, offsets := coldSizesBytes, coldOffsetsBytes
	if on.Source.Name != "disk" && !spec.SlowWanted() {
		sizes, offsets = sizes[len(sizes)-1:], offsets[len(offsets)-1:]
	}
	for _, size := range spec.Sizes(on.Source, sizes) {
		for _, offset := range spec.Offsets(offsets) {
			file := c.Open(on, size)
			c.Check(file.Chill(), fmt.Sprintf("%d bytes on %s", size, file.Filesystem))
			deliver(c, on, file, offset)
			c.Check(file.Close(), "closing the source")
		}
	}
}

// deliver moves all of a source from offset on and has every byte checked.
func deliver(c *spec.Case, on spec.On, file *source.File, offset int64) {
	c.Narrow(fmt.Sprintf("ZC_SIZES=%d", file.Bytes), fmt.Sprintf("ZC_OFFSETS=%d", offset))
	for _, t := range parts(on, file, offset) {
		where := fmt.Sprintf("%d bytes from offset %d of a source of %d on %s", t.Length, t.Offset, file.Bytes, file.Filesystem)
		c.Exactly(t, where)
	}
}

// parts are the transfers that move all of the source from offset on: one that asks for a byte more than there
// is, because the end of the source must end it.
func parts(on spec.On, file *source.File, offset int64) (all []spec.Transfer) {
	length := max(file.Bytes-offset, 0) + 1
	if (impl.UDP | impl.CorkedUDP).Has(on.Sink.Class) {
		// What becomes of a datagram that was to be longer is a question of its own: see pastEnd.
		length--
	}
	whole := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: offset, Length: length}
	// A sink that drops what waits too long owes nothing beyond its queue, and one that makes a message of all that it
	// is given has a longest: it is asked for so much at a time.
	most := on.Sink.MessageBytes
	if on.Sink.Lossy && most == 0 {
		most = on.Sink.QueueBytes
	}
	if on.Source.Stream && on.Sink.MessageBytes > 0 {
		// A stream comes in many pieces, of which not all may find a place in one message: see SPLICE-PIECES-UDP.
		most = int64(on.Sink.ChunkBytes)
	}
	if most == 0 || length <= most {
		return []spec.Transfer{whole}
	}
	for ; length > 0; length -= most {
		part := whole
		part.Length = min(length, most)
		all = append(all, part)
		whole.Offset += part.Length
	}
	return all
}
