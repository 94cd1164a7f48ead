package contract

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/reexec"
)

// Faults writes from memory into a socket and says what arrived there, and how many page faults the call took, minor
// and major ones.
//
// Signals have to wait meanwhile: Go's handler, on a stack that may be new, would take faults of its own. And a write of
// nothing goes first, so that the code that is run is there.
func (t *T) Faults(data []byte) (sent []byte, minor, major int64) {
	open, sink := t.Pair("unix-stream")
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	var before, after unix.Rusage
	var n uintptr
	var errno unix.Errno
	t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_BLOCK, &all, &old)))
	for _, length := range []int{0, len(data)} {
		_, _, failed := unix.RawSyscall(unix.SYS_GETRUSAGE, unix.RUSAGE_THREAD, uintptr(unsafe.Pointer(&before)), 0)
		n, _, errno = unix.RawSyscall(unix.SYS_WRITE, uintptr(sink), uintptr(unsafe.Pointer(&data[0])), uintptr(length))
		_, _, failedAgain := unix.RawSyscall(unix.SYS_GETRUSAGE, unix.RUSAGE_THREAD, uintptr(unsafe.Pointer(&after)), 0)
		if failed+failedAgain != 0 {
			break
		}
	}
	t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)))
	t.Counts(Result{Call: "write", N: int64(n), Errno: errno}, int64(len(data)))
	return t.Delivered(open), after.Minflt - before.Minflt, after.Majflt - before.Majflt
}

func counted(minor, major int64) string {
	return fmt.Sprintf("%d minor and %d major ones", minor, major)
}

const toucher = "contract-toucher"

func init() { reexec.Register(toucher, touch) }

// touching is which byte of a file a child is to look at, in a mapping that is that long.
type touching struct{ Length, At int }

// touched is what it found there.
type touched struct{ Value byte }

// touch looks at one byte. A SIGBUS that comes of it kills the process: blocked, it cannot be caught, and no memory is
// dumped for its sake.
func touch(conn *reexec.Conn) error {
	// What is blocked is blocked for one thread.
	runtime.LockOSThread()
	var what touching
	descriptors, err := conn.Receive(&what, time.Now().Add(stepPatience))
	if err != nil {
		return err
	}
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGBUS - 1)
	mapping, err := unix.Mmap(descriptors[0], 0, what.Length, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	// From here on nobody may look at the process but root: whoever traces its calls has seen this one.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	if err := conn.Send(touched{}); err != nil {
		return err
	}
	var begin touching
	if _, err := conn.Receive(&begin, time.Now().Add(stepPatience)); err != nil {
		return err
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
		return os.NewSyscallError("rt_sigprocmask", err)
	}
	return conn.Send(touched{mapping[what.At]})
}

// touchIn has a child map a file and, after what is done in between, look at a byte. It says what the child found, or
// how it ended.
func (t *T) touchIn(fd, length, at int, between func()) (value byte, end string) {
	child, err := reexec.Start(toucher, reexec.Options{})
	t.Must(err)
	t.Cleanup(func() { child.Close() })
	t.Must(child.Send(touching{length, at}, fd))
	var answer touched
	_, err = child.Receive(&answer, time.Now().Add(stepPatience))
	if err != nil {
		err = fmt.Errorf("%w: %s", err, child.LastWords())
	}
	t.Must(err)
	between()
	t.Must(child.Send(touching{}))
	if _, err := child.Receive(&answer, time.Now().Add(stepPatience)); err != nil {
		return 0, child.Obituary()
	}
	return answer.Value, ""
}

// Bus holds that a process which looks there is killed by a SIGBUS.
func (t *T) Bus(fd, length, at int, between func()) {
	value, end := t.touchIn(fd, length, at, between)
	seen := end
	if end == "" {
		seen = fmt.Sprintf("it finds %#x there", value)
	}
	t.Holds(strings.HasPrefix(end, "signal: "+unix.SIGBUS.String()), "a SIGBUS", seen)
}

// NoBus holds that it is not, but finds this.
func (t *T) NoBus(fd, length, at int, owed byte) {
	value, end := t.touchIn(fd, length, at, func() {})
	Equal(t, "end of the process", end, "")
	Equal(t, "byte", value, owed)
}
