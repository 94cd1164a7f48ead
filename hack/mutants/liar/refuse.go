package liar

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Refuse has the kernel itself refuse these calls with an error, to this process and those that it starts, for good
// (seccomp(2)). It takes no tracer: a process that somebody else traces can be lied to so.
func Refuse(errno unix.Errno, numbers ...uintptr) error {
	// struct seccomp_data begins with the call's number.
	program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}}
	for i, number := range numbers {
		program = append(program, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(number), Jt: uint8(len(numbers) - i)})
	}
	program = append(program,
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
	)
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	// Without it only root may.
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("liar: %w", os.NewSyscallError("prctl", err))
	}
	// A thread that was there before gets it as well.
	other, _, errnoOf := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&filter)))
	if errnoOf != 0 {
		return fmt.Errorf("liar: %w", os.NewSyscallError("seccomp", errnoOf))
	}
	if other != 0 {
		return fmt.Errorf("liar: seccomp: thread %d has a filter of its own", other)
	}
	return nil
}
