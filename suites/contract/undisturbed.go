package contract

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
)

// Undisturbed keeps signals that mean nothing off the check's own thread, which ends with the check. A transfer that finds
// any signal pending ends with a short count, as it may: what is asserted of a whole one would fail once in a long while.
func (t *T) Undisturbed() { t.Must(blockMeaningless()) }

// meaningless are the signals that nobody need notice: Go's runtime preempts threads by SIGURG, SIGCHLD comes of any
// child, SIGWINCH to all of a terminal's foreground when its size changes, SIGCONT when they go on. Go's runtime handles
// the first three, and so they interrupt calls.
var meaningless = func() (set unix.Sigset_t) {
	for _, signal := range []unix.Signal{unix.SIGURG, unix.SIGCHLD, unix.SIGWINCH, unix.SIGCONT} {
		set.Val[0] |= 1 << (signal - 1)
	}
	return set
}()

func blockMeaningless() error {
	set := meaningless
	return os.NewSyscallError("rt_sigprocmask", unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

// StartUndisturbed is Start, for a call whose whole result is asserted.
func (t *T) StartUndisturbed(call string, work func() Result) *Pending {
	return t.Start(call, func() Result {
		if err := blockMeaningless(); err != nil {
			return made("rt_sigprocmask", -1, unix.EINVAL)
		}
		return work()
	})
}

// AtOnce holds the call to return without a wait, and gives its result. A thread that is seen asleep in it is a
// finding, so that nobody has to wait for a wait to become too long.
func (p *Pending) AtOnce() Result {
	p.t.finding.Answers++
	for deadline := time.Now().Add(stepPatience); time.Now().Before(deadline); runtime.Gosched() {
		select {
		case r := <-p.done:
			p.result = &r
			return r
		default:
		}
		where, asleep, err := p.whereabouts()
		if err != nil {
			// It cannot be told: Result ends the wait.
			break
		}
		if asleep && where == p.call {
			p.t.Spend()
			p.t.Deviates(p.call+" returns at once", "it waits")
		}
	}
	return p.Result()
}

// Receive reads a number of bytes from a sink, as they come.
func (t *T) Receive(open *sink.Sink, owed int64) []byte {
	var got bytes.Buffer
	for deadline := time.Now().Add(stepPatience); int64(got.Len()) < owed; {
		n, err := open.ReadUpTo(int(min(owed-int64(got.Len()), 64<<10)), &got)
		t.Must(err)
		if n > 0 {
			continue
		}
		left := time.Until(deadline)
		if left <= 0 {
			t.Deviates(fmt.Sprintf("%d bytes arrive", owed), fmt.Sprintf("%d do", got.Len()))
		}
		t.await(open.Receiving(), unix.POLLIN, left)
	}
	return got.Bytes()
}

// Rest finishes a sink and reads what is left in it, to the end.
func (t *T) Rest(open *sink.Sink) []byte {
	t.Must(open.Finish())
	var got bytes.Buffer
	t.Must(open.Drain(&got, func() int64 { return 0 }, time.Now().Add(stepPatience)))
	return got.Bytes()
}

// Narrow gives a socket a small buffer for what it has to send, so that it is full soon.
func (t *T) Narrow(fd int) {
	err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 64<<10)
	if err != unix.ENOTSOCK {
		t.Must(os.NewSyscallError("setsockopt", err))
	}
}

// Writer is one more descriptor of a file, open for reading and writing, with a position of its own.
func (t *T) Writer(fd int) int { return t.Reopen(fd, unix.O_RDWR) }

// resize gives a file another size.
func (t *T) resize(fd int, size int64) {
	t.Must(os.NewSyscallError("ftruncate", unix.Ftruncate(fd, size)))
}

// contents are a file's bytes, all of them.
func (t *T) contents(fd int) []byte {
	var all []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := unix.Pread(fd, buffer, int64(len(all)))
		t.Must(os.NewSyscallError("pread", err))
		if n == 0 {
			return all
		}
		all = append(all, buffer[:n]...)
	}
}

// hungUp waits until a socket knows that its connection was reset.
func (t *T) hungUp(fd int) {
	if !t.await(fd, 0, stepPatience) {
		t.Must(errors.New("a connection that was reset does not hang up"))
	}
}

// underWay says whether the call has not returned yet, for who does something else meanwhile.
func (p *Pending) underWay() bool {
	if p.result != nil {
		return false
	}
	select {
	case r := <-p.done:
		p.result = &r
		return false
	default:
		runtime.Gosched()
		return true
	}
}
