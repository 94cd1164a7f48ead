package contract

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/payload"
)

// unknownFlags are bits that are no flags of splice(2), tee(2) and vmsplice(2). The highest means something to io_uring,
// and to nobody else.
var unknownFlags = []int{0x10, 1 << 31}

// hints are the flags that change nothing that a user could see (splice(2), tee(2), vmsplice(2)).
var hints = []int{unix.SPLICE_F_MOVE, unix.SPLICE_F_MORE, unix.SPLICE_F_GIFT, unix.SPLICE_F_MOVE | unix.SPLICE_F_MORE | unix.SPLICE_F_GIFT}

// undisturbed makes a call with the signals blocked that mean nothing to it. Go's runtime has its calls restarted,
// but one that has moved a part ends there, at whatever signal, and its count would be nobody's fault.
func undisturbed(call func() Result) Result {
	var old unix.Sigset_t
	set := meaningless
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old); err != nil {
		return Result{Call: "rt_sigprocmask", N: -1, Errno: errnoOf(err)}
	}
	result := call()
	// It cannot fail where it has just succeeded.
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	return result
}

// answered is a system call's result.
func answered(call string, n uintptr, errno unix.Errno) Result {
	if errno != 0 {
		return Result{Call: call, N: -1, Errno: errno}
	}
	return Result{Call: call, N: int64(n)}
}

// splice moves bytes without any offset.
func splice(from, into, length, flags int) Result {
	return spliceAt(from, nil, into, nil, length, flags)
}

func spliceAt(from int, fromOffset *int64, into int, intoOffset *int64, length, flags int) Result {
	return undisturbed(func() Result {
		n, _, errno := unix.Syscall6(unix.SYS_SPLICE, uintptr(from), uintptr(unsafe.Pointer(fromOffset)), uintptr(into), uintptr(unsafe.Pointer(intoOffset)), uintptr(length), uintptr(flags))
		return answered("splice", n, errno)
	})
}

func tee(from, into, length, flags int) Result {
	return undisturbed(func() Result {
		n, _, errno := unix.Syscall6(unix.SYS_TEE, uintptr(from), uintptr(into), uintptr(length), uintptr(flags), 0, 0)
		return answered("tee", n, errno)
	})
}

// segmentOf is the segment of memory that Pages has made, or a part of it.
func segmentOf(memory []byte) segment {
	return segment{uintptr(unsafe.Pointer(unsafe.SliceData(memory))), uintptr(len(memory))}
}

func vmsplice(pipe, flags int, segments ...segment) Result {
	return undisturbed(func() Result {
		n, _, errno := unix.Syscall6(unix.SYS_VMSPLICE, uintptr(pipe), uintptr(unsafe.Pointer(unsafe.SliceData(segments))), uintptr(len(segments)), uintptr(flags), 0, 0)
		return answered("vmsplice", n, errno)
	})
}

// coded are bytes that tell their place, and are like no others: see payload.
func coded(n int) []byte {
	all := make([]byte, n)
	payload.New().Fill(all, 0)
	return all
}

// Pages is memory of the check's own, private and filled with coded bytes: a page that was never written has no memory
// of its own to be shared.
func (t *T) Pages(n int) []byte {
	memory, err := unix.Mmap(-1, 0, n*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	t.Must(os.NewSyscallError("mmap", err))
	t.Cleanup(func() { unix.Munmap(memory) })
	copy(memory, coded(len(memory)))
	return memory
}

// PipeOf is a pipe of so many pages, a power of two. Each of them holds a page or one smaller piece.
func (t *T) PipeOf(pages int) (reader, writer int) {
	reader, writer = t.Pipe(0)
	capacity, err := unix.FcntlInt(uintptr(writer), unix.F_SETPIPE_SZ, pages*pageBytes)
	if err == unix.EPERM {
		t.Lacks(fmt.Sprintf("a pipe of %d bytes", pages*pageBytes), "F_SETPIPE_SZ: "+err.Error(), "raise sysctl fs.pipe-max-size and fs.pipe-user-pages-soft, or close some pipes of this user's")
	}
	t.Must(os.NewSyscallError("fcntl F_SETPIPE_SZ", err))
	if capacity != pages*pageBytes {
		t.Must(fmt.Errorf("a pipe of %d bytes was asked for, and one of %d made", pages*pageBytes, capacity))
	}
	return reader, writer
}

// pipe is one of the capacity that pipes have by default: a user who has many gets smaller ones (pipe(7)).
func (t *T) pipe() (reader, writer int) { return t.PipeOf(16) }

// FullPipe is a pipe of so many pages, all of them full.
func (t *T) FullPipe(pages int) (reader, writer int, held []byte) {
	reader, writer = t.PipeOf(pages)
	held = t.put(writer, pages*pageBytes)
	return reader, writer, held
}

// put writes so many coded bytes, all at once, and returns them.
func (t *T) put(fd, n int) []byte {
	data := coded(n)
	if written := t.Done(undisturbed(func() Result { return write(fd, data) })); written != int64(n) {
		t.Must(fmt.Errorf("setting the stage: %d of %d bytes were written", written, n))
	}
	return data
}

// Kept holds a pipe or a stream to hold just these bytes. They are taken.
func (t *T) Kept(reader int, held []byte) {
	Equal(t, "bytes that wait", t.Queued(reader), int64(len(held)))
	t.Same("what waits", t.Take(reader, int64(len(held))), held)
}
