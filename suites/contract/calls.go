package contract

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// raw makes a system call with just these arguments, valid or not. Pointers are converted in the argument list: with
// that mark the compiler keeps what they point to where it is, as it does for system calls alone otherwise.
//
//go:uintptrescapes
func raw(call string, number uintptr, arguments ...uintptr) Result {
	var a [6]uintptr
	copy(a[:], arguments)
	n, _, errno := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		return Result{Call: call, N: -1, Errno: errno}
	}
	return Result{Call: call, N: int64(n)}
}

// made is the result of a call that the x/sys package makes.
func made(call string, n int, err error) Result {
	errno, _ := err.(unix.Errno)
	return Result{Call: call, N: int64(n), Errno: errno}
}

func sendfile(into, from int, offset *int64, count int64) Result {
	return raw("sendfile", unix.SYS_SENDFILE, uintptr(into), uintptr(from), uintptr(unsafe.Pointer(offset)), uintptr(count))
}

func read(fd int, buffer []byte) Result {
	n, err := unix.Read(fd, buffer)
	return made("read", n, err)
}

func write(fd int, data []byte) Result {
	n, err := unix.Write(fd, data)
	return made("write", n, err)
}

// position is where a file is read or written next.
func (t *T) position(fd int) int64 {
	at, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	return t.Done(Result{Call: "lseek", N: at, Errno: errnoOf(err)})
}

// seek puts a file's position somewhere.
func (t *T) seek(fd int, to int64) {
	_, err := unix.Seek(fd, to, unix.SEEK_SET)
	t.Done(Result{Call: "lseek", Errno: errnoOf(err)})
}

func errnoOf(err error) unix.Errno {
	var errno unix.Errno
	errors.As(err, &errno)
	return errno
}
