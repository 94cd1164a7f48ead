package bench

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clock measures how long this process and another one, the agent, were on a processor. It asks from outside, so
// that it costs the agent nothing, and has a resolution of nanoseconds, where /proc/<pid>/stat has one of ticks.
// Work that the kernel does on no process's behalf, such as a kernel thread's, is on neither clock.
type clock struct {
	pid   int
	began time.Duration
	err   error
}

// startClock begins to measure this process and that one; a pid of 0 stands for none.
func startClock(pid int) *clock {
	began, err := processorTime(os.Getpid(), pid)
	return &clock{pid: pid, began: began, err: err}
}

// stop is how long both have run since. The error says why it cannot be told.
func (c *clock) stop() (time.Duration, error) {
	now, err := processorTime(os.Getpid(), c.pid)
	return now - c.began, errors.Join(c.err, err)
}

// processorTime adds up how long the processes have been on a processor since each began.
func processorTime(pids ...int) (all time.Duration, err error) {
	for _, pid := range pids {
		if pid == 0 {
			continue
		}
		var time unix.Timespec
		if err := unix.ClockGettime(processClock(pid), &time); err != nil {
			return 0, os.NewSyscallError("clock_gettime", err)
		}
		all += nanoseconds(time)
	}
	return all, nil
}

func nanoseconds(t unix.Timespec) time.Duration { return time.Duration(unix.TimespecToNsec(t)) }

// processClock is the clock of another process's processor time, as clock_getcpuclockid(3) makes it: the kernel's
// MAKE_PROCESS_CPUCLOCK (linux/posix-timers_types.h) of CPUCLOCK_SCHED.
func processClock(pid int) int32 {
	const sched = 2
	return ^int32(pid)<<3 | sched
}
