package spec

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/interrupt"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/payload"
)

// DeliverInterrupted moves the range into a sink that nobody reads, and sends the method that many signals while it waits
// there. Then a reader checks every byte. It returns how many signals came, and as the third result what was wrong with
// the bytes or their count.
func (t Transfer) DeliverInterrupted(signals int) (outcome *agent.Outcome, came int, wrong, err error) {
	into, err := t.open()
	if err != nil {
		return nil, 0, nil, err
	}
	defer into.close()
	var checkers []*payload.Checker
	for _, each := range into.all() {
		if err := each.Narrow(); err != nil {
			return nil, 0, nil, err
		}
		checkers = append(checkers, t.Source.Payload.Checker(t.Offset, t.Length))
	}
	deadline := time.Now().Add(agent.Patience())
	var interrupting error
	var drained func() error
	ask := t.ask(into)
	ask.Meanwhile = func(pid, mover int, over <-chan struct{}) {
		for came < signals && interrupting == nil {
			var waits bool
			if waits, interrupting = awaitAsleep(pid, mover, over); !waits {
				break
			}
			if interrupting = interruptOnce(pid, mover, over); interrupting == nil {
				came++
			}
		}
		drained = into.drain(func(i int) io.Writer { return checkers[i] }, func() int64 { return 0 }, deadline.Add(10*time.Second))
	}
	outcome, err = world.transfer(ask)
	finished := into.finish()
	if drained != nil {
		finished = errors.Join(finished, drained())
	}
	if err = cmp.Or(err, finished, interrupting); err != nil {
		return outcome, came, nil, err
	}
	for _, checker := range checkers {
		wrong = cmp.Or(wrong, checker.Err())
	}
	if wrong == nil && outcome.Err() == nil && outcome.Moved != t.Length {
		wrong = fmt.Errorf("the method reports %d bytes, the sink received %d", outcome.Moved, checkers[0].Received())
	}
	return outcome, came, wrong, nil
}

// runtimePatience is how long Go's runtime may hold a thread up that comes back from a call, before it is taken for one
// that waits by the runtime itself, as those of the library do.
const runtimePatience = 20 * time.Millisecond

// awaitAsleep waits until a thread sleeps in the middle of its transfer, the only time that it lets the signal in; false
// where that is over, or the thread gone. A thread that the runtime holds up has no call that a signal could interrupt.
func awaitAsleep(pid, tid int, over <-chan struct{}) (asleep bool, err error) {
	var held time.Time
	for !closed(over) {
		blocked, err := statusOf(pid, tid, "SigBlk")
		if err != nil {
			return false, err
		}
		state, err := statusOf(pid, tid, "State")
		if err != nil || strings.HasPrefix(state, "Z") {
			return false, err
		}
		if !hasSignal(blocked) && strings.HasPrefix(state, "S") {
			if !strings.HasPrefix(agent.Whereabouts(pid, tid), "futex") {
				return true, nil
			}
			if held.IsZero() {
				held = time.Now()
			}
			if time.Since(held) > runtimePatience {
				return true, nil
			}
		} else {
			held = time.Time{}
		}
		// Nobody tells of a thread that falls asleep.
		time.Sleep(100 * time.Microsecond)
	}
	return false, nil
}

// hasSignal says whether a set of signals, as /proc has it, holds the one that interrupts.
func hasSignal(set string) bool {
	mask, err := strconv.ParseUint(set, 16, 64)
	return err == nil && mask&(1<<(interrupt.Signal-1)) != 0
}

// interruptOnce sends a thread the signal, and waits until it has come.
func interruptOnce(pid, tid int, over <-chan struct{}) error {
	if err := unix.Tgkill(pid, tid, interrupt.Signal); err != nil && err != unix.ESRCH {
		return os.NewSyscallError("tgkill", err)
	}
	for !closed(over) {
		pending, err := statusOf(pid, tid, "SigPnd")
		if err != nil {
			return err
		}
		if !hasSignal(pending) {
			return nil
		}
		time.Sleep(100 * time.Microsecond)
	}
	return nil
}

func closed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// statusOf is one line of a thread's status (proc_pid_status(5)). Of one that is gone its state is that of a zombie.
func statusOf(pid, tid int, name string) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return map[string]string{"State": "Z"}[name], kernel.Proc()
	}
	if err != nil {
		return "", &kernel.Unavailable{What: "the state of a thread", Why: err.Error(), Remedy: "mount the whole of proc on /proc"}
	}
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, name+":"); is {
			return strings.TrimSpace(value), nil
		}
	}
	return "", &kernel.Unavailable{What: "the state of a thread", Why: "its status has no " + name, Remedy: "mount the whole of proc on /proc"}
}
