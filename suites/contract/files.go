package contract

import (
	"bytes"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// Reopen opens once more what a descriptor stands for: it has a position of its own, and these flags.
func (t *T) Reopen(fd, flags int) int {
	again, err := reopen(fd, flags)
	if err != nil {
		t.Lacks("a second descriptor of a file", err.Error(), "mount /proc")
	}
	t.Closes(again)
	return again
}

func reopen(fd, flags int) (int, error) {
	return unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), flags|unix.O_CLOEXEC, 0)
}

// Target is a file of a kind that is full of bytes of its own, and a descriptor to read and write it by.
func (t *T) Target(kind string, size int64) (*source.File, int) {
	file := t.FileOn(kind, size)
	return file, t.Reopen(file.Descriptor(), unix.O_RDWR)
}

// mostContent is how much of a file is looked at. No check makes a larger one and asks what is in it.
const mostContent = 8 << 20

// Content is all that read(2) finds in a file.
func (t *T) Content(fd int) []byte {
	all := make([]byte, 0, 64<<10)
	buffer := make([]byte, 64<<10)
	for len(all) < mostContent {
		n, err := unix.Pread(fd, buffer, int64(len(all)))
		if err == unix.EINTR {
			continue
		}
		t.Must(os.NewSyscallError("pread", err))
		if n == 0 {
			return all
		}
		all = append(all, buffer[:n]...)
	}
	t.Must(fmt.Errorf("a file of the check's own is larger than %d bytes", mostContent))
	return nil
}

// Contains holds a file to have these bytes, and no more.
func (t *T) Contains(fd int, what string, owed []byte) { t.Same(what, t.Content(fd), owed) }

// Store writes all of the data at an offset, as a part of the stage.
func (t *T) Store(fd int, data []byte, offset int64) {
	for len(data) > 0 {
		n, err := unix.Pwrite(fd, data, offset)
		if err == unix.EINTR {
			continue
		}
		t.Must(os.NewSyscallError("pwrite", err))
		data, offset = data[n:], offset+int64(n)
	}
}

// Resize makes a file shorter or longer.
func (t *T) Resize(fd int, size int64) {
	t.Must(os.NewSyscallError("ftruncate", unix.Ftruncate(fd, size)))
}

// Stat is what fstat(2) says of a file.
func (t *T) Stat(fd int) unix.Stat_t {
	var stat unix.Stat_t
	t.Must(os.NewSyscallError("fstat", unix.Fstat(fd, &stat)))
	return stat
}

// Scratch is memory that begins on a page, zeroed and touched. It is none of Go's, and lies still.
func (t *T) Scratch(size int) []byte {
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_POPULATE)
	t.Must(os.NewSyscallError("mmap", err))
	t.Cleanup(func() { unix.Munmap(memory) })
	return memory
}

// Delivered is all that a check has put into a sink. It ends the sink.
func (t *T) Delivered(open *sink.Sink) []byte {
	var got bytes.Buffer
	t.Must(open.Finish())
	t.Must(open.Drain(&got, func() int64 { return 0 }, time.Now().Add(stepPatience)))
	return got.Bytes()
}

func addressOf(memory []byte) uintptr { return uintptr(unsafe.Pointer(&memory[0])) }

// Map maps a part of a file.
func (t *T) Map(fd int, offset int64, length, protection, flags int) []byte {
	r := t.mmap(fd, offset, length, protection, flags)
	t.Done(r.Result)
	return r.memory
}

// mapped is what mmap(2) gave.
type mapped struct {
	Result
	memory []byte
}

// mmap makes the call, with whatever arguments. What is mapped is unmapped at the end.
func (t *T) mmap(fd int, offset int64, length, protection, flags int) mapped {
	at, err := unix.MmapPtr(fd, offset, nil, uintptr(length), protection, flags)
	if err != nil {
		return mapped{Result: made("mmap", -1, err)}
	}
	t.Cleanup(func() { unix.MunmapPtr(at, uintptr(length)) })
	return mapped{Result{Call: "mmap"}, unsafe.Slice((*byte)(at), length)}
}
