package spec

import (
	"errors"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/holdings"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// Left is how a transfer has left its ends, of which nobody has read yet.
type Left struct {
	Outcome *agent.Outcome
	// Source and Sink are how they were set before, and after.
	Source [2]source.Settings
	Sink   [2]sink.Settings
	// WaitingErrors is how many messages were on the error queue of a sink that is a socket, and Refused the error by which it
	// takes no more.
	WaitingErrors int
	Refused       error
}

// Leave moves the range, which must fit into the sink unread, and looks at its ends before and after.
func (t Transfer) Leave() (left *Left, err error) {
	into, err := t.open()
	if err != nil {
		return nil, err
	}
	defer into.close()
	left = &Left{}
	look := func(at int) (err error) {
		var failed error
		left.Source[at], err = t.Source.Settings()
		left.Sink[at], failed = into.first.Settings()
		return errors.Join(err, failed)
	}
	if err := look(0); err != nil {
		return nil, err
	}
	left.Outcome, err = world.transfer(t.ask(into))
	if err != nil || left.Outcome.Err() != nil {
		return left, err
	}
	if err := look(1); err != nil {
		return left, err
	}
	if impl.Sockets.Has(t.Sink.Class) {
		left.WaitingErrors, left.Refused = into.first.WaitingErrors(), into.first.TakesMore()
	}
	return left, nil
}

// Behind is what transfers have left in the process that did them.
type Behind struct {
	Outcome *agent.Outcome
	// Changes are what that process has more, or less, than before one of them. Threads are how many more it has than
	// before all of them.
	Changes []string
	Threads int
}

// Repeat moves the range several times, and looks at the process that does it. The first time does not count: what a
// runtime needs is there then.
func (t Transfer) Repeat(times int) (*Behind, error) {
	if outcome, _, err := t.Deliver(); err != nil || outcome.Err() != nil {
		return &Behind{Outcome: outcome}, err
	}
	before, err := world.holdings()
	if err != nil {
		return nil, err
	}
	b := &Behind{}
	for range times {
		if b.Outcome, _, err = t.Deliver(); err != nil || b.Outcome.Err() != nil {
			return b, err
		}
	}
	for deadline := time.Now().Add(threadPatience); ; time.Sleep(time.Millisecond) {
		after, err := world.holdings()
		if err != nil {
			return nil, err
		}
		b.Changes, b.Threads = after.Changes(before), after.Threads-before.Threads
		if b.Threads < times/2 || time.Now().After(deadline) {
			return b, nil
		}
		// A thread that ends is there a little longer than its transfer: nobody tells of its end.
	}
}

// threadPatience is how long the threads of transfers that have ended may take to end.
const threadPatience = 2 * time.Second

// holdings are what the process has that does the transfers.
func (w *World) holdings() (holdings.Holdings, error) {
	its, err := holdings.Of(w.Agent.PID())
	if err != nil {
		return its, &kernel.Unavailable{What: "what a process holds", Why: err.Error(), Remedy: "mount the whole of proc on /proc"}
	}
	return its, nil
}
