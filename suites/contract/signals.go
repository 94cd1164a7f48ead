package contract

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/interrupt"
)

// signalSetBytes is how large the kernel's set of signals is on the machines that Go's 64-bit ports run on.
const signalSetBytes = 8

// Interrupt sends the call's thread a signal while it waits.
func (p *Pending) Interrupt() {
	p.t.Must(interrupt.Handle())
	p.Waits()
	p.t.Must(os.NewSyscallError("tgkill", unix.Tgkill(os.Getpid(), p.tid, interrupt.Signal)))
}

// SIGPIPE says whether the signal was sent to this thread by what the check does in between: it is blocked, looked
// for, and taken away. Signals that a call raises itself are sent to the thread that makes it (pipe(7)).
func (t *T) SIGPIPE(do func()) (sent bool) {
	var set, old unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGPIPE - 1)
	t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old)))
	do()
	// It is accepted, not looked at: unblocked, it would be delivered.
	var none unix.Timespec
	signal, _, errno := unix.Syscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), 0, uintptr(unsafe.Pointer(&none)), signalSetBytes, 0, 0)
	t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)))
	return errno == 0 && signal == uintptr(unix.SIGPIPE)
}

// Limit lowers the size that files may have (RLIMIT_FSIZE) while the check does something, and has the signal that
// comes with EFBIG blocked: it would kill a Go program. The limit is the whole process's: it is raised again however the
// check ends, for the next one.
func (t *T) Limit(bytes uint64, do func()) {
	var limit unix.Rlimit
	t.Must(os.NewSyscallError("getrlimit", unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)))
	lowered := unix.Rlimit{Cur: bytes, Max: limit.Max}
	var set, old unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGXFSZ - 1)
	t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old)))
	t.Must(os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_FSIZE, &lowered)))
	defer func() {
		t.Must(os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)))
		var none unix.Timespec
		_, _, _ = unix.Syscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), 0, uintptr(unsafe.Pointer(&none)), signalSetBytes, 0, 0)
		t.Must(os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)))
	}()
	do()
}

// Unprivileged takes from this thread, which ends with the check, whatever capabilities it has: root is not held to limits.
func (t *T) Unprivileged() {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	t.Must(os.NewSyscallError("capget", unix.Capget(&header, &data[0])))
	for i := range data {
		data[i].Effective = 0
	}
	t.Must(os.NewSyscallError("capset", unix.Capset(&header, &data[0])))
}
