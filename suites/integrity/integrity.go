// Package integrity asks whether the bytes are right: for every method, sink and source, at every size and
// offset where implementations are known to slip, and when the reader is slow, or gone.
package integrity

import (
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/source"
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
	all := []int64{0, 1, 4095, 4096, max(0, size-1), size, size + 4096}
	slices.Sort(all)
	return slices.Compact(all)
}

// A cold source costs a file of its own for each transfer: readahead and the page edge are what matters.
var (
	coldSizesBytes   = []int64{1, 4097, 1<<20 + 13}
	coldOffsetsBytes = []int64{0, 4095}
)

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("integrity", func() {
		for _, method := range spec.Methods() {
			for _, kind := range spec.Sinks() {
				for _, from := range spec.Sources() {
					on := spec.On{Method: method, Sink: kind, Source: from}
					spec.It(warm, "integrity", on, func(c *spec.Case) { deliverWarm(c, on) })
					if from.Name == "disk" {
						spec.It(cold, "integrity", on, func(c *spec.Case) { deliverCold(c, on) }, ginkgo.Label("cold"))
					}
				}
				for _, from := range spec.Sources()[:1] {
					// How a sink ends does not depend on where its bytes come from.
					on := spec.On{Method: method, Sink: kind, Source: from}
					slowly(on)
					abandoned(on)
					separately(on)
					pastEnd(on)
				}
			}
		}
	})
}

// deliverWarm moves every range of a source of every size.
func deliverWarm(c *spec.Case, on spec.On) {
	for _, size := range spec.Sizes(sizesBytes) {
		file := c.Open(on, size)
		for _, offset := range spec.Offsets(offsets(size)) {
			deliver(c, on, file, offset)
		}
		c.Check(file.Close(), "closing the source")
	}
}

// deliverCold moves ranges of sources that are each chilled before, and never used again: see source.File.Chill.
func deliverCold(c *spec.Case, on spec.On) {
	for _, size := range spec.Sizes(coldSizesBytes) {
		for _, offset := range spec.Offsets(coldOffsetsBytes) {
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
		outcome, wrong, err := t.Deliver()
		c.Check(err, where)
		c.Transfers++
		c.Moved(outcome, where)
		if wrong != nil {
			owed := max(0, min(t.Length, file.Bytes-t.Offset))
			c.Deviates(fmt.Sprintf("%d bytes of the source from offset %d on", owed, t.Offset), wrong.Error(), where)
		}
	}
}

// parts are the transfers that move all of the source from offset on: one that asks for a byte more than there
// is, because the end of the source must end it.
func parts(on spec.On, file *source.File, offset int64) (all []spec.Transfer) {
	length := max(file.Bytes-offset, 0) + 1
	if on.Sink.Name == "udp" {
		// What becomes of a datagram that was to be longer is a question of its own: see pastEnd.
		length--
	}
	whole := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: offset, Length: length}
	if !on.Sink.Lossy || length <= on.Sink.QueueBytes {
		return []spec.Transfer{whole}
	}
	// A sink that drops what waits too long owes nothing beyond its queue: it is asked for one queue at a time.
	for ; length > 0; length -= on.Sink.QueueBytes {
		part := whole
		part.Length = min(length, on.Sink.QueueBytes)
		all = append(all, part)
		whole.Offset += part.Length
	}
	return all
}
