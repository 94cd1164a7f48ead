package spec

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
)

// DeliverSlowly moves the range into a narrow, non-blocking sink whose reader fetches at most readBytes each time that
// the method has found it full. It returns how often that was, and as the third result what was wrong with the
// bytes or the counts.
func (t Transfer) DeliverSlowly(readBytes int) (last *agent.Outcome, full int, wrong, err error) {
	into, err := t.open()
	if err != nil {
		return nil, 0, nil, err
	}
	defer into.close()
	open := into.first
	if err := errors.Join(open.SetNonblocking(), open.Narrow()); err != nil {
		return nil, 0, nil, err
	}
	checker := t.Source.Payload.Checker(t.Offset, t.Length)
	deadline := time.Now().Add(agent.Patience())
	rest := t
	for {
		last, err = world.transfer(rest.ask(into))
		if err != nil || last.Moved < 0 {
			return last, full, nil, err
		}
		rest.Offset += last.Moved
		rest.Length -= last.Moved
		if last.Errno == 0 || last.Errno != unix.EAGAIN && !t.waitsForMemory(last.Errno) {
			break
		}
		if time.Now().After(deadline) {
			return last, full, nil, fmt.Errorf("%d bytes are still unsent, the last attempt ended with %v: %w", rest.Length, last.Errno, os.ErrDeadlineExceeded)
		}
		if last.Errno != unix.EAGAIN {
			time.Sleep(time.Millisecond)
			continue
		}
		full++
		if _, err := open.ReadUpTo(readBytes, checker); err != nil {
			return last, full, nil, err
		}
		if checker.Received() > t.Length {
			// It repeats what the sink has taken, and might do so for ever.
			return last, full, checker.Err(), nil
		}
	}
	if err := open.Finish(); err != nil {
		return last, full, nil, err
	}
	if err := open.Drain(checker, func() int64 { return 0 }, deadline); err != nil {
		return last, full, nil, err
	}
	if rest.Length != 0 {
		return last, full, fmt.Errorf("the method's counts add up to %d of %d bytes", t.Length-rest.Length, t.Length), nil
	}
	return last, full, checker.Err(), nil
}

// waitsForMemory: it is the error of one who has lent the kernel as much memory as a user may, though that is enough for
// the method. What was lent by a ring that is closed comes back when the kernel has taken that ring apart, which it does
// later, and here each turn has a ring of its own.
func (t Transfer) waitsForMemory(errno unix.Errno) bool {
	return (errno == unix.ENOMEM || errno == unix.ENOBUFS) && t.Method.Claim.LocksBytes > 0 &&
		kernel.LockableBytes() < kernel.AnyNumber && kernel.MayLock(t.Method.Claim.LocksBytes) == nil
}
