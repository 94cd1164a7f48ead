package liar

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/meter"
)

// thread is one of the process's.
type thread struct {
	tracer *tracer
	tid    int
	// call is the one that it is in, nil where there is no rule for it.
	call *Call
	// again is the call that is made a second time, from its first exit until its second.
	again *Call
}

// atSyscall is the signal of a stop at a system call (PTRACE_O_TRACESYSGOOD).
const atSyscall = unix.SIGTRAP | 0x80

// stopped is what a thread's stop is answered with: it is let go to the next.
func (t *thread) stopped(status unix.WaitStatus) error {
	event, signal := int(status)>>16, status.StopSignal()
	switch {
	case event == unix.PTRACE_EVENT_STOP && signal != unix.SIGTRAP:
		// The whole process was stopped (SIGSTOP), and stays so until it is told to go on.
		_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_LISTEN, uintptr(t.tid), 0, 0, 0, 0)
		return request("PTRACE_LISTEN", errno)
	case event != 0:
		return t.goOn(0)
	case signal == atSyscall:
		stays, err := t.atSyscall()
		if stays || err != nil {
			return err
		}
		return t.goOn(0)
	}
	return t.goOn(int(signal))
}

func (t *thread) goOn(signal int) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SYSCALL, uintptr(t.tid), 0, uintptr(signal), 0, 0)
	return request("PTRACE_SYSCALL", errno)
}

func request(name string, errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", name, errno)
}

// atSyscall has the rules asked at a call's entry and at its exit. It says whether the thread stays where it is.
func (t *thread) atSyscall() (stays bool, err error) {
	stop, err := meter.SyscallStopOf(t.tid)
	if err != nil {
		return false, fmt.Errorf("PTRACE_GET_SYSCALL_INFO: %w", err)
	}
	switch {
	case stop.Entry():
		return false, t.entry(&stop)
	case stop.Exit() && t.call != nil:
		return t.exit(&stop)
	}
	return false, nil
}

func (t *thread) entry(stop *meter.SyscallStop) error {
	t.call = nil
	if t.again != nil {
		// A handler of a signal may come in between, with calls of its own: they are told nothing.
		if uintptr(stop.Number()) == t.again.Number {
			t.call = t.again
		}
		return nil
	}
	number := uintptr(stop.Number())
	rules := t.tracer.rules[number]
	if len(rules) == 0 {
		return nil
	}
	c := &Call{Number: number, Arguments: stop.Arguments(), own: stop.Arguments(), thread: t, rules: rules}
	t.call = c
	for _, rule := range rules {
		if rule.Entry != nil && !c.set.answered {
			rule.Entry(c)
		}
	}
	switch {
	case c.set.answered:
		// No call has that number: the kernel does nothing. Its answer is given at the exit.
		return change(t.tid, func(r *registers) { r.setNumber(noCall) })
	case c.set.arguments:
		return change(t.tid, func(r *registers) { r.setNumber(c.Number); r.setArguments(c.Arguments) })
	}
	return nil
}

// noCall is the number of no system call.
const noCall = ^uintptr(0)

func (t *thread) exit(stop *meter.SyscallStop) (stays bool, err error) {
	c := t.call
	t.call = nil
	if t.again != nil {
		t.again = nil
		return false, change(t.tid, func(r *registers) { r.setResult(c.answer()) })
	}
	if !c.set.answered {
		c.Result, c.Errno = stop.Result()
		if interrupted[c.Errno] {
			c.Errno = unix.EINTR
		}
		for _, rule := range c.rules {
			if rule.Exit != nil {
				rule.Exit(c)
			}
		}
	}
	if c.set.never {
		return true, nil
	}
	if !c.set.answered && !c.set.arguments && !c.set.again {
		return false, nil
	}
	return false, change(t.tid, func(r *registers) {
		if c.set.arguments {
			r.setArguments(c.own)
		}
		switch {
		case c.set.again:
			t.again = c
			r.repeat(c.Number)
		case c.set.answered:
			r.setResult(c.answer())
		}
	})
}

// answer is what the register of a call's result holds.
func (c *Call) answer() int64 {
	if c.Errno != 0 {
		return -int64(c.Errno)
	}
	return c.Result
}

// interrupted are what the kernel's own code says of a call that a signal has ended, before it is decided whether the
// call is restarted (ERESTARTSYS and its neighbours of linux/errno.h).
var interrupted = map[unix.Errno]bool{512: true, 513: true, 514: true, 516: true}
