package contract

import (
	"slices"

	"golang.org/x/sys/unix"
)

// spliceRefusals are the errors of the other end, or of the pipe's: what was not delivered stays where it was.
var spliceRefusals = []Clause{
	{ID: "SPLICE-EPIPE", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs", Places: slices.Concat([]string{"file"}, inlets),
		Text: "a pipe without a reader is EPIPE, with a SIGPIPE, and the source keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			t.Shut(reader)
			from, kept := t.source(t.Place())
			sent := t.SIGPIPE(func() { t.Fails(splice(from, writer, 100, 0), unix.EPIPE) })
			Equal(t, "SIGPIPE sent", sent, true)
			kept()
		}},
	{ID: "SPLICE-SOCKET-EPIPE", Since: "2.6.33", Source: "send(2) ERRORS: EPIPE, unix(7) ERRORS: EPIPE", Places: []string{"unix-stream", "tcp"},
		Text: "a socket that was shut down for writing is EPIPE, with a SIGPIPE, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			into, _ := t.stream(t.Place())
			t.Must(unix.Shutdown(into, unix.SHUT_WR))
			sent := t.SIGPIPE(func() { t.Fails(splice(reader, into, 100, 0), unix.EPIPE) })
			Equal(t, "SIGPIPE sent", sent, true)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-GONE-READER", Since: "2.6.33", Source: "unix(7) ERRORS: EPIPE, tcp(7): a reset connection", Places: []string{"unix-stream", "tcp"},
		Text: "a socket whose peer has left is EPIPE or ECONNRESET, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			into, far := t.stream(t.Place())
			// A TCP peer leaves with a RST, so that this end is told.
			t.Must(unix.SetsockoptLinger(far, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
			t.Shut(far)
			t.ready(into, unix.POLLHUP)
			t.SIGPIPE(func() { t.Fails(splice(reader, into, 100, 0), unix.EPIPE, unix.ECONNRESET) })
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-FILE-LIMIT", Since: "2.6.33", Source: "setrlimit(2): RLIMIT_FSIZE",
		Text: "a sink file stops at the limit of its size: a short count, then EFBIG, and the pipe keeps what was not written", Check: func(t *T) {
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			data := t.put(writer, 10_000)
			// The limit is the whole process's: it is judged when it is off again.
			var first, then Result
			t.Limit(8000, func() {
				first = splice(reader, sink, 10_000, 0)
				then = splice(reader, sink, 10_000, 0)
			})
			t.Step("the first call")
			t.Counts(first, 8000)
			t.Step("at the limit")
			t.Fails(then, unix.EFBIG)
			Equal(t, "position of the sink", t.position(sink), 8000)
			t.Same("the sink", t.contents(sink), data[:8000])
			t.Kept(reader, data[8000:])
		}},
	{ID: "SPLICE-SEALED", Since: "3.17", Source: "fcntl(2): File Sealing",
		Text: "a memory file that is sealed against writes is EPERM, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			sink, err := unix.MemfdCreate("zerocopy-conformance", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
			if err != nil {
				t.Lacks("memfd_create(2)", err.Error(), "allow the call, or take a kernel with CONFIG_MEMFD_CREATE")
			}
			t.Closes(sink)
			_, err = unix.FcntlInt(uintptr(sink), unix.F_ADD_SEALS, unix.F_SEAL_WRITE)
			t.Must(err)
			t.Fails(splice(reader, sink, 100, 0), unix.EPERM)
			Equal(t, "position of the sink", t.position(sink), 0)
			t.Kept(reader, data)
		}},
	// write(2) to it is ENOSPC; kernels that do not splice into devices say EINVAL.
	{ID: "SPLICE-DEV-FULL", Since: "2.6.33", Source: "full(4); splice(2) ERRORS: EINVAL",
		Text: "/dev/full as a sink is ENOSPC or EINVAL, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			t.Fails(splice(reader, t.Open("/dev/full", unix.O_WRONLY), 100, 0), unix.ENOSPC, unix.EINVAL)
			t.Kept(reader, data)
		}},
}
