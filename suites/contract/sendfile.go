package contract

import (
	"math"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
)

// mostBytes is the most that one call moves: INT_MAX in whole pages, which are 0x7ffff000 bytes where a page has 4096
// (read(2) NOTES).
var mostBytes = int64(math.MaxInt32) &^ (int64(pageBytes) - 1)

// into are the sinks that stand for their families where a rule of sendfile(2) is the same for all of them.
var into = []string{"unix-stream", "tcp", "pipe", "file"}

var sendfileClauses = Interface{
	Page: "sendfile(2)", Needs: []probe.Interface{probe.Sendfile},
	Clauses: []Clause{
		{ID: "SENDFILE-OFFSET", Since: "2.6.33", Source: "sendfile(2): offset", Places: into,
			Text: "an offset that is given advances by the count, and the file's position stays", Check: func(t *T) {
				file, sink := t.File(10_000), t.sink()
				t.seek(file.Descriptor(), 77)
				offset := int64(1000)
				t.Counts(sendfile(sink, file.Descriptor(), &offset, 5000), 5000)
				Equal(t, "offset", offset, 6000)
				Equal(t, "position", t.position(file.Descriptor()), 77)
			}},
		{ID: "SENDFILE-POSITION", Since: "2.6.33", Source: "sendfile(2): offset", Places: into,
			Text: "without an offset the file's position advances by the count", Check: func(t *T) {
				file, sink := t.File(10_000), t.sink()
				t.seek(file.Descriptor(), 1000)
				t.Counts(sendfile(sink, file.Descriptor(), nil, 5000), 5000)
				Equal(t, "position", t.position(file.Descriptor()), 6000)
			}},
		{ID: "SENDFILE-COUNT-ZERO", Since: "2.6.33", Source: "sendfile(2): count", Places: into,
			Text: "a count of 0 returns 0 and moves nothing", Check: func(t *T) {
				file, sink := t.File(100), t.sink()
				offset := int64(10)
				t.Counts(sendfile(sink, file.Descriptor(), &offset, 0), 0)
				Equal(t, "offset", offset, 10)
			}},
		{ID: "SENDFILE-END", Since: "2.6.33", Source: "sendfile(2) RETURN VALUE", Places: into,
			Text: "at the end of the file, and past it, 0 is returned", Check: func(t *T) {
				file, sink := t.File(100), t.sink()
				for _, at := range []int64{100, 101, 1 << 20} {
					t.Step("at offset %d", at)
					offset := at
					t.Counts(sendfile(sink, file.Descriptor(), &offset, 50), 0)
					Equal(t, "offset", offset, at)
				}
			}},
		{ID: "SENDFILE-PAST-END", Since: "2.6.33", Source: "sendfile(2) RETURN VALUE", Places: into,
			Text: "a count that reaches past the end moves what is left", Check: func(t *T) {
				file, sink := t.File(10_000), t.sink()
				offset := int64(9_000)
				t.Counts(sendfile(sink, file.Descriptor(), &offset, 50_000), 1_000)
				Equal(t, "offset", offset, 10_000)
			}},
		{ID: "SENDFILE-MOST", Since: "2.6.33", Source: "sendfile(2) NOTES",
			// It fills 2 GiB of page cache.
			Kinds: []string{"slow"}, Patience: 5 * time.Minute,
			Text: "one call moves at most 0x7ffff000 bytes, whatever was asked", Check: func(t *T) {
				null := t.Open("/dev/null", unix.O_WRONLY)
				offset := int64(0)
				// In memory 5.10 would give each page of the hole its room, which nothing gives back.
				_, hole := t.Target("disk", 0)
				t.Resize(hole, 3<<30)
				t.Counts(sendfile(null, hole, &offset, 3<<30), mostBytes)
				Equal(t, "offset", offset, mostBytes)
			}},
		{ID: "SENDFILE-APPEND", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "a sink that was opened O_APPEND is EINVAL", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Empty(unix.O_WRONLY | unix.O_APPEND)
				t.Fails(sendfile(sink, file.Descriptor(), nil, 100), unix.EINVAL)
				Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			}},
		{ID: "SENDFILE-FROM-DIRECTORY", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "a directory is no source: EINVAL", Check: func(t *T) {
				folder := t.Open(t.Folder(), unix.O_RDONLY|unix.O_DIRECTORY)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				t.Fails(sendfile(sink, folder, nil, 100), unix.EINVAL)
			}},
		{ID: "SENDFILE-FROM-SOCKET", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "a socket is no source: EINVAL, and what waits in it stays", Check: func(t *T) {
				source, feeder := t.Sockets(unix.SOCK_STREAM)
				t.Done(write(feeder, []byte("bytes")))
				_, sink := t.Sockets(unix.SOCK_STREAM)
				t.Fails(sendfile(sink, source, nil, 5), unix.EINVAL)
				Equal(t, "bytes that wait", t.Queued(source), 5)
			}},
		{ID: "SENDFILE-FROM-PIPE-OFFSET", Since: "2.6.33", Source: "sendfile(2) ERRORS: ESPIPE",
			Text: "an offset into a source that cannot be sought is ESPIPE", Check: func(t *T) {
				source, feeder := t.Pipe(0)
				t.Done(write(feeder, []byte("bytes")))
				_, sink := t.Sockets(unix.SOCK_STREAM)
				offset := int64(0)
				t.Fails(sendfile(sink, source, &offset, 5), unix.ESPIPE)
				Equal(t, "bytes that wait", t.Queued(source), 5)
			}},
		{ID: "SENDFILE-NEGATIVE-OFFSET", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "an offset below 0 is EINVAL, and stays as it is", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				offset := int64(-1)
				t.Fails(sendfile(sink, file.Descriptor(), &offset, 10), unix.EINVAL)
				Equal(t, "offset", offset, -1)
			}},
		{ID: "SENDFILE-NEGATIVE-COUNT", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "a count below 0 is EINVAL", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				t.Fails(sendfile(sink, file.Descriptor(), nil, -1), unix.EINVAL)
			}},
		{ID: "SENDFILE-WRAP", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL",
			Text: "an offset and a count whose sum is no file offset are EINVAL or EOVERFLOW, and move nothing", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				offset := int64(math.MaxInt64 - 10)
				t.Fails(sendfile(sink, file.Descriptor(), &offset, 100), unix.EINVAL, unix.EOVERFLOW)
			}},
		{ID: "SENDFILE-BAD-DESCRIPTOR", Since: "2.6.33", Source: "sendfile(2) ERRORS: EBADF",
			Text: "a descriptor that is not open, or not in the way that is needed, is EBADF", Check: func(t *T) {
				reader, writer := t.Empty(unix.O_WRONLY)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				t.Step("the source is closed")
				t.Fails(sendfile(sink, -1, nil, 10), unix.EBADF)
				t.Step("the sink is closed")
				t.Fails(sendfile(-1, reader, nil, 10), unix.EBADF)
				t.Step("the source is open for writing alone")
				t.Fails(sendfile(sink, writer, nil, 10), unix.EBADF)
				t.Step("the sink is open for reading alone")
				t.Fails(sendfile(reader, reader, nil, 10), unix.EBADF)
			}},
		{ID: "SENDFILE-FAULT", Since: "2.6.33", Source: "sendfile(2) ERRORS: EFAULT",
			Text: "a pointer to an offset that cannot be read, or not be written back, is EFAULT", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Sockets(unix.SOCK_STREAM)
				for _, bad := range []struct {
					name string
					at   uintptr
				}{{"unmapped", 8}, {"PROT_NONE", t.Memory(unix.PROT_NONE)}, {"read-only", t.Memory(unix.PROT_READ)}} {
					t.Step("the pointer is to %s memory", bad.name)
					t.Fails(raw("sendfile", unix.SYS_SENDFILE, uintptr(sink), uintptr(file.Descriptor()), bad.at, 10), unix.EFAULT)
				}
			}},
		{ID: "SENDFILE-FULL-PIPE", Since: "5.18.16", Source: "sendfile(2) ERRORS: EAGAIN",
			Text: "a full pipe that is non-blocking is EAGAIN", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Pipe(0)
				t.Fill(sink)
				t.Nonblocking(sink)
				t.Fails(sendfile(sink, file.Descriptor(), nil, 100), unix.EAGAIN)
				Equal(t, "position", t.position(file.Descriptor()), 0)
			}},
		{ID: "SENDFILE-WAITS", Since: "2.6.33", Source: "sendfile(2), pipe(7)", Places: []string{"unix-stream", "tcp", "pipe"},
			Text: "into a full sink that blocks it waits, and goes on when there is room", Check: func(t *T) {
				file := t.File(100)
				open, sink := t.Pair(t.Place())
				t.Narrow(sink)
				t.stuff(sink, t.Place())
				p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), nil, 100) })
				p.Waits()
				t.Drain(open)
				t.Counts(p.Result(), 100)
			}},
		{ID: "SENDFILE-EINTR", Since: "2.6.33", Source: "signal(7): Interruption of system calls", Places: []string{"unix-stream", "tcp", "pipe"},
			Text: "a signal before the first byte ends the wait with EINTR", Check: func(t *T) {
				file := t.File(100)
				_, sink := t.Pair(t.Place())
				t.Narrow(sink)
				t.stuff(sink, t.Place())
				p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), nil, 100) })
				p.Interrupt()
				t.Fails(p.Result(), unix.EINTR)
				Equal(t, "position", t.position(file.Descriptor()), 0)
			}},
		{ID: "SENDFILE-EPIPE", Since: "2.6.33", Source: "pipe(7), unix(7), send(2)", Places: []string{"unix-stream", "pipe"},
			Text: "a sink without a reader is EPIPE, with a SIGPIPE", Check: func(t *T) {
				file := t.File(100)
				open, sink := t.Pair(t.Place())
				t.Must(open.CloseReader())
				sent := t.SIGPIPE(func() { t.Fails(sendfile(sink, file.Descriptor(), nil, 100), unix.EPIPE) })
				Equal(t, "SIGPIPE sent", sent, true)
				Equal(t, "position", t.position(file.Descriptor()), 0)
			}},
		{ID: "SENDFILE-FILE-LIMIT", Since: "2.6.33", Source: "setrlimit(2): RLIMIT_FSIZE",
			Text: "a sink file stops at the limit of its size: a short count, and EFBIG from there on", Check: func(t *T) {
				file := t.File(10_000)
				_, sink := t.Empty(unix.O_WRONLY)
				t.Limit(8192, func() {
					t.Step("the first call")
					t.Counts(sendfile(sink, file.Descriptor(), nil, 10_000), 8192)
					t.Step("at the limit")
					t.Fails(sendfile(sink, file.Descriptor(), nil, 10_000), unix.EFBIG)
				})
				Equal(t, "position of the source", t.position(file.Descriptor()), 8192)
			}},
	},
}

// sink is the descriptor of a sink of the clause's place.
func (t *T) sink() int {
	_, descriptor := t.Pair(t.Place())
	return descriptor
}

// Memory is the address of a page of memory with this protection, of the check's own.
func (t *T) Memory(protection int) uintptr {
	page, err := unix.Mmap(-1, 0, pageBytes, protection, unix.MAP_PRIVATE|unix.MAP_ANON)
	t.Must(err)
	t.Cleanup(func() { unix.Munmap(page) })
	return uintptr(unsafe.Pointer(&page[0]))
}
