// Package integrity asks whether the bytes are right: for every method, sink and source, at every size and
// offset where implementations are known to slip.
package integrity

import (
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/suites/spec"
)

var (
	delivery = spec.Requirement{ID: "INTEGRITY-RANGE", Text: "exactly the bytes of the requested range arrive, in order and once, and the method reports their count; a range that starts at or past the end of the source moves nothing", Source: "read(2), write(2), sendfile(2)", Since: "2.6.33"}
	slow     = spec.Requirement{ID: "INTEGRITY-NONBLOCKING", Text: "a full non-blocking sink ends a call with EAGAIN, and the count says what it took: going on from there loses and repeats nothing", Source: "write(2), sendfile(2) ERRORS: EAGAIN", Since: "5.18.16"}
	gone     = spec.Requirement{ID: "INTEGRITY-GONE-READER", Text: "a writer whose reader has left is told so by an error, and survives the signal", Source: "write(2) ERRORS, signal(7)", Since: "2.6.33"}
)

// sizesBytes surround the page size, the usual chunk and the capacity of a pipe.
var sizesBytes = []int64{0, 1, 4095, 4096, 4097, 65535, 65536, 1<<20 + 13}

// offsets of a source of that size: the start, around the page edge, the last byte, its end and past it.
func offsets(size int64) []int64 {
	all := []int64{0, 1, 4095, 4096, max(0, size-1), size, size + 4096}
	slices.Sort(all)
	return slices.Compact(all)
}

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("integrity", func() {
		for _, method := range spec.Methods() {
			for _, kind := range spec.Sinks() {
				for _, from := range spec.Sources() {
					on := spec.On{Method: method, Sink: kind, Source: from}
					spec.It(delivery, "integrity", on, func(c *spec.Case) { deliverAll(c, on) })
				}
				if !kind.Datagrams && kind.Name != "file" && len(spec.Sources()) > 0 {
					on := spec.On{Method: method, Sink: kind, Source: spec.Sources()[0]}
					spec.It(slow, "integrity", on, func(c *spec.Case) { deliverSlowly(c, on) })
				}
				if len(kind.GoneReader) > 0 && len(spec.Sources()) > 0 {
					on := spec.On{Method: method, Sink: kind, Source: spec.Sources()[0]}
					spec.It(gone, "integrity", on, func(c *spec.Case) { leaveEarly(c, on) })
				}
			}
		}
	})
}

func deliverAll(c *spec.Case, on spec.On) {
	for _, size := range sizesBytes {
		file := c.Open(on, size)
		for _, offset := range offsets(size) {
			if on.Sink.Lossy && size-offset > on.Sink.QueueBytes {
				// A sink that drops what its reader does not fetch in time owes nothing beyond its queue.
				continue
			}
			// One byte more than there is: the end of the source must end the transfer.
			length := max(size-offset, 0) + 1
			if on.Sink.Name == "udp" {
				// sendfile(2) corks a datagram that may have more to come, and past the end of the source nothing
				// does: it stays in the sender (seen on 6.18). What is owed there is not settled, so not asked.
				length--
			}
			transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: offset, Length: length}
			outcome, wrong, err := transfer.Deliver()
			c.Check(err)
			c.Transfers++
			where := fmt.Sprintf("%d bytes from offset %d of a source of %d on %s", transfer.Length, offset, size, file.Filesystem)
			c.Moved(outcome, where)
			if wrong != nil {
				c.Deviates(fmt.Sprintf("%d bytes of the source from offset %d on", max(size-offset, 0), offset), wrong.Error(), where)
			}
		}
	}
}

func deliverSlowly(c *spec.Case, on spec.On) {
	// More than the buffers of any sink take, and no whole number of pages.
	file := c.Open(on, 8<<20+13)
	transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}
	last, full, wrong, err := transfer.DeliverSlowly(64<<10 + 1)
	c.Check(err)
	c.Transfers++
	where := fmt.Sprintf("%d bytes on %s, the sink full %d times", file.Bytes, file.Filesystem, full)
	c.Moved(last, where)
	if wrong != nil {
		c.Deviates("the bytes of the range", wrong.Error(), where)
	}
	if full == 0 {
		c.Deviates("EAGAIN at least once", "the sink was never full", where)
	}
}

func leaveEarly(c *spec.Case, on spec.On) {
	file := c.Open(on, 1<<20)
	transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}
	outcome, err := transfer.Abandon()
	c.Check(err)
	c.Transfers++
	where := fmt.Sprintf("%d bytes, the reader gone before the first", file.Bytes)
	if outcome.Died != "" || outcome.Hung != "" {
		c.Deviates("the writer survives", outcome.Err().Error(), where)
	}
	if !slices.Contains(on.Sink.GoneReader, outcome.Errno) {
		c.Deviates(fmt.Sprint("one of ", names(on.Sink.GoneReader)), fmt.Sprintf("error %s after %d bytes", unix.ErrnoName(outcome.Errno), outcome.Moved), where)
	}
}

func names(errnos []unix.Errno) (names []string) {
	for _, errno := range errnos {
		names = append(names, unix.ErrnoName(errno))
	}
	return names
}
