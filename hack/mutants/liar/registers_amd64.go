package liar

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// supported: which registers hold what of a system call is known here.
const supported = true

// registers are a stopped thread's, as syscall(2) says of x86-64.
type registers struct{ unix.PtraceRegs }

// change has some of a stopped thread's registers changed.
func change(tid int, how func(*registers)) error {
	var r registers
	if err := unix.PtraceGetRegs(tid, &r.PtraceRegs); err != nil {
		return fmt.Errorf("PTRACE_GETREGS: %w", err)
	}
	how(&r)
	if err := unix.PtraceSetRegs(tid, &r.PtraceRegs); err != nil {
		return fmt.Errorf("PTRACE_SETREGS: %w", err)
	}
	return nil
}

func (r *registers) setNumber(number uintptr) { r.Orig_rax = uint64(number) }

func (r *registers) setArguments(a [6]uint64) {
	r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = a[0], a[1], a[2], a[3], a[4], a[5]
}

func (r *registers) setResult(result int64) { r.Rax = uint64(result) }

// instructionBytes is the length of the instruction syscall.
const instructionBytes = 2

// repeat has the thread make the call again that it is at the exit of: its arguments are where they were.
func (r *registers) repeat(number uintptr) {
	r.Rip -= instructionBytes
	r.Rax = uint64(number)
	r.Orig_rax = uint64(noCall)
}
