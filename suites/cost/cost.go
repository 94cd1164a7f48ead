// Package cost asks how many system calls and page faults a transfer takes: exactly the calls that the method
// claims for each chunk, by name, by two meters that know nothing of each other.
package cost

import (
	"errors"
	"fmt"
	"maps"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/meter"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var (
	claimed   = spec.Require(spec.Requirement{ID: "COST-CALLS", Text: "each chunk costs exactly the system calls that the method claims, by name", Source: "the method's claim", Since: "2.6.33"})
	counted   = spec.Require(spec.Requirement{ID: "COST-ACCOUNTING", Text: "the io accounting of the thread moves by exactly the calls that it made", Source: "proc_pid_io(5)", Since: "2.6.33"})
	populated = spec.Require(spec.Requirement{ID: "COST-POPULATED", Text: "who takes a source from a mapping that was populated takes no page fault", Source: "mmap(2): MAP_POPULATE", Since: "2.6.33"})
	faulted   = spec.Require(spec.Requirement{ID: "COST-FAULTS", Text: "a source that is mapped anew for each chunk costs a page fault for each at least, in the calls that take it from there: a mapping is not the page cache's pages before they are touched", Source: "mmap(2): MAP_POPULATE", Since: "2.6.33"})
)

// traced: the calls of a method are seen by a trace, or not at all.
var traced = ginkgo.Label(spec.Trace)

// chunks are how many chunks a source is moved in: the claim is for each. That it holds for many of them is a question
// to the method, and not to each source.
func chunks(on spec.On) []int {
	if on.FirstSource || spec.SlowWanted() {
		return []int{1, 2, 16}
	}
	return []int{1, 2}
}

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("cost", func() {
		for _, on := range spec.Files() {
			spec.It(claimed, "cost", on, func(c *spec.Case) { each(c, on, calls) }, traced)
			spec.It(counted, "cost", on, func(c *spec.Case) { each(c, on, accounting) }, traced)
			if on.Method.Claim.Populates && touched(on) {
				spec.It(populated, "cost", on, func(c *spec.Case) { each(c, on, faultless) }, traced)
			}
			if on.Method.Claim.Faults > 0 && touched(on) {
				spec.It(faulted, "cost", on, func(c *spec.Case) { each(c, on, faults) }, traced)
			}
		}
	})
}

// touched says whether the pages that a method has mapped are touched so that a fault is counted. What is written to a
// sink that swallows it never is. And kernel TLS pins what it encrypts: of huge pages 6.1 counts no fault then.
func touched(on spec.On) bool {
	return !on.Sink.Swallows && !(on.Sink.Class == impl.TLS && on.Source.Class == impl.HugeFile)
}

// run is one traced transfer and what became of it.
type run struct {
	transfer spec.Transfer
	outcome  *agent.Outcome
	wrong    error // what was wrong with the bytes
	unheld   error // why the source could not be kept in memory, for a method whose claim is for one that is
	where    string
}

// places holds the runs of each place: several requirements are judged by the same transfers.
var places spec.Once[[]run]

// each judges a transfer in one chunk, one in two and one in many.
func each(c *spec.Case, on spec.On, judge func(*spec.Case, spec.On, run)) {
	runs, err := places.At(on, func() ([]run, error) { return transfers(on) })
	for _, r := range runs {
		c.Moved(r.outcome, r.where)
		c.Check(r.outcome.TraceMissing, r.where)
		if r.wrong != nil {
			c.Deviates("the bytes of the range", r.wrong.Error(), r.where)
		}
		c.Transfers++
		judge(c, on, r)
	}
	c.Check(err, fmt.Sprintf("%v chunks", chunks(on)))
}

