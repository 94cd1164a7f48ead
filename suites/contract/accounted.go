package contract

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/meter"
)

// errand is a system call with just these arguments, and what came of it.
type errand struct {
	call      string
	number    uintptr
	arguments [6]uintptr
	n         uintptr
	errno     unix.Errno
}

func anErrand(call string, number uintptr, arguments ...uintptr) *errand {
	e := &errand{call: call, number: number}
	copy(e.arguments[:], arguments)
	return e
}

// clerk is a thread whose io accounting nothing moves but the calls that it is told to make.
//
// The accounting is read from outside: a thread that reads its own has that counted as well. And between two readings
// the thread runs nothing of Go's scheduler, which at times writes to an eventfd on whatever thread it is: the clerk
// waits in recvfrom(2) and answers by sendto(2), which are not accounted for, and all in between is code that cannot
// be preempted.
type clerk struct {
	t    *T
	tid  int
	io   *meter.IOFile
	desk int
	bell *bell
	gone chan struct{}
}

// bell is what the clerk looks at: the errand, where there is one, and room for the byte that says so.
type bell struct {
	errand *errand
	rings  [1]byte
}

// Clerk starts one.
func (t *T) Clerk() *clerk {
	desk, theirs := t.Sockets(unix.SOCK_STREAM)
	c := &clerk{t: t, desk: desk, bell: &bell{}, gone: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(c.gone)
		// The thread ends with it, and takes along what was changed of it.
		runtime.LockOSThread()
		c.tid = unix.Gettid()
		started <- alone()
		c.bell.serve(uintptr(theirs))
	}()
	err := <-started
	t.Cleanup(c.leave)
	t.Must(err)
	if c.io, err = meter.OpenIO(os.Getpid(), c.tid); err != nil {
		if why := kernel.IOAccounting(); why != nil {
			t.Must(why)
		}
		t.Lacks("io accounting by thread", err.Error(), "run on a kernel that writes this file as proc_pid_io(5) has it")
	}
	t.Cleanup(func() { c.io.Close() })
	// Before it has been round once, the scheduler may still be at work on its thread.
	c.does(anErrand("getpid", unix.SYS_GETPID))
	return c
}

// leave ends the clerk: the end of what it reads from is its own.
func (c *clerk) leave() {
	_ = unix.Shutdown(c.desk, unix.SHUT_RDWR)
	<-c.gone
}

// alone keeps all signals off the thread: one could cut a call short.
func alone() error {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	return os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_SETMASK, &all, nil))
}

// serve makes a call whenever it is sent a byte, until nobody is there any more to send one. It must not call what
// allocates or can be preempted. Whose turn it is the sockets say, which the race detector does not know.
//
//go:nosplit
//go:norace
func (b *bell) serve(desk uintptr) {
	ring := uintptr(unsafe.Pointer(&b.rings))
	for {
		n, _, _ := unix.Syscall6(unix.SYS_RECVFROM, desk, ring, 1, 0, 0, 0)
		if n != 1 {
			return
		}
		e := b.errand
		e.n, _, e.errno = unix.RawSyscall6(e.number, e.arguments[0], e.arguments[1], e.arguments[2], e.arguments[3], e.arguments[4], e.arguments[5])
		unix.RawSyscall6(unix.SYS_SENDTO, desk, ring, 1, unix.MSG_NOSIGNAL, 0, 0)
	}
}

// does has the clerk make a call, and returns its result and how the accounting has moved.
func (c *clerk) does(e *errand) (Result, tally) {
	before := c.reading()
	c.bell.errand = e
	var ring [1]byte
	_, err := unix.SendmsgN(c.desk, ring[:], nil, nil, unix.MSG_NOSIGNAL)
	c.t.Must(os.NewSyscallError("sendmsg", err))
	n, err := 0, error(unix.EINTR)
	for err == unix.EINTR {
		n, _, err = unix.Recvfrom(c.desk, ring[:], 0)
	}
	if err == nil && n != 1 {
		err = unix.EPIPE
	}
	c.t.Must(os.NewSyscallError("recvfrom", err))
	moved := c.reading().Sub(before)
	r := Result{Call: e.call, N: int64(e.n), Errno: e.errno}
	if r.Errno != 0 {
		r.N = -1
	}
	return r, tally{moved.ReadCalls, moved.WriteCalls, moved.ReadChars, moved.WriteChars}
}

func (c *clerk) reading() meter.IO {
	now, err := c.io.Read()
	c.t.Must(err)
	return now
}

// tally is how the accounting moves: calls that read, calls that write, and the bytes of either.
type tally struct{ syscr, syscw, rchar, wchar int64 }

func (y tally) String() string {
	return fmt.Sprintf("syscr +%d, syscw +%d, rchar +%d, wchar +%d", y.syscr, y.syscw, y.rchar, y.wchar)
}
