package liar

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// options: threads that a thread starts are traced from the first, stops at calls are told from others, and a process
// whose tracer ends ends with it, for it must not go on with the truth.
const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL

// tracer lies to one process.
type tracer struct {
	pid, pidfd int
	rules      map[uintptr][]Rule
	threads    map[int]*thread
	err        error
}

// attach seizes all threads of a process. The calling goroutine keeps its thread: a thread is traced by one, not by a
// process.
func attach(pid int, rules []Rule) (*tracer, error) {
	runtime.LockOSThread()
	t := &tracer{pid: pid, rules: map[uintptr][]Rule{}, threads: map[int]*thread{}}
	for _, rule := range rules {
		for _, number := range rule.Calls {
			t.rules[number] = append(t.rules[number], rule)
		}
	}
	var err error
	if t.pidfd, err = unix.PidfdOpen(pid, 0); err != nil {
		return nil, fmt.Errorf("pidfd_open: %w", err)
	}
	// While one is seized another may start a third: once a look finds nothing new, all that start are seized by it.
	for found := true; found; {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return nil, err
		}
		found = false
		for _, entry := range entries {
			tid, err := strconv.Atoi(entry.Name())
			if err != nil || t.threads[tid] != nil {
				continue
			}
			found = true
			if err := t.seize(tid); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *tracer) seize(tid int) error {
	t.threads[tid] = &thread{tracer: t, tid: tid}
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, options, 0, 0)
	switch {
	case errno == unix.ESRCH:
		// It has ended in between.
		return nil
	case errno == unix.EPERM && tracedBy(t.pid, tid) == os.Getpid():
		// Its starter was seized before it came, and it with that one.
		return nil
	case errno != 0:
		return fmt.Errorf("PTRACE_SEIZE: %w", errno)
	}
	// It stops at calls only once it has been let go from a stop.
	if err := unix.PtraceInterrupt(tid); err != nil && err != unix.ESRCH {
		return fmt.Errorf("PTRACE_INTERRUPT: %w", err)
	}
	return nil
}

// tracedBy is the process that traces a thread, 0 where none does or it cannot be told.
func tracedBy(pid, tid int) (by int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, "TracerPid:"); is {
			by, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return by
}

// fail ends the tracer, and its process, as soon as it is done with the stop at hand.
func (t *tracer) fail(err error) { t.err = errors.Join(t.err, err) }

// run lets threads go from stop to stop until all have ended.
func (t *tracer) run() error {
	for t.err == nil {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECHILD:
			return nil
		case err != nil:
			return fmt.Errorf("waiting for threads: %w", err)
		case !status.Stopped():
			delete(t.threads, tid)
			continue
		}
		each := t.threads[tid]
		if each == nil {
			each = &thread{tracer: t, tid: tid}
			t.threads[tid] = each
		}
		if err := each.stopped(status); err != nil && !errors.Is(err, unix.ESRCH) {
			// One that is gone was killed; its end is on its way.
			return err
		}
	}
	return t.err
}
