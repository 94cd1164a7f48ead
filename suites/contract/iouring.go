package contract

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/impl/uring"
	"zerocopy-conformance/suites/spec"
)

const uringPage = "io_uring_enter(2): "

var ioUringClauses = Interface{
	Page: "io_uring", Needs: []probe.Interface{probe.IOUring}, Kinds: []string{spec.IOUring},
	Clauses: []Clause{
		{ID: "URING-HAS-SPLICE", Since: "5.7", Source: uringPage + "IORING_OP_SPLICE", Text: "the ring has the operation SPLICE", Check: has(uring.OpSplice)},
		{ID: "URING-HAS-TEE", Since: "5.8", Source: uringPage + "IORING_OP_TEE", Text: "the ring has the operation TEE", Check: has(uring.OpTee)},
		{ID: "URING-HAS-SEND-ZC", Since: "6.0", Source: uringPage + "IORING_OP_SEND_ZC", Text: "the ring has the operation SEND_ZC", Check: has(uring.OpSendZC)},
		{ID: "URING-HAS-SENDMSG-ZC", Since: "6.1", Source: uringPage + "IORING_OP_SENDMSG_ZC", Text: "the ring has the operation SENDMSG_ZC", Check: has(uring.OpSendmsgZC)},
		{ID: "URING-SPLICE", Since: "5.7", Source: uringPage + "IORING_OP_SPLICE",
			Text: "SPLICE moves what splice(2) would: from the offset that is given, and the file's position stays", Check: func(t *T) {
				ring, file := t.ring(uring.OpSplice), t.File(int64(2*pageBytes))
				reader, writer := t.Pipe(0)
				t.completes(ring, uring.Splice(file.Descriptor(), 100, writer, uring.Position, pageBytes, 0), int32(pageBytes))
				Equal(t, "position", t.position(file.Descriptor()), 0)
				t.Arrived(t.Take(reader, 1<<20), file, 100, int64(pageBytes))
			}},
		{ID: "URING-SPLICE-POSITION", Since: "5.7", Source: uringPage + "IORING_OP_SPLICE",
			Text: "SPLICE with an offset of -1 moves from the file's position, which advances", Check: func(t *T) {
				ring, file := t.ring(uring.OpSplice), t.File(int64(2*pageBytes))
				t.seek(file.Descriptor(), 50)
				reader, writer := t.Pipe(0)
				t.completes(ring, uring.Splice(file.Descriptor(), uring.Position, writer, uring.Position, 1000, 0), 1000)
				Equal(t, "position", t.position(file.Descriptor()), 1050)
				t.Arrived(t.Take(reader, 1<<20), file, 50, 1000)
			}},
		{ID: "URING-SPLICE-NO-PIPE", Since: "5.7", Source: uringPage + "IORING_OP_SPLICE; splice(2) ERRORS",
			Text: "SPLICE with no pipe at either end completes with EINVAL", Check: func(t *T) {
				ring, file := t.ring(uring.OpSplice), t.File(100)
				_, sink := t.Empty(unix.O_WRONLY)
				t.fails(ring, uring.Splice(file.Descriptor(), 0, sink, 0, 100, 0), unix.EINVAL)
			}},
		{ID: "URING-SPLICE-CLOSED", Since: "5.7", Source: uringPage + "IORING_OP_SPLICE; splice(2) ERRORS",
			Text: "SPLICE of a descriptor that is not open completes with EBADF", Check: func(t *T) {
				ring := t.ring(uring.OpSplice)
				_, writer := t.Pipe(0)
				t.fails(ring, uring.Splice(-1, uring.Position, writer, uring.Position, 100, 0), unix.EBADF)
			}},
		{ID: "URING-TEE", Since: "5.8", Source: uringPage + "IORING_OP_TEE",
			Text: "TEE duplicates what waits in a pipe: both have every byte", Check: func(t *T) {
				ring := t.ring(uring.OpTee)
				from, feeder := t.Pipe(0)
				t.Counts(write(feeder, []byte("for both")), 8)
				reader, writer := t.Pipe(0)
				t.completes(ring, uring.Tee(from, writer, 100, 0), 8)
				t.Same("the copy", t.Take(reader, 100), []byte("for both"))
				t.Same("the original", t.Take(from, 100), []byte("for both"))
			}},
		{ID: "URING-LINK", Since: "5.7", Source: uringPage + "IOSQE_IO_LINK",
			Text: "linked entries are done one after the other: what the first splices into a pipe the second has", Check: func(t *T) {
				ring, file := t.ring(uring.OpSplice), t.File(int64(4*pageBytes))
				reader, writer := t.pipe()
				sinkReader, sink := t.Empty(unix.O_WRONLY)
				push(t, ring, uring.Splice(file.Descriptor(), 0, writer, uring.Position, 4*pageBytes, 0).With(1).Linked())
				push(t, ring, uring.Splice(reader, uring.Position, sink, 0, 4*pageBytes, 0).With(2))
				for i, c := range t.completions(ring, 2) {
					Equal(t, "user_data", c.UserData, uint64(i+1))
					Equal(t, fmt.Sprintf("result of entry %d", i+1), c.Result, int32(4*pageBytes))
				}
				got := make([]byte, 4*pageBytes)
				t.Counts(read(sinkReader, got), int64(len(got)))
				t.Arrived(got, file, 0, int64(len(got)))
			}},
		{ID: "URING-LINK-CANCELED", Since: "5.7", Source: uringPage + "IOSQE_IO_LINK",
			Text: "an entry that is linked to one that fails is not done, and completes with ECANCELED", Check: func(t *T) {
				ring, file := t.ring(uring.OpSplice), t.File(100)
				_, sink := t.Empty(unix.O_WRONLY)
				reader, writer := t.Pipe(0)
				push(t, ring, uring.Splice(file.Descriptor(), 0, sink, 0, 100, 0).With(1).Linked())
				push(t, ring, uring.Splice(file.Descriptor(), 0, writer, uring.Position, 100, 0).With(2))
				seen := t.completions(ring, 2)
				Equal(t, "result of the first", seen[0].Result, -int32(unix.EINVAL))
				Equal(t, "result of the second", seen[1].Result, -int32(unix.ECANCELED))
				Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			}},
		{ID: "URING-SEND-ZC", Since: "6.0", Source: uringPage + "IORING_OP_SEND_ZC", Places: lenders,
			Text: "SEND_ZC completes with its result and F_MORE, and then once more, with F_NOTIF, the same user_data and no F_MORE", Check: func(t *T) {
				ring := t.ring(uring.OpSendZC)
				open, sender := t.Pair(t.Place())
				data := patterned(pageBytes)
				push(t, ring, uring.SendZC(sender, data, 0, 0).With(77))
				seen := t.completions(ring, 1)
				Equal(t, "result", seen[0].Result, int32(pageBytes))
				Equal(t, "F_MORE of the result", seen[0].More(), true)
				Equal(t, "F_NOTIF of the result", seen[0].Notif(), false)
				t.AwaitQueued(open.Receiving(), 1)
				t.Same("what arrives", t.Drain(open), data)
				last := t.completions(ring, 1)[0]
				Equal(t, "user_data of the notification", last.UserData, 77)
				Equal(t, "F_NOTIF of the notification", last.Notif(), true)
				Equal(t, "F_MORE of the notification", last.More(), false)
				t.noneLeft(ring)
			}},
		{ID: "URING-SEND-ZC-ERROR", Since: "6.0", Source: uringPage + "IORING_OP_SEND_ZC",
			Text: "SEND_ZC that fails completes with the error; only if that says F_MORE a notification follows, and no more than that", Check: func(t *T) {
				ring := t.ring(uring.OpSendZC)
				_, sender := t.Pair("tcp")
				t.Must(unix.Shutdown(sender, unix.SHUT_WR))
				push(t, ring, uring.SendZC(sender, patterned(pageBytes), unix.MSG_NOSIGNAL, 0).With(5))
				first := t.completions(ring, 1)[0]
				Equal(t, "result", first.Result, -int32(unix.EPIPE))
				Equal(t, "F_NOTIF of the result", first.Notif(), false)
				if first.More() {
					last := t.completions(ring, 1)[0]
					Equal(t, "F_NOTIF of the second", last.Notif(), true)
					Equal(t, "F_MORE of the second", last.More(), false)
				}
				t.noneLeft(ring)
			}},
		{ID: "URING-SEND-ZC-USAGE", Since: "6.2", Source: uringPage + "IORING_SEND_ZC_REPORT_USAGE",
			Text: "SEND_ZC that is to report its usage says in the notification that the bytes were copied: over loopback they are", Check: func(t *T) {
				ring := t.ring(uring.OpSendZC)
				open, sender := t.Pair("tcp")
				push(t, ring, uring.SendZC(sender, patterned(pageBytes), 0, uring.SendZCReportUsage))
				Equal(t, "result", t.completions(ring, 1)[0].Result, int32(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				Equal(t, "copied", t.completions(ring, 1)[0].Copied(), true)
			}},
		{ID: "URING-SEND-ZC-UNMAPPED", Since: "6.0", Source: uringPage + "IORING_OP_SEND_ZC",
			Text: "memory that is unmapped before the notification does no harm: its bytes arrive", Check: func(t *T) {
				ring := t.ring(uring.OpSendZC)
				open, sender := t.Pair("tcp")
				memory, err := unix.Mmap(-1, 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
				t.Must(err)
				copy(memory, patterned(4*pageBytes))
				push(t, ring, uring.SendZC(sender, memory, 0, 0))
				result := t.completions(ring, 1)[0].Result
				t.Must(unix.Munmap(memory))
				Equal(t, "result", result, int32(4*pageBytes))
				t.AwaitQueued(open.Receiving(), int64(4*pageBytes))
				t.Same("what arrives", t.Drain(open), patterned(4*pageBytes))
				Equal(t, "F_NOTIF", t.completions(ring, 1)[0].Notif(), true)
			}},
		{ID: "URING-SEND-ZC-UNIX", Since: "6.0", Source: uringPage + "IORING_OP_SEND_ZC",
			Text: "SEND_ZC into a UNIX socket completes with EOPNOTSUPP", Check: func(t *T) {
				ring := t.ring(uring.OpSendZC)
				one, other := t.Sockets(unix.SOCK_STREAM)
				push(t, ring, uring.SendZC(one, patterned(100), 0, 0))
				Equal(t, "result", t.completions(ring, 1)[0].Result, -int32(unix.EOPNOTSUPP))
				Equal(t, "bytes that arrived", t.Queued(other), 0)
			}},
	},
}

func has(op uring.Op) func(*T) {
	return func(t *T) {
		supported, err := t.anyRing(4).Supports(op)
		t.Must(err)
		Equal(t, "supported", supported, true)
	}
}

// anyRing is a ring, where this user may lock what it takes.
func (t *T) anyRing(entries uint32) *uring.Ring {
	if why := kernel.MayLock(impl.UringSendZC.Claim.LocksBytes); why != nil {
		t.Must(why)
	}
	ring, err := uring.Setup(entries)
	t.Must(err)
	t.Cleanup(func() { ring.Close() })
	return ring
}

// ring is a ring that has an operation: that it has is a requirement of its own.
func (t *T) ring(op uring.Op) *uring.Ring {
	ring := t.anyRing(8)
	if supported, err := ring.Supports(op); err != nil || !supported {
		t.Must(err)
		t.Lacks(op.String(), "io_uring does not have the operation", "take a kernel that has it")
	}
	return ring
}

func push(t *T, ring *uring.Ring, entry uring.SQE) {
	if !ring.Push(entry) {
		t.Must(fmt.Errorf("the ring has no room for an entry"))
	}
}

// completions submits what was pushed and takes so many completions.
func (t *T) completions(ring *uring.Ring, n int) (all []uring.CQE) {
	for range n {
		c, err := ring.Wait()
		t.Must(err)
		all = append(all, c)
	}
	return all
}

// noneLeft holds the ring to have no completion left.
func (t *T) noneLeft(ring *uring.Ring) {
	// One that is to come has had its time: a system call lets the ring's work run.
	_, err := ring.Enter(0)
	t.Must(err)
	c, more := ring.Next()
	t.Holds(!more, "no more completions", fmt.Sprintf("%+v", c))
}

// completes holds one entry to complete with a result.
func (t *T) completes(ring *uring.Ring, entry uring.SQE, result int32) {
	push(t, ring, entry)
	Equal(t, "result", t.completions(ring, 1)[0].Result, result)
}

func (t *T) fails(ring *uring.Ring, entry uring.SQE, errno unix.Errno) {
	t.completes(ring, entry, -int32(errno))
}

// patterned are bytes of which no two pages are alike.
func patterned(n int) []byte {
	all := make([]byte, n)
	for i := range all {
		all[i] = byte(i % 251)
	}
	return all
}
