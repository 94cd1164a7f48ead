// Package textbook asks whether the textbook's table is true on this kernel: each of its four rows is one
// transfer, cold, over a real device, with every cell measured; and once more over two network interfaces, where the
// user lends them. It runs last and prints the table.
package textbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

// technique is one row of the textbook's table.
type technique struct {
	requirement spec.Requirement
	name        string
	method      string
	sink        string
	claimed     ledger.Numbers
}

// table is the textbook's, of a veth device, and then once more of two network interfaces that fetch what they send from
// memory by themselves, where the user lends such: the %s is the name of their driver.
var table = []technique{
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-READ-WRITE", Text: "read + write costs 4 mode switches and 4 copies, 2 of them by the CPU", Source: "read(2), write(2)", Since: "2.6.33"}),
		"read + write", "read+write", "veth-sg", readWrite},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-MMAP-WRITE", Text: "mmap + write costs 4 mode switches and 3 copies, 1 of them by the CPU", Source: "mmap(2), write(2)", Since: "2.6.33"}),
		"mmap + write", "mmap+write", "veth-sg", mmapWrite},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-SENDFILE", Text: "sendfile to a device without scatter/gather costs 2 mode switches and 3 copies, 1 of them by the CPU", Source: "sendfile(2)", Since: "2.6.33"}),
		"sendfile, no scatter/gather", "sendfile", "veth-nosg", linear},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-SENDFILE-SG", Text: "sendfile to a device with scatter/gather costs 2 mode switches and 2 copies, none of them by the CPU", Source: "sendfile(2)", Since: "2.6.33"}),
		"sendfile, scatter/gather", "sendfile", "veth-sg", gathered},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-READ-WRITE-NIC", Text: "read + write to a network interface costs 4 mode switches and 4 copies, 2 of them by the CPU", Source: "read(2), write(2)", Since: "2.6.33"}),
		"read + write, %s", "read+write", "nic-sg", readWrite},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-MMAP-WRITE-NIC", Text: "mmap + write to a network interface costs 4 mode switches and 3 copies, 1 of them by the CPU", Source: "mmap(2), write(2)", Since: "2.6.33"}),
		"mmap + write, %s", "mmap+write", "nic-sg", mmapWrite},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-SENDFILE-NIC", Text: "sendfile to a network interface without scatter/gather costs 2 mode switches and 3 copies, 1 of them by the CPU", Source: "sendfile(2)", Since: "2.6.33"}),
		"sendfile, %s, no scatter/gather", "sendfile", "nic-nosg", linear},
	{spec.Require(spec.Requirement{ID: "TEXTBOOK-SENDFILE-NIC-SG", Text: "sendfile to a network interface with scatter/gather costs 2 mode switches and 2 copies, none of them by the CPU", Source: "sendfile(2)", Since: "2.6.33"}),
		"sendfile, %s, scatter/gather", "sendfile", "nic-sg", gathered},
}

// The textbook's numbers.
var (
	readWrite = ledger.Numbers{ModeSwitches: 4, Copies: 4, CPU: 2, DMA: 2}
	mmapWrite = ledger.Numbers{ModeSwitches: 4, Copies: 3, CPU: 1, DMA: 2}
	linear    = ledger.Numbers{ModeSwitches: 2, Copies: 3, CPU: 1, DMA: 2}
	gathered  = ledger.Numbers{ModeSwitches: 2, Copies: 2, CPU: 0, DMA: 2}
)

// title is the technique's name, over a device of that driver.
func (t technique) title(device string) string {
	if !strings.Contains(t.name, "%s") {
		return t.name
	}
	return fmt.Sprintf(t.name, device)
}

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("textbook", func() {
		for _, row := range table {
			method, err := impl.Lookup(row.method)
			if err != nil || !selected(row) {
				continue
			}
			kind, _ := sink.Lookup(row.sink)
			disk, _ := source.Lookup("disk")
			on := spec.On{Method: method, Sink: kind, Source: disk}
			spec.It(row.requirement, "textbook", on, func(c *spec.Case) { measure(c, on, row) }, ginkgo.Label(spec.Disk, spec.Trace))
		}
	})
	ginkgo.ReportAfterSuite("ledger", show)
}

// selected: a row is one method and one sink, and goes when the user's filter leaves either out.
func selected(row technique) bool {
	for _, m := range spec.Methods() {
		for _, k := range spec.Sinks() {
			if m.Name == row.method && k.Name == row.sink {
				return true
			}
		}
	}
	return false
}

func measure(c *spec.Case, on spec.On, technique technique) {
	where := fmt.Sprintf("%d bytes in one chunk, cold", spec.OneChunkBytes)
	file := c.Open(on, spec.OneChunkBytes)
	c.Check(file.Chill(), where)
	transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes, ChunkBytes: spec.OneChunkBytes}
	m, err := transfer.Measure(true)
	if m != nil && m.Outcome != nil {
		c.Moved(m.Outcome, where)
	}
	c.Check(err, where)
	c.Transfers++
	row := m.Row
	row.Technique, row.Claimed = technique.title(row.Device), &technique.claimed
	c.Record(&row)
	var owed, seen []string
	for _, cell := range row.Cells() {
		if cell.Disagrees() {
			owed = append(owed, fmt.Sprintf("%s %d", cell.Name, cell.Claimed))
			seen = append(seen, fmt.Sprintf("%s %g", cell.Name, *cell.Measured))
		}
	}
	if len(owed) > 0 {
		c.Deviates(strings.Join(owed, ", "), fmt.Sprintf("%s; calls %v, pages %s, DMA in %s, out %s bytes", strings.Join(seen, ", "), row.Calls, row.Aliasing, bytes(row.DMAInBytes), bytes(row.DMAOutBytes)), where)
	}
	// Cells without their meter are the last word: what was measured agrees.
	c.Check(errors.Join(m.Outcome.TraceMissing, m.Outcome.IOMissing), where)
}

func bytes(n *int64) string {
	if n == nil {
		return "not checked"
	}
	return fmt.Sprint(*n)
}

// show prints the table, from what the processes of the run have put into the report.
func show(report ginkgo.Report) {
	var rows []ledger.Row
	for _, technique := range table {
		for _, s := range report.SpecReports {
			for _, entry := range s.ReportEntries {
				var row ledger.Row
				if entry.Name != spec.RowEntry || decode(entry.Value, &row) != nil {
					continue
				}
				if row.Technique == technique.title(row.Device) {
					rows = append(rows, row)
				}
			}
		}
	}
	if len(rows) > 0 {
		ginkgo.AddReportEntry("the textbook's table, measured/claimed", ledger.Table(rows), ginkgo.ReportEntryVisibilityAlways)
	}
}

// decode reads an entry's value: the thing itself in this process, JSON when another one sent it.
func decode(value any, into any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var wire struct{ AsJSON string }
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	return json.Unmarshal([]byte(wire.AsJSON), into)
}
