package contract

import (
	"bytes"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/source"
)

// odd are sources that are no files on a disk, by the names of their places.
var odd = map[string]string{
	"dev-zero": "/dev/zero", "dev-full": "/dev/full", "dev-null": "/dev/null",
	"proc-version": "/proc/version", "proc-mountinfo": "/proc/self/mountinfo", "proc-status": "/proc/self/status", "proc-meminfo": "/proc/meminfo",
	"sysfs": "/sys/devices/system/cpu/online",
}

// spliceSources are the clauses of what else than files a pipe takes from, and gives to.
var spliceSources = []Clause{
	{ID: "SPLICE-DEV-NULL", Since: "2.6.33", Source: "null(4)",
		Text: "/dev/null as a sink takes all that a pipe holds", Check: func(t *T) {
			reader, _, held := t.FullPipe(4)
			null := t.Open("/dev/null", unix.O_WRONLY)
			t.Counts(splice(reader, null, 100, 0), 100)
			t.Counts(splice(reader, null, 1<<30, 0), int64(len(held)-100))
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	// 5.10 and 6.1 say EINVAL, 6.12 does not: it came back in 6.7.
	{ID: "SPLICE-DEV-ZERO", Since: "6.7", Source: "zero(4), full(4)", Places: []string{"dev-zero", "dev-full"},
		Text: "a device of zeros as a source gives zeros", Check: func(t *T) {
			reader, writer := t.pipe()
			t.Counts(splice(t.Open(odd[t.Place()], unix.O_RDONLY), writer, 5000, 0), 5000)
			t.Kept(reader, make([]byte, 5000))
		}},
	// What can be spliced has changed with kernels, and will. What must not change is that a refusal costs nothing, and
	// that what comes is what is there.
	{ID: "SPLICE-ANY-SOURCE", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL",
		Places: []string{"dev-zero", "dev-full", "dev-null", "proc-version", "proc-mountinfo", "proc-status", "proc-meminfo", "sysfs"},
		Text:   "a source is EINVAL, and the pipe stays empty, or gives what read(2) gives", Check: func(t *T) {
			from := t.Open(odd[t.Place()], unix.O_RDONLY)
			reader, writer := t.pipe()
			r := splice(from, writer, 1000, 0)
			if r.Errno != 0 {
				t.Fails(r, unix.EINVAL)
				Equal(t, "bytes in the pipe", t.Queued(reader), 0)
				return
			}
			first := make([]byte, 1000)
			n := t.Done(read(t.Open(odd[t.Place()], unix.O_RDONLY), first))
			if n == 0 {
				t.Counts(r, 0)
			} else {
				t.Within(r, 1, 1000)
			}
			Equal(t, "bytes in the pipe", t.Queued(reader), r.N)
			// What lies behind may have changed in between.
			t.Same("the first line", firstLine(t.Take(reader, 1000)), firstLine(first[:n]))
		}},
	// EINVAL in 5.10.0 to 5.10.10, in part.
	{ID: "SPLICE-KERNFS", Since: "5.10.11", Source: "splice(2) DESCRIPTION; sysfs(5), proc_pid_mountinfo(5)",
		Places: []string{"sysfs", "proc-mountinfo"},
		Text:   "a file of sysfs, and the list of mounts, are sources as files are", Check: func(t *T) {
			from := t.Open(odd[t.Place()], unix.O_RDONLY)
			reader, writer := t.pipe()
			moved := t.Within(splice(from, writer, pageBytes, 0), 1, int64(pageBytes))
			first := make([]byte, pageBytes)
			n := t.Done(read(t.Open(odd[t.Place()], unix.O_RDONLY), first))
			t.Same("the first line", firstLine(t.Take(reader, moved)), firstLine(first[:n]))
		}},
	{ID: "SPLICE-FIFO", Since: "2.6.33", Source: "fifo(7), pipe(7): I/O on pipes and FIFOs",
		Text: "a FIFO is a pipe: it gives to a file, and takes from one", Check: func(t *T) {
			file := t.File(5000)
			fifo := t.fifo(unix.O_RDWR)
			far, into := t.Empty(unix.O_WRONLY)
			t.Counts(splice(file.Descriptor(), fifo, 3000, 0), 3000)
			Equal(t, "bytes in the FIFO", t.Queued(fifo), 3000)
			t.Counts(splice(fifo, into, 3000, 0), 3000)
			t.Arrived(t.contents(far), file, 0, 3000)
			offset := int64(0)
			t.Fails(spliceAt(fifo, &offset, into, nil, 100, 0), unix.ESPIPE)
		}},
	{ID: "SPLICE-FROM-STREAM", Since: "2.6.33", Source: "splice(2) DESCRIPTION", Places: []string{"unix-stream", "tcp"},
		Text: "the bytes of a stream go through a pipe into a file in order, however the calls cut them", Check: func(t *T) {
			from, far := t.stream(t.Place())
			data := t.put(far, 30_000)
			t.Must(unix.Shutdown(far, unix.SHUT_WR))
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			for left := int64(len(data)); left > 0; {
				t.Step("with %d bytes left", left)
				moved := t.Within(splice(from, writer, 7001, 0), 1, min(left, 7001))
				t.Counts(splice(reader, sink, 7001, 0), moved)
				left -= moved
			}
			t.Step("at the end of the stream")
			t.Counts(splice(from, writer, 7001, 0), 0)
			t.Same("the file", t.contents(sink), data)
		}},
	{ID: "SPLICE-FROM-SHUT", Since: "2.6.33", Source: "splice(2) RETURN VALUE; recv(2): an orderly shutdown", Places: []string{"unix-stream", "tcp"},
		Text: "a stream whose peer has left gives what was sent before, and then 0", Check: func(t *T) {
			from, far := t.stream(t.Place())
			data := t.put(far, 100)
			t.Shut(far)
			reader, writer := t.pipe()
			t.ready(from, unix.POLLRDHUP)
			t.Counts(splice(from, writer, 1000, 0), 100)
			t.Kept(reader, data)
			t.Counts(splice(from, writer, 1000, 0), 0)
			t.Counts(splice(from, writer, 1000, unix.SPLICE_F_NONBLOCK), 0)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	{ID: "SPLICE-STREAM-INTO-SMALL-PIPE", Since: "2.6.33", Source: "splice(2) DESCRIPTION: up to len bytes", Places: []string{"unix-stream", "tcp"},
		Text: "a pipe that fills up takes a part of what waits in a stream, and the rest stays there in order", Check: func(t *T) {
			from, far := t.stream(t.Place())
			data := t.put(far, 50_000)
			t.Must(unix.Shutdown(far, unix.SHUT_WR))
			t.AwaitQueued(from, int64(len(data)))
			reader, writer := t.PipeOf(1)
			var got []byte
			for len(got) < len(data) {
				t.Step("after %d bytes", len(got))
				moved := t.Within(splice(from, writer, len(data), 0), 1, int64(len(data)-len(got)))
				Equal(t, "bytes in the pipe", t.Queued(reader), moved)
				got = append(got, t.Take(reader, moved)...)
			}
			t.Same("what comes", got, data)
		}},
	{ID: "SPLICE-FROM-MESSAGES", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL", Places: []string{"unix-dgram", "unix-seqpacket", "udp"},
		Text: "a socket of messages as a source is EINVAL and keeps its message, or gives the first message", Check: func(t *T) {
			from, far := t.messages(t.Place())
			data, next := t.put(far, 100), t.put(far, 50)
			t.ready(from, unix.POLLIN)
			reader, writer := t.pipe()
			r := splice(from, writer, 1000, 0)
			if r.Errno != 0 {
				t.Fails(r, unix.EINVAL)
				Equal(t, "bytes in the pipe", t.Queued(reader), 0)
				t.Same("the message", t.message(from), data)
			} else {
				t.Counts(r, 100)
				t.Kept(reader, data)
			}
			t.Same("the next message", t.message(from), next)
		}},
	{ID: "SPLICE-INTO-MESSAGES", Since: "2.6.33", Source: "splice(2) DESCRIPTION", Places: []string{"unix-dgram", "unix-seqpacket", "udp"},
		Text: "into a socket of messages all bytes are sent, in order", Check: func(t *T) {
			file, reader := t.threePieces()
			into, far := t.messages(t.Place())
			t.Counts(splice(reader, into, 3000, 0), 3000)
			var got []byte
			for len(got) < 3000 {
				message := t.message(far)
				if len(message) == 0 {
					break
				}
				got = append(got, message...)
			}
			t.Arrived(got, file, 0, 3000)
		}},
	// Before 6.5 kernels sent each piece of the pipe by itself, but for UDP.
	{ID: "SPLICE-ONE-MESSAGE", Source: "splice(2) DESCRIPTION", Places: []string{"unix-dgram", "unix-seqpacket", "udp"},
		Text: "into a socket of messages one call sends one message", Check: func(t *T) {
			file, reader := t.threePieces()
			into, far := t.messages(t.Place())
			t.Counts(splice(reader, into, 3000, 0), 3000)
			t.Arrived(t.message(far), file, 0, 3000)
		}},
	// Kernels that queue the pages themselves have 17 places for them in a datagram: the next piece is EMSGSIZE, however
	// short the datagram is.
	{ID: "SPLICE-PIECES-UDP", Source: "splice(2) NOTES: SPLICE_F_MORE; udp(7)",
		Text: "into UDP two calls that are one datagram take as many pieces as the pipe held", Check: func(t *T) {
			const pieces, pieceBytes = 12, 100
			file := t.File(2 * pieces * int64(pageBytes))
			into, far := t.messages("udp")
			reader, writer := t.pipe()
			var sent []byte
			for call, flags := range []int{unix.SPLICE_F_MORE, 0} {
				for i := range pieces {
					offset := int64((call*pieces + i) * pageBytes)
					t.Done(spliceAt(file.Descriptor(), &offset, writer, nil, pieceBytes, 0))
				}
				t.Step("call %d", call+1)
				t.Counts(splice(reader, into, pieces*pieceBytes, flags), pieces*pieceBytes)
			}
			for i := range 2 * pieces {
				piece := make([]byte, pieceBytes)
				file.Payload.Fill(piece, int64(i*pageBytes))
				sent = append(sent, piece...)
			}
			t.Same("the datagram", t.message(far), sent)
		}},
}

// threePieces are 3000 bytes of a file in a pipe, which came there one thousand by one.
func (t *T) threePieces() (file *source.File, reader int) {
	file = t.File(3000)
	reader, writer := t.pipe()
	for range 3 {
		t.Done(splice(file.Descriptor(), writer, 1000, 0))
	}
	return file, reader
}

// messages are two connected sockets that keep the boundaries of messages.
func (t *T) messages(place string) (one, other int) {
	switch place {
	case "udp":
		return t.loopback(unix.SOCK_DGRAM)
	case "unix-seqpacket":
		return t.Sockets(unix.SOCK_SEQPACKET)
	}
	return t.Sockets(unix.SOCK_DGRAM)
}

// fifo is a FIFO in a folder of the check's own.
func (t *T) fifo(flags int) int {
	name := filepath.Join(t.Folder(), "fifo")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Lacks("a FIFO in the temp directory", os.NewSyscallError("mkfifo", err).Error(), "set TMPDIR to a folder on a filesystem that has them")
	}
	return t.Open(name, flags)
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}
