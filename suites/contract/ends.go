package contract

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/nameless"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// pageBytes is the size of a page on this machine.
var pageBytes = os.Getpagesize()

// File is a source of that many bytes in the temp directory.
func (t *T) File(size int64) *source.File { return t.FileOn("tmp", size) }

// FileOn is a source of a named kind: see source.Kinds.
func (t *T) FileOn(kind string, size int64) *source.File {
	of, err := source.Lookup(kind)
	t.Must(err)
	file, err := of.Open(size)
	t.Must(err)
	t.Cleanup(func() { file.Close() })
	return file
}

// Empty is an empty file in the temp directory, open for reading alone and once more as flags say.
func (t *T) Empty(flags int) (reader, writer int) {
	reader, writer, err := nameless.Open(os.TempDir(), flags)
	if errno := errnoOf(err); err != nil && errno != unix.EMFILE && errno != unix.ENFILE {
		t.Lacks("a file in the temp directory", errno.Error(), "set TMPDIR to a folder that can be written")
	}
	t.Must(err)
	t.Closes(reader, writer)
	t.hasRoom(writer)
	return reader, writer
}

// room is more than any check writes to an empty file, in bytes.
const room = 1 << 20

// hasRoom ends the check where an empty file's filesystem is full: that is no answer of the interface to a call that
// writes to the file.
func (t *T) hasRoom(fd int) {
	if free, err := kernel.Room(fd); err == nil && free < room {
		t.Must(unix.ENOSPC)
	}
}

// Hole is a file in memory of that many bytes, none of which takes up any.
func (t *T) Hole(size int64) int {
	fd, err := unix.MemfdCreate("zerocopy-conformance", unix.MFD_CLOEXEC)
	if err != nil {
		t.Lacks("memfd_create(2)", err.Error(), "allow the call, or take a kernel with CONFIG_MEMFD_CREATE")
	}
	t.Closes(fd)
	t.Must(os.NewSyscallError("ftruncate", unix.Ftruncate(fd, size)))
	return fd
}

// Pair is a sink of a named kind: see sink.Kinds. Kinds that need a network of the kit's own are not for clauses.
func (t *T) Pair(kind string) (*sink.Sink, int) {
	of, err := sink.Lookup(kind)
	t.Must(err)
	open, err := of.Open(nil)
	t.Must(err)
	t.Cleanup(func() { open.Close() })
	if of.Class == impl.File || of.Class == impl.Append {
		t.hasRoom(open.Descriptor())
	}
	return open, open.Descriptor()
}

// Pipe is a pipe of the default capacity, made with these flags.
func (t *T) Pipe(flags int) (reader, writer int) {
	var ends [2]int
	t.Must(os.NewSyscallError("pipe2", unix.Pipe2(ends[:], flags|unix.O_CLOEXEC)))
	t.Closes(ends[0], ends[1])
	return ends[0], ends[1]
}

// Sockets are a pair of connected UNIX sockets of a type, such as unix.SOCK_STREAM.
func (t *T) Sockets(kind int) (one, other int) {
	ends, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	t.Must(os.NewSyscallError("socketpair", err))
	t.Closes(ends[0], ends[1])
	return ends[0], ends[1]
}

// Open opens what has a name.
func (t *T) Open(name string, flags int) int {
	fd, err := unix.Open(name, flags|unix.O_CLOEXEC, 0)
	if err != nil {
		if strings.HasPrefix(name, "/proc/") {
			t.Must(kernel.Proc())
		}
		t.Lacks(name, err.Error(), "run where it can be opened")
	}
	t.Closes(fd)
	return fd
}

// Folder is an empty folder of the check's own in the temp directory. Whatever is put into it goes with it.
func (t *T) Folder() string {
	name, err := os.MkdirTemp("", "zerocopy-conformance-")
	if err != nil {
		t.Lacks("a folder in the temp directory", errnoOf(err).Error(), "set TMPDIR to a folder that can be written")
	}
	t.Undo(func() { os.RemoveAll(name) })
	return filepath.Clean(name)
}

// Shut closes a descriptor now, and not once more at the end.
func (t *T) Shut(fd int) {
	t.Must(os.NewSyscallError("close", unix.Close(fd)))
	t.shut[fd] = true
}

// Closes has descriptors closed at the end.
func (t *T) Closes(descriptors ...int) {
	for _, fd := range descriptors {
		// The number may have been another descriptor's, that is closed.
		delete(t.shut, fd)
		t.Cleanup(func() {
			if !t.shut[fd] {
				unix.Close(fd)
			}
		})
	}
}

