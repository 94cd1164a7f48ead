// Package liar lies to a process about its system calls: a tracer, a process of its own, stops it at each call's entry
// and exit and rewrites what a rule names, arguments and results, errors, memory and descriptors. The process keeps its
// ID, its descriptors and its parent. It knows no better than that the kernel has answered so.
//
// Tell starts the tracer. It ends with the process that it traces, and that one with it. It holds none of the process's
// descriptors but standard error, where it says what went wrong.
//
// A thread has one tracer: whoever else wants to trace the process is refused (EPERM). Processes that it starts are told
// the truth. Refuse is for a process that somebody else is to trace.
package liar

import "golang.org/x/sys/unix"

// Rule says what becomes of some system calls. Rules are asked in order, each of what the one before has left.
type Rule struct {
	// Calls are numbers of this architecture, unix.SYS_SENDFILE.
	Calls []uintptr
	// Entry comes before the kernel has seen the call, Exit when it has answered. Either may be nil. Both run in the
	// tracer, while all else that the process does waits at its next call: neither may wait for the process.
	Entry, Exit func(*Call)
}

// Call is one system call on its way, the same for its entry and its exit.
type Call struct {
	Number    uintptr
	Arguments [6]uint64
	// Result and Errno are what the kernel has answered, at the exit: one of them. A call that a signal has interrupted
	// has EINTR here, also where the kernel is about to restart it.
	Result int64
	Errno  unix.Errno
	// Note is what a rule keeps from the entry for the exit.
	Note int64

	thread *thread
	rules  []Rule
	// own are the arguments that the caller has given it, and finds again.
	own [6]uint64
	set changes
}

// changes are what rules have made of a call.
type changes struct{ arguments, answered, again, never bool }

// Argument gives the call another argument, at its entry.
func (c *Call) Argument(index int, value uint64) {
	c.Arguments[index] = value
	c.set.arguments = true
}

// Become makes it another call, with the arguments that it has, at its entry. Its exit is that of the new one.
func (c *Call) Become(number uintptr) {
	c.Number = number
	c.set.arguments = true
}

// Answer gives the caller this result. At the entry the kernel never sees the call, and there is no exit for rules.
func (c *Call) Answer(result int64) {
	c.Result, c.Errno = result, 0
	c.set.answered = true
}

// Refuse answers with an error.
func (c *Call) Refuse(errno unix.Errno) {
	c.Result, c.Errno = -1, errno
	c.set.answered = true
}

// Again has the call made a second time, at its exit. The caller gets the first answer, or the one that it was given.
func (c *Call) Again() { c.set.again = true }

// Never lets the call not return, at its exit: its thread stands still until its process is killed.
func (c *Call) Never() { c.set.never = true }

// Descriptor is an argument that is one.
func (c *Call) Descriptor(index int) int { return int(int32(c.Arguments[index])) }
