package contract

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/interrupt"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/meter"
)

// Pending is a call under way on a thread of its own.
type Pending struct {
	t    *T
	call string
	tid  int
	done chan Result
	// result is what came out, once it has.
	result *Result
}

// Start makes a call on a thread of its own. A check must not end before it: give it what it waits for, or take away
// what it works on.
func (t *T) Start(call string, work func() Result) *Pending {
	p := &Pending{t: t, call: call, done: make(chan Result, 1)}
	started := make(chan int)
	go func() {
		// The thread ends with the call, and takes along what was changed of it.
		runtime.LockOSThread()
		started <- unix.Gettid()
		p.done <- work()
	}()
	p.tid = <-started
	return p
}

// stepPatience is how long a check waits for one thing; the whole of it has longer.
var stepPatience = patience / 2

// Waits holds the call to wait: its thread sleeps in the system call, as /proc tells. A call that returns does not.
func (p *Pending) Waits() {
	p.t.finding.Answers++
	for deadline := time.Now().Add(stepPatience); ; {
		select {
		case r := <-p.done:
			p.result = &r
			p.t.Deviates(p.call+" waits", r.String())
		default:
		}
		where, asleep, err := p.whereabouts()
		if err != nil {
			p.release()
			p.t.Spend()
			p.t.Must(&kernel.Unavailable{What: "which call a thread waits in", Why: err.Error(), Remedy: "mount /proc, with /proc/PID/syscall (CONFIG_HAVE_ARCH_TRACEHOOK)"})
		}
		if asleep && where == p.call {
			return
		}
		if time.Now().After(deadline) {
			p.t.Spend()
			p.t.Deviates(p.call+" waits", "its thread does not sleep there, but is in "+where)
		}
		runtime.Gosched()
	}
}

// release has the call end by a signal, for a check that cannot go on. To close what it works on would not do: who waits
// for a stream holds the lock of the pipe, and close(2) waits for that.
func (p *Pending) release() {
	if interrupt.Handle() != nil {
		return
	}
	for deadline := time.Now().Add(stepPatience); p.underWay() && time.Now().Before(deadline); {
		_ = unix.Tgkill(os.Getpid(), p.tid, interrupt.Signal)
	}
}

// whereabouts names the call that the thread is in, and says whether it sleeps there: it is looked at before the
// thread's state and after, as one that is about to sleep still runs.
func (p *Pending) whereabouts() (call string, asleep bool, err error) {
	before, err := p.inCall()
	if err != nil {
		return "", false, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", p.tid))
	if os.IsNotExist(err) {
		// It has just ended: its result is there.
		return "no call", false, nil
	}
	after, afterErr := p.inCall()
	if afterErr != nil {
		return "", false, afterErr
	}
	return after, err == nil && before == after && strings.Contains(string(stat), ") S "), nil
}

func (p *Pending) inCall() (string, error) {
	// Its own is there wherever any is: one that is not there any more is a thread that has ended.
	if _, err := os.ReadFile("/proc/thread-self/syscall"); err != nil {
		return "", err
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/syscall", p.tid))
	if err != nil {
		return "no call", nil
	}
	var number uint64
	if _, err := fmt.Sscan(string(text), &number); err != nil {
		return "no call", nil
	}
	return meter.SyscallName(number), nil
}

// Result waits for the call to return. One that does not is a finding.
func (p *Pending) Result() Result {
	if p.result != nil {
		return *p.result
	}
	select {
	case r := <-p.done:
		p.result = &r
		return r
	case <-time.After(stepPatience):
		where, _, err := p.whereabouts()
		if err != nil {
			where = "a call that cannot be told: " + err.Error()
		}
		p.t.Spend()
		p.t.Deviates(p.call+" returns", "it hangs, in "+where)
	}
	return Result{}
}