// Nonblocking makes calls on a descriptor fail with EAGAIN instead of waiting.
func (t *T) Nonblocking(fd int) { t.Must(os.NewSyscallError("fcntl", unix.SetNonblock(fd, true))) }

// fillBytes is how much Fill writes at a time.
const fillBytes = 64 << 10

// Fill writes to a pipe or stream until it is full, and says how many bytes it took. It is left blocking.
func (t *T) Fill(fd int) (filled int64) { return t.fillBy(fd, 1) }

// fillBy is Fill in pieces of so many bytes at least.
func (t *T) fillBy(fd, least int) (filled int64) {
	t.Nonblocking(fd)
	block := make([]byte, fillBytes)
	for size := len(block); size >= least; {
		n, err := unix.Write(fd, block[:size])
		switch {
		case err == unix.EAGAIN:
			// A smaller piece may still fit.
			size /= 2
		case err != nil:
			t.Must(os.NewSyscallError("write", err))
		default:
			filled += int64(n)
		}
	}
	t.Must(os.NewSyscallError("fcntl", unix.SetNonblock(fd, false)))
	return filled
}

// Queued is how many bytes wait to be read (FIONREAD).
func (t *T) Queued(fd int) int64 {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	t.Must(os.NewSyscallError("ioctl FIONREAD", err))
	return int64(n)
}

// Take reads what waits, without waiting for more, up to limit bytes.
func (t *T) Take(fd int, limit int64) []byte {
	t.Nonblocking(fd)
	all := make([]byte, 0, min(limit, 1<<20))
	buffer := make([]byte, 64<<10)
	for int64(len(all)) < limit {
		n, err := unix.Read(fd, buffer[:min(int64(len(buffer)), limit-int64(len(all)))])
		if err == unix.EAGAIN || err == nil && n == 0 {
			break
		}
		if err != unix.EINTR {
			t.Must(os.NewSyscallError("read", err))
		}
		all = append(all, buffer[:max(n, 0)]...)
	}
	t.Must(os.NewSyscallError("fcntl", unix.SetNonblock(fd, false)))
	return all
}

// Arrived holds bytes to be a range of a source.
func (t *T) Arrived(got []byte, file *source.File, offset, length int64) {
	t.finding.Answers++
	checker := file.Payload.Checker(offset, length)
	_, _ = checker.Write(got)
	if err := checker.Err(); err != nil {
		t.Deviates(fmt.Sprintf("%d bytes of the source from offset %d on", length, offset), err.Error())
	}
}

// Same holds bytes to be others.
func (t *T) Same(what string, got, owed []byte) {
	t.finding.Answers++
	if bytes.Equal(got, owed) {
		return
	}
	at := 0
	for at < len(got) && at < len(owed) && got[at] == owed[at] {
		at++
	}
	t.Deviates(fmt.Sprintf("%s of %d bytes as they were", what, len(owed)), fmt.Sprintf("%d bytes, of which number %d is another", len(got), at))
}

// BytesOf are a source's, from offset on.
func (t *T) BytesOf(file *source.File, offset, length int64) []byte {
	all := make([]byte, length)
	file.Payload.Fill(all, offset)
	return all
}

// Overwrite gives a range of a source other bytes, through a descriptor of the kit's own, and returns them.
func (t *T) Overwrite(file *source.File, offset, length int64) []byte {
	other := bytes.Repeat([]byte{0xa5}, int(length))
	_, err := file.WriteAt(other, offset)
	t.Must(err)
	return other
}

// Drain reads a sink empty, through the end that is the kit's.
func (t *T) Drain(open *sink.Sink) (all []byte) {
	var got bytes.Buffer
	for {
		n, err := open.ReadUpTo(64<<10, &got)
		t.Must(err)
		if n == 0 {
			return got.Bytes()
		}
	}
}

// AwaitQueued waits until so many bytes wait to be read: what was sent over a network takes a moment.
func (t *T) AwaitQueued(fd int, owed int64) {
	for deadline := time.Now().Add(stepPatience); t.Queued(fd) < owed; {
		if time.Now().After(deadline) {
			t.Deviates(fmt.Sprintf("%d bytes arrive", owed), fmt.Sprint(t.Queued(fd)))
		}
		runtime.Gosched()
	}
}
