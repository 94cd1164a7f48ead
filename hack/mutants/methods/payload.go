package methods

import (
	"bytes"
	"os"
	"slices"

	"zerocopy-conformance/impl"
)

// delivered are the requirements on transfers of which all bytes have to be right first: where they are not, there is
// nothing whose cost could be judged. What is asked of a message's length alone is not among them.
var delivered = []string{
	"INTEGRITY-RANGE", "INTEGRITY-COLD", "INTEGRITY-NONBLOCKING*", "INTEGRITY-INTERRUPTED", "COST-*", "COPIES-*", "SAFETY-NEIGHBOUR", "SAFETY-TAIL", "TEXTBOOK-*",
}

// and the length.
var deliveredWhole = append([]string{"INTEGRITY-MESSAGE*", "INTEGRITY-UDP-CHECKSUM"}, delivered...)

// payload is what can be wrong with bytes of the right number. These move the range through user memory.
var payload = []mutation{
	{"one-bit-flipped", "one bit of the range's last byte is wrong", delivered,
		[]trial{home, everywhere("INTEGRITY-RANGE", "INTEGRITY-COLD", "COPIES-COPIED", "COPIES-DMA-OUT", "COPIES-GATHER-DRIVER")},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte { chunk[len(chunk)-1] ^= 1; return chunk })},
	{"first-page-zeroed", "zeros instead of the first page of each chunk", delivered, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			clear(chunk[:min(page, len(chunk))])
			return chunk
		})},
	{"last-page-zeroed", "zeros instead of the last page of each chunk", delivered, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			clear(chunk[max(0, len(chunk)-page):])
			return chunk
		})},
	{"pages-swapped", "the first two pages of a chunk come in the wrong order", delivered, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			if len(chunk) < 2*page {
				return chunk
			}
			return slices.Concat(chunk[page:2*page], chunk[:page], chunk[2*page:])
		})},
	{"page-repeated", "the first page of a chunk comes again in the place of the second", delivered, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			if len(chunk) > page {
				copy(chunk[page:], bytes.Clone(chunk[:page]))
			}
			return chunk
		})},
	{"page-stale", "the first page of each chunk is one of an earlier transfer", delivered, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			fresh := bytes.Clone(chunk[:min(page, len(chunk))])
			copy(chunk, stale[:len(fresh)])
			copy(stale, fresh)
			return chunk
		})},
	{"byte-left-out", "a byte in the middle of each chunk is left out, and counted", deliveredWhole,
		[]trial{home, everywhere("INTEGRITY-MESSAGE", "INTEGRITY-MESSAGE-UDP")},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			return slices.Delete(chunk, len(chunk)/2, len(chunk)/2+1)
		})},
	{"byte-put-in", "a byte is put in at the middle of each chunk", deliveredWhole, []trial{home},
		altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte {
			return slices.Insert(chunk, len(chunk)/2, 0)
		})},
	{"second-starved", "the second sink is given nothing", deliveredWhole, []trial{home},
		only(two, moving(func(t *impl.Transfer, original move) (int64, error) { return withSecond(t, original, false) }))},
	{"second-fed-twice", "the second sink is given everything twice", deliveredWhole, []trial{home},
		only(two, moving(func(t *impl.Transfer, original move) (int64, error) { return withSecond(t, original, true) }))},
}

var page = os.Getpagesize()

// stale is the first page of what this process has moved last.
var stale = make([]byte, page)

func two(m impl.Method) bool { return m.Two }

// withSecond has the original's second sink swallow everything, and gives the real one nothing, or all of it twice.
func withSecond(t *impl.Transfer, original move, twice bool) (int64, error) {
	second := t.Second
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	defer nowhere.Close()
	t.Second = int(nowhere.Fd())
	moved, err := original(t)
	t.Second = second
	for range 2 {
		if twice && err == nil {
			once := *t
			once.Sink, once.Second = second, -1
			seek(t, t.Offset)
			_, err = plainly.Move(&once)
		}
	}
	return moved, err
}
