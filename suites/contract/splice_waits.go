package contract

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// spliceWaits are the clauses of blocking: what is waited for, what ends a wait, and whom a call lets go on.
var spliceWaits = []Clause{
	{ID: "SPLICE-WAITS", Since: "2.6.33", Source: "splice(2), pipe(7): I/O on pipes and FIFOs", Places: placesOf(spliceWays),
		Text: "a call that can move nothing waits, and moves what there is as soon as it can", Check: waits("splice", spliceWays)},
	{ID: "SPLICE-EINTR", Since: "2.6.33", Source: "signal(7): Interruption of system calls", Places: placesOf(spliceWays),
		Text: "a signal before the first byte ends the wait with EINTR, and nothing is lost", Check: interrupted("splice", spliceWays)},
	{ID: "SPLICE-SHORT-ON-SIGNAL", Since: "2.6.33", Source: "signal(7): Interruption of system calls; splice(2) RETURN VALUE", Places: []string{"unix-stream", "tcp"},
		Text: "a signal after the first byte ends the wait with the count of what was moved, and the pipe keeps the rest", Check: func(t *T) {
			reader, _, held := t.FullPipe(64)
			into, far := t.narrow(t.Place())
			p := t.Start("splice", func() Result { return splice(reader, into, len(held), 0) })
			p.Interrupt()
			moved := t.Within(p.Result(), 1, int64(len(held))-1)
			t.Step("what was moved")
			t.Same("what arrives", t.collect(far, int(moved)), held[:moved])
			t.Step("the rest")
			t.Kept(reader, held[moved:])
		}},
	{ID: "SPLICE-WAITS-FOR-A-WRITER", Since: "2.6.33", Source: "splice(2) RETURN VALUE", Places: outlets,
		Text: "a call that waits for data returns 0 when the last writer leaves", Check: func(t *T) {
			reader, writer := t.pipe()
			into, _ := t.outlet(t.Place())
			p := t.Start("splice", func() Result { return splice(reader, into, 1000, 0) })
			p.Waits()
			t.Shut(writer)
			t.Counts(p.Result(), 0)
		}},
	{ID: "SPLICE-WAITS-FOR-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs", Places: slices.Concat([]string{"file"}, inlets),
		Text: "a call that waits for room in a pipe is EPIPE when the last reader leaves, and the source keeps its bytes", Check: func(t *T) {
			reader, writer, _ := t.FullPipe(1)
			from, kept := t.source(t.Place())
			p := t.Start("splice", func() Result { return splice(from, writer, 100, 0) })
			p.Waits()
			t.Shut(reader)
			t.Fails(p.Result(), unix.EPIPE)
			kept()
		}},
	{ID: "SPLICE-WAKES-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs", Places: slices.Concat([]string{"file"}, inlets),
		Text: "what is moved into a pipe wakes who waits to read from it", Check: func(t *T) {
			reader, writer := t.pipe()
			from, _ := t.source(t.Place())
			p := t.Start("read", func() Result { return read(reader, make([]byte, 1000)) })
			p.Waits()
			t.Counts(splice(from, writer, 100, 0), 100)
			t.Counts(p.Result(), 100)
		}},
	{ID: "SPLICE-WAKES-A-WRITER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs", Places: outlets,
		Text: "what is moved out of a full pipe is room for who waits to write to it", Check: func(t *T) {
			reader, writer, _ := t.FullPipe(1)
			into, _ := t.outlet(t.Place())
			data := coded(100)
			p := t.Start("write", func() Result { return write(writer, data) })
			p.Waits()
			t.Counts(splice(reader, into, pageBytes, 0), int64(pageBytes))
			t.Counts(p.Result(), 100)
			t.Kept(reader, data)
		}},
}

// source is something that 100 bytes wait in, and what holds it to have kept them.
func (t *T) source(place string) (from int, kept func()) {
	if place == "file" {
		file := t.File(100)
		return file.Descriptor(), func() { Equal(t, "position", t.position(file.Descriptor()), 0) }
	}
	from, far := t.inlet(place)
	data := t.put(far, 100)
	t.ready(from, unix.POLLIN)
	return from, func() { t.Kept(from, data) }
}