func transfers(on spec.On) (runs []run, err error) {
	for _, n := range chunks(on) {
		t := spec.Transfer{Method: on.Method, Sink: on.Sink, Trace: true}
		t.Length = int64(n) * t.OneChunk()
		if on.Sink.Lossy && t.Length > on.Sink.QueueBytes {
			// A sink that drops what waits too long would lose bytes to a busy reader, not to the method.
			break
		}
		if on.Sink.MessageBytes > 0 && t.Length > on.Sink.MessageBytes {
			break
		}
		if t.Source, err = on.Source.Open(spec.RoundUp(on.Source, t.Length)); err != nil {
			return runs, err
		}
		r := run{transfer: t, where: fmt.Sprintf("%d bytes in %d chunks of %d on %s", t.Length, n, t.OneChunk(), t.Source.Filesystem)}
		letGo := func() error { return nil }
		if on.Method.Claim.Resident {
			letGo, r.unheld = hold(t.Source)
		}
		r.outcome, r.wrong, err = t.Deliver()
		if err = errors.Join(err, letGo(), t.Source.Close()); err != nil {
			return runs, fmt.Errorf("%s: %w", r.where, err)
		}
		runs = append(runs, r)
		if r.outcome.Err() != nil {
			// It would fail again, or hang for as long.
			break
		}
	}
	return runs, nil
}

// hold keeps a source in memory: what the kernel has paged out meanwhile would cost a call more.
func hold(file *source.File) (letGo func() error, err error) {
	if letGo, err = file.Hold(); err != nil {
		letGo = func() error { return nil }
	}
	return letGo, err
}

func calls(c *spec.Case, on spec.On, r run) {
	c.Check(r.unheld, r.where)
	t, o := r.transfer, r.outcome
	claim := on.Method.Claim
	owed, teardown := times(claim.Calls, t.Chunks()), times(claim.Teardown, t.Chunks())
	seen := maps.Clone(o.Cost.Calls)
	for _, name := range claim.Waits {
		if seen[name] == 0 {
			c.Deviates(name+" once at least", fmt.Sprintf("calls %v", o.Cost.Calls), r.where)
		}
		// How often it waited is for who feeds or drains it to say.
		delete(seen, name)
	}
	if !maps.Equal(owed, seen) || !maps.Equal(teardown, o.Cost.Teardown) {
		if why := kernel.PipeHolds(int(min(t.OneChunk(), spec.OneChunkBytes))); claim.Piped && why != nil {
			c.CannotCheck(why)
		}
		c.Deviates(fmt.Sprintf("calls %v%s, teardown %v", owed, waits(claim.Waits), teardown), fmt.Sprintf("calls %v, teardown %v", o.Cost.Calls, o.Cost.Teardown), r.where)
	}
}

func waits(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" and %v as often as it takes", names)
}

func times(perChunk map[string]int, chunks int) map[string]int {
	all := map[string]int{}
	for name, n := range perChunk {
		all[name] = n * chunks
	}
	return all
}

func accounting(c *spec.Case, on spec.On, r run) {
	o := r.outcome
	c.Check(o.IOMissing, r.where)
	if o.IO.ReadCalls != o.Cost.ReadCalls || o.IO.WriteCalls != o.Cost.WriteCalls {
		c.Deviates(fmt.Sprintf("syscr %d, syscw %d, as traced: %v and %v", o.Cost.ReadCalls, o.Cost.WriteCalls, o.Cost.Calls, o.Cost.Others),
			fmt.Sprintf("syscr %d, syscw %d", o.IO.ReadCalls, o.IO.WriteCalls), r.where)
	}
}

func faults(c *spec.Case, on spec.On, r run) {
	c.Check(r.outcome.FaultsMissing, r.where)
	owed := int64(on.Method.Claim.Faults * r.transfer.Chunks())
	if seen := faultsOfUse(r.outcome.Trace, on.Method.Claim); seen < owed {
		c.Deviates(fmt.Sprintf("%d page faults at least", owed), fmt.Sprint(seen), r.where)
	}
}

func faultless(c *spec.Case, on spec.On, r run) {
	c.Check(r.outcome.FaultsMissing, r.where)
	if seen := faultsOfUse(r.outcome.Trace, on.Method.Claim); seen > 0 {
		c.Deviates("no page fault", fmt.Sprint(seen), r.where)
	}
}

// faultsOfUse are the page faults in those calls of a method that use a mapping, not in the one that makes it: there
// they are MAP_POPULATE's.
func faultsOfUse(trace *meter.Trace, claim impl.Claim) (faults int64) {
	for _, call := range trace.Calls {
		if call.Name != "mmap" && claim.Calls[call.Name] > 0 {
			faults += call.MinorFaults + call.MajorFaults
		}
	}
	return faults
}
