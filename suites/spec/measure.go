package spec

import (
	"math"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/suites/ledger"
)

// Measurement is one transfer with all meters on and the aliasing probe behind it.
type Measurement struct {
	// Row has a number in each cell whose meter could be had: every one of them comes from this transfer.
	Row ledger.Row
	// Outcome is what became of the transfer, and why a meter is missing.
	Outcome *agent.Outcome
	Pages   aliasing.Pages
	// FillerBytes are the kit's own, which were sent ahead of the range: see probeHeld.
	FillerBytes int64
}

// Measure measures the transfer. Cold says whether the source was chilled before. A method that ended with an
// error has no row: see the outcome.
func (t Transfer) Measure(cold bool) (*Measurement, error) {
	t.Meter, t.Trace = true, true
	sentBefore, err := t.sentBytes()
	if err != nil {
		return nil, err
	}
	m := &Measurement{}
	err = t.probe(m)
	if err != nil || m.Outcome.Err() != nil {
		return m, err
	}
	m.Row = ledger.Row{
		Method: t.Method.Name, Sink: t.Sink.Name, Source: t.Source.Kind.Name, Filesystem: t.Source.Filesystem, Cold: cold, Bytes: t.Length,
		Aliasing: m.Pages.Sharing(),
	}
	if usage := m.Outcome.Usage; usage != nil {
		m.Row.VoluntarySwitches, m.Row.InvoluntarySwitches = &usage.VoluntarySwitches, &usage.InvoluntarySwitches
	}
	if said := m.Outcome.Completions; said != nil {
		m.Row.CompletionsZerocopied, m.Row.CompletionsCopied = &said.Zerocopied, &said.Copied
	}
	m.calls()
	m.copies(t)
	if t.Sink.Network {
		if err := m.device(t, sentBefore); err != nil {
			return m, err
		}
	}
	m.dma(t.Length)
	return m, nil
}

// countPatience is how long a driver may take to count what has arrived already: a small part of how long a transfer may.
var countPatience = agent.Patience() / 10

// device fills in which device has sent the range, and how much that was.
func (m *Measurement) device(t Transfer, sentBefore int64) error {
	pair, err := world.Pair(t.Sink)
	if err != nil {
		return err
	}
	if m.Row.Device, err = pair.Driver(); err != nil {
		return err
	}
	gathers := t.Sink.ScatterGather
	m.Row.ScatterGather = &gathers
	for deadline := time.Now().Add(countPatience); ; {
		late := time.Now().After(deadline)
		sent, err := t.sentBytes()
		if err != nil {
			return err
		}
		sent -= sentBefore + m.FillerBytes
		m.Row.DMAOutBytes = &sent
		if sent >= t.Length || late {
			return nil
		}
		// Nobody tells of a counter: look again.
		time.Sleep(time.Millisecond)
	}
}

// sentBytes is what the sending device has been handed so far, 0 where there is none.
func (t Transfer) sentBytes() (int64, error) {
	if !t.Sink.Network {
		return 0, nil
	}
	pair, err := world.Pair(t.Sink)
	if err != nil {
		return 0, err
	}
	counters, err := pair.Counters()
	return int64(counters.TransmittedBytes), err
}

// calls fills in what the trace alone can tell.
func (m *Measurement) calls() {
	cost := m.Outcome.Cost
	if cost == nil {
		return
	}
	m.Row.Calls, m.Row.TeardownCalls = cost.Calls, cost.Teardown
	switches := 0
	for _, n := range cost.Calls {
		switches += 2 * n
	}
	m.Row.ModeSwitches = &switches
	if m.Outcome.FaultsMissing == nil {
		m.Row.MinorFaults, m.Row.MajorFaults = &cost.MinorFaults, &cost.MajorFaults
	}
}

// copies counts how often the CPU copied each byte, and names the copies.
func (m *Measurement) copies(t Transfer) {
	length, cost := t.Length, m.Outcome.Cost
	var user, kernel float64
	var byDevice int64
	if t.Method.Claim.Direct {
		// Read past the page cache: the device has written them into user memory itself. How many, the trace cannot tell.
		if m.Outcome.IO == nil {
			return
		}
		byDevice = m.Outcome.IO.ReadBytes
	}
	m.Row.CPUCopiesWhich = []string{}
	switch {
	case cost != nil:
		share := func(bytes int64) float64 { return math.Round(100*float64(bytes)/float64(length)) / 100 }
		user = share(max(0, cost.BytesIntoUser-byDevice)) + share(cost.BytesFromUser)
	case m.Row.Aliasing == aliasing.Shared:
		// Pages that are the page cache's own were copied by nobody: that needs no trace to tell.
	default:
		return
	}
	if user == 0 {
		// Where bytes crossed the user boundary, that copy explains the probe's answer.
		kernel = math.Round(100*m.Pages.CopiedShare()) / 100
	}
	total := user + kernel
	m.Row.UserCopies, m.Row.KernelCopies, m.Row.CPUCopies = &user, &kernel, &total
	if cost == nil {
		return
	}
	if cost.BytesIntoUser > byDevice {
		m.Row.CPUCopiesWhich = append(m.Row.CPUCopiesWhich, "page cache → user buffer")
	}
	if cost.BytesFromUser > cost.BytesFromMapping {
		m.Row.CPUCopiesWhich = append(m.Row.CPUCopiesWhich, "user buffer → "+t.Sink.Buffer())
	}
	if cost.BytesFromMapping > 0 || kernel > 0 {
		m.Row.CPUCopiesWhich = append(m.Row.CPUCopiesWhich, "page cache → "+t.Sink.Buffer())
	}
}

// dma counts the transfers that no CPU made: in from the disk, out to the device.
func (m *Measurement) dma(length int64) {
	if m.Outcome.IO != nil {
		m.Row.DMAInBytes = &m.Outcome.IO.ReadBytes
	}
	in, out := m.Row.DMAInBytes, m.Row.DMAOutBytes
	if in == nil || out == nil {
		return
	}
	transfers := 0
	for _, bytes := range []int64{*in, *out} {
		if bytes >= length {
			transfers++
		}
	}
	m.Row.DMATransfers = &transfers
}
