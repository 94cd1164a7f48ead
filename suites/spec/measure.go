package spec

import (
	"errors"
	"math"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/suites/ledger"
)

// Measure runs one transfer with all meters on and the aliasing probe behind it, and returns the ledger row:
// every cell of it comes from this one transfer. Cold says whether the source was chilled before.
func (t Transfer) Measure(cold bool) (*ledger.Row, *agent.Outcome, error) {
	t.Meter, t.Trace = true, true
	var sentBefore uint64
	if t.Sink.Network {
		pair, err := world.Pair()
		if err != nil {
			return nil, nil, err
		}
		counters, err := pair.Counters()
		if err != nil {
			return nil, nil, err
		}
		sentBefore = uint64(counters.TransmittedBytes)
	}
	outcome, pages, err := t.Probe()
	if err != nil {
		return nil, outcome, err
	}
	if err := outcome.Err(); err != nil {
		return nil, outcome, err
	}
	if outcome.TraceMissing != nil {
		return nil, outcome, outcome.TraceMissing
	}
	if outcome.Cost == nil {
		return nil, outcome, errors.New("the trace is missing without a reason")
	}
	row := &ledger.Row{
		Method: t.Method.Name, Sink: t.Sink.Name, Filesystem: t.Source.Filesystem, Cold: cold, Bytes: t.Length,
		Calls: outcome.Cost.Calls, TeardownCalls: outcome.Cost.Teardown,
		MinorFaults: outcome.Cost.MinorFaults, MajorFaults: outcome.Cost.MajorFaults,
		VoluntarySwitches: outcome.Usage.VoluntarySwitches, InvoluntarySwitches: outcome.Usage.InvoluntarySwitches,
		Aliasing: pages.Sharing(),
	}
	for _, n := range row.Calls {
		row.ModeSwitches += 2 * n
	}
	t.copies(row, outcome, pages.CopiedShare())
	return row, outcome, t.dma(row, outcome, sentBefore)
}

// copies counts how often the CPU copied each byte, and names the copies.
func (t Transfer) copies(row *ledger.Row, outcome *agent.Outcome, copiedShare float64) {
	cost := outcome.Cost
	share := func(bytes int64) float64 { return math.Round(100*float64(bytes)/float64(t.Length)) / 100 }
	row.UserCopies = share(cost.BytesIntoUser) + share(cost.BytesFromUser)
	if row.UserCopies == 0 {
		// Where bytes crossed the user boundary, that copy explains the probe's answer.
		row.KernelCopies = math.Round(100*copiedShare) / 100
	}
	row.CPUCopies = row.UserCopies + row.KernelCopies
	if cost.BytesIntoUser > 0 {
		row.Which = append(row.Which, "page cache → user buffer")
	}
	if cost.BytesFromUser > cost.BytesFromMapping {
		row.Which = append(row.Which, "user buffer → socket buffer")
	}
	if cost.BytesFromMapping > 0 || row.KernelCopies > 0 {
		row.Which = append(row.Which, "page cache → socket buffer")
	}
}

// dma counts the transfers that no CPU made: in from the disk, out to the device.
func (t Transfer) dma(row *ledger.Row, outcome *agent.Outcome, sentBefore uint64) error {
	transfers := 0
	if outcome.IO != nil {
		row.DMAInBytes = &outcome.IO.ReadBytes
		if outcome.IO.ReadBytes >= t.Length {
			transfers++
		}
	}
	if t.Sink.Network {
		pair, err := world.Pair()
		if err != nil {
			return err
		}
		counters, err := pair.Counters()
		if err != nil {
			return err
		}
		gathers := t.Sink.ScatterGather
		row.ScatterGather = &gathers
		sent := int64(uint64(counters.TransmittedBytes) - sentBefore)
		row.DMAOutBytes = &sent
		if sent >= t.Length {
			transfers++
		}
	}
	if row.DMAInBytes != nil && row.DMAOutBytes != nil {
		row.DMATransfers = &transfers
	}
	return nil
}
