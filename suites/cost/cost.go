// Package cost asks how many system calls a transfer takes: exactly those that the method claims for each
// chunk, by name, by two meters that know nothing of each other.
package cost

import (
	"fmt"
	"maps"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/suites/spec"
)

var (
	claimed = spec.Requirement{ID: "COST-CALLS", Text: "each chunk costs exactly the system calls that the method claims, by name", Source: "the method's claim", Since: "2.6.33"}
	counted = spec.Requirement{ID: "COST-ACCOUNTING", Text: "the io accounting of the thread moves by exactly the calls that it made", Source: "proc_pid_io(5)", Since: "2.6.33"}
)

// chunks are how many chunks a source is moved in: the claim is for each.
var chunks = []int{1, 2, 16}

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("cost", func() {
		for _, method := range spec.Methods() {
			for _, kind := range spec.Sinks() {
				for _, from := range spec.Sources() {
					on := spec.On{Method: method, Sink: kind, Source: from}
					if kind.Datagrams {
						// What one call does with more than a message is the datagram's business: see integrity.
						continue
					}
					spec.It(claimed, "cost", on, func(c *spec.Case) { calls(c, on) })
					spec.It(counted, "cost", on, func(c *spec.Case) { accounting(c, on) })
				}
			}
		}
	})
}

// each runs a metered transfer in one chunk, in two and in many.
func each(c *spec.Case, on spec.On, judge func(spec.Transfer, *agent.Outcome, string)) {
	for _, n := range chunks {
		file := c.Open(on, int64(n)*spec.ChunkBytes)
		transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes, Trace: true}
		outcome, wrong, err := transfer.Deliver()
		c.Check(err)
		c.Check(outcome.TraceMissing)
		where := fmt.Sprintf("%d bytes in %d chunks of %d on %s", file.Bytes, n, spec.ChunkBytes, file.Filesystem)
		c.Moved(outcome, where)
		if wrong != nil {
			c.Deviates("the bytes of the range", wrong.Error(), where)
		}
		c.Transfers++
		judge(transfer, outcome, where)
	}
}

func calls(c *spec.Case, on spec.On) {
	each(c, on, func(t spec.Transfer, o *agent.Outcome, where string) {
		owed, teardown := times(on.Method.Claim.Calls, t.Chunks()), times(on.Method.Claim.Teardown, t.Chunks())
		if !maps.Equal(owed, o.Cost.Calls) || !maps.Equal(teardown, o.Cost.Teardown) {
			c.Deviates(fmt.Sprintf("calls %v, teardown %v", owed, teardown), fmt.Sprintf("calls %v, teardown %v", o.Cost.Calls, o.Cost.Teardown), where)
		}
	})
}

func times(perChunk map[string]int, chunks int) map[string]int {
	all := map[string]int{}
	for name, n := range perChunk {
		all[name] = n * chunks
	}
	return all
}

func accounting(c *spec.Case, on spec.On) {
	each(c, on, func(t spec.Transfer, o *agent.Outcome, where string) {
		c.Check(o.IOMissing)
		if o.IO.ReadCalls != o.Cost.ReadCalls || o.IO.WriteCalls != o.Cost.WriteCalls {
			c.Deviates(fmt.Sprintf("syscr %d, syscw %d, as traced: %v and %v", o.Cost.ReadCalls, o.Cost.WriteCalls, o.Cost.Calls, o.Cost.Others),
				fmt.Sprintf("syscr %d, syscw %d", o.IO.ReadCalls, o.IO.WriteCalls), where)
		}
	})
}