// spliceNonblocking are the clauses of calls that are not to wait.
var spliceNonblocking = []Clause{
	{ID: "SPLICE-NONBLOCK-EMPTY", Since: "2.6.33", Source: "splice(2) ERRORS: EAGAIN", Places: outlets,
		Text: "with SPLICE_F_NONBLOCK an empty pipe is EAGAIN, though no descriptor is non-blocking", Check: func(t *T) {
			reader, writer := t.pipe()
			into, far := t.outlet(t.Place())
			t.Fails(splice(reader, into, 100, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			t.Step("when there is something")
			data := t.put(writer, 10)
			t.Counts(splice(reader, into, 100, unix.SPLICE_F_NONBLOCK), 10)
			t.Same("what arrives", t.collect(far, 10), data)
		}},
	{ID: "SPLICE-NONBLOCK-FULL", Since: "2.6.33", Source: "splice(2) ERRORS: EAGAIN", Places: slices.Concat([]string{"file"}, inlets),
		Text: "with SPLICE_F_NONBLOCK a full pipe is EAGAIN, though no descriptor is non-blocking, and the source keeps its bytes", Check: func(t *T) {
			reader, writer, held := t.FullPipe(2)
			from, kept := t.source(t.Place())
			t.Fails(splice(from, writer, 100, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			t.Kept(reader, held)
			kept()
		}},
	{ID: "SPLICE-O-NONBLOCK-EMPTY", Since: "5.1", Source: "splice(2) ERRORS: EAGAIN", Places: outlets,
		Text: "an empty pipe that is non-blocking is EAGAIN", Check: func(t *T) {
			reader, _ := t.pipe()
			into, _ := t.outlet(t.Place())
			t.Nonblocking(reader)
			t.Fails(splice(reader, into, 100, 0), unix.EAGAIN)
		}},
	{ID: "SPLICE-O-NONBLOCK-FULL", Since: "5.1", Source: "splice(2) ERRORS: EAGAIN", Places: slices.Concat([]string{"file"}, inlets),
		Text: "a full pipe that is non-blocking is EAGAIN, and the source keeps its bytes", Check: func(t *T) {
			reader, writer, held := t.FullPipe(2)
			from, kept := t.source(t.Place())
			t.Nonblocking(writer)
			t.Fails(splice(from, writer, 100, 0), unix.EAGAIN)
			t.Kept(reader, held)
			kept()
		}},
	{ID: "SPLICE-EMPTY-STREAM", Since: "2.6.33", Source: "splice(2) ERRORS: EAGAIN", Places: []string{"unix-stream", "tcp"},
		Text: "a socket that is non-blocking and has nothing to give is EAGAIN", Check: func(t *T) {
			from, _ := t.stream(t.Place())
			reader, writer := t.pipe()
			t.Nonblocking(from)
			t.Fails(splice(from, writer, 100, 0), unix.EAGAIN)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	{ID: "SPLICE-FULL-STREAM", Since: "2.6.33", Source: "splice(2) ERRORS: EAGAIN", Places: []string{"unix-stream", "tcp"},
		Text: "a full socket that is non-blocking is EAGAIN, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 10_000)
			into, _ := t.narrow(t.Place())
			t.stuff(into, t.Place())
			t.Nonblocking(into)
			t.Fails(splice(reader, into, 10_000, 0), unix.EAGAIN)
			t.Kept(reader, data)
		}},
	// Before 6.5 pages were hung to the last message in the queue of a UNIX socket, whatever its send buffer.
	{ID: "SPLICE-FULL-FOR-WRITE", Since: "6.5", Source: "splice(2) ERRORS: EAGAIN; unix(7): SO_SNDBUF", Places: []string{"unix-stream"},
		Text: "a socket that takes no more by write(2) takes no more by splice(2)", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 10_000)
			into, _ := t.narrow(t.Place())
			t.Fill(into)
			t.Nonblocking(into)
			t.Fails(splice(reader, into, 10_000, 0), unix.EAGAIN)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-ROOM-FOR-A-PART", Since: "2.6.33", Source: "splice(2) RETURN VALUE", Places: []string{"unix-stream", "tcp"},
		Text: "a non-blocking socket with room for a part takes a part, and the next call goes on exactly there", Check: func(t *T) {
			reader, _, held := t.FullPipe(64)
			into, far := t.narrow(t.Place())
			t.Nonblocking(into)
			var got []byte
			deadline := time.Now().Add(stepPatience)
			for left := int64(len(held)); left > 0; {
				t.Step("with %d bytes left", left)
				r := splice(reader, into, int(left), 0)
				if r.Errno == unix.EAGAIN && time.Now().Before(deadline) {
					// What was read is room when TCP says so.
					t.ready(into, unix.POLLOUT)
					continue
				}
				left -= t.Within(r, 1, left)
				Equal(t, "bytes in the pipe", t.Queued(reader), left)
				got = append(got, t.collect(far, int(r.N))...)
			}
			t.Same("what arrives", got, held)
		}},
	// The page allows that it waits for its other end, which does not block by its flag. From a UNIX socket kernels do
	// not wait.
	{ID: "SPLICE-NONBLOCK-STREAM", Source: "splice(2): SPLICE_F_NONBLOCK", Places: []string{"unix-stream", "tcp"},
		Text: "SPLICE_F_NONBLOCK is about the pipe alone: for a socket that has nothing to give is waited", Check: func(t *T) {
			from, far := t.stream(t.Place())
			reader, writer := t.pipe()
			p := t.Start("splice", func() Result { return splice(from, writer, 100, unix.SPLICE_F_NONBLOCK) })
			p.Waits()
			data := t.put(far, 100)
			t.Counts(p.Result(), 100)
			t.Kept(reader, data)
		}},
}
