package integrity

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var (
	slow     = spec.Require(spec.Requirement{ID: "INTEGRITY-NONBLOCKING", Text: "a full non-blocking sink ends a call with EAGAIN, and the count says what it took: going on from there loses and repeats nothing", Source: "write(2), sendfile(2) ERRORS: EAGAIN", Since: "2.6.33"})
	slowPipe = spec.Require(spec.Requirement{ID: "INTEGRITY-NONBLOCKING-PIPE", Text: "a full pipe that is non-blocking ends a call with EAGAIN, and the count says what it took: going on from there loses and repeats nothing", Source: "write(2), sendfile(2) ERRORS: EAGAIN", Since: "5.18.16"})
	gone     = spec.Require(spec.Requirement{ID: "INTEGRITY-GONE-READER", Text: "a writer whose reader has left is told so by an error, and survives the signal", Source: "write(2) ERRORS, signal(7)", Since: "2.6.33"})
)

// slowly declares the spec on a reader that is slower than the method.
func slowly(on spec.On) {
	if on.Sink.Datagrams || on.Sink.AtRest() || on.Source.Stream || on.Method.Two {
		// What was read of a stream and not taken is gone; and two sinks are hardly ever full at the same byte.
		return
	}
	requirement := slow
	if on.Sink.Class == impl.Pipe {
		requirement = slowPipe
	}
	spec.It(requirement, "integrity", on, func(c *spec.Case) {
		// More than the sink's buffers take, and no whole number of pages.
		size := int64(1<<20 + 13)
		if on.Sink.Network {
			// A receiver's that the kit has not sized may be larger.
			size = 2<<20 + 13
		}
		file := c.Open(on, size)
		transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}
		last, full, wrong, err := transfer.DeliverSlowly(256<<10 + 1)
		where := fmt.Sprintf("%d bytes on %s, the sink full %d times", file.Bytes, file.Filesystem, full)
		c.Check(err, where)
		c.Transfers++
		c.Moved(last, where)
		if wrong != nil {
			c.Deviates("the bytes of the range", wrong.Error(), where)
		}
		if full == 0 {
			c.Deviates("EAGAIN at least once", "the sink was never full", where)
		}
	})
}

// abandoned declares the spec on a reader that leaves before the first byte.
func abandoned(on spec.On) {
	if len(on.Sink.GoneReader) == 0 {
		return
	}
	spec.It(gone, "integrity", on, func(c *spec.Case) {
		file := c.Open(on, 1<<20)
		where := fmt.Sprintf("%d bytes, the reader gone before the first", file.Bytes)
		outcome, err := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}.Abandon()
		c.Check(err, where)
		c.Transfers++
		if outcome.Unprepared != "" {
			// It did not get as far as the sink.
			c.Moved(outcome, where)
		}
		if outcome.Died != "" || outcome.Hung != "" {
			c.Deviates("the writer survives", outcome.Err().Error(), where)
		}
		if !slices.Contains(on.Sink.GoneReader, outcome.Errno) {
			c.NeedsMemory(outcome)
			c.NeedsCalls()
			c.Deviates(anyOf(on.Sink.GoneReader), ended(outcome.Err(), outcome.Moved), where)
		}
	})
}

func anyOf(errnos []unix.Errno) string {
	var names []string
	for _, errno := range errnos {
		names = append(names, unix.ErrnoName(errno))
	}
	return strings.Join(names, " or ")
}

func ended(err error, moved int64) string {
	if err == nil {
		return fmt.Sprintf("no error, %d bytes moved", moved)
	}
	return fmt.Sprintf("%v, after %d bytes", err, moved)
}
