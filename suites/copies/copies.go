// Package copies asks who copied what: which bytes crossed the user boundary, whether the pages in flight are
// the page cache's own, and what came from the disk.
package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

var (
	boundary = spec.Requirement{ID: "COPIES-USER", Text: "each byte crosses the user boundary as often as the method claims", Source: "the method's claim", Since: "2.6.33"}
	sharing  = spec.Requirement{ID: "COPIES-SHARED", Text: "a method that shares hands the sink the page cache's own pages where the sink can queue pages; one that does not share never does", Source: "sendfile(2) NOTES", Since: "5.10"}
	gather   = spec.Requirement{ID: "COPIES-GATHER", Text: "with scatter/gather on the device takes the page cache's pages, with scatter/gather off they are copied once: in one run, of the same payload", Source: "sendfile(2) NOTES; netdev features: NETIF_F_SG", Since: "5.10"}
	cold     = spec.Requirement{ID: "COPIES-DISK-COLD", Text: "a cold source is read from the disk once, whole", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"}
	warm     = spec.Requirement{ID: "COPIES-DISK-WARM", Text: "a warm source is not read from the disk at all", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"}
)

// takesPages says which sinks owe it, on kernels of the kit's range, to queue the pages that sendfile(2) hands
// them. What the others do is recorded and not judged.
var takesPages = map[string]bool{"unix-stream": true, "tcp": true, "tcp6": true, "veth-sg": true}

// probedBytes fits unread into every sink and is a whole number of pages.
const probedBytes = 32 << 10

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("copies", func() {
		for _, method := range spec.Methods() {
			for _, from := range spec.Sources() {
				for _, kind := range spec.Sinks() {
					on := spec.On{Method: method, Sink: kind, Source: from}
					spec.It(boundary, "copies", on, func(c *spec.Case) { crossed(c, on) })
					spec.It(sharing, "copies", on, func(c *spec.Case) { shared(c, on) })
				}
				disk(method, from)
			}
			gathering(method)
		}
	})
}

func measure(c *spec.Case, on spec.On, file *source.File, isCold bool) *ledger.Row {
	transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}
	row, outcome, err := transfer.Measure(isCold)
	if outcome != nil {
		c.Moved(outcome, where(file))
	}
	c.Check(err)
	c.Transfers++
	return row
}

func where(file *source.File) string {
	return fmt.Sprintf("%d bytes on %s", file.Bytes, file.Filesystem)
}

func crossed(c *spec.Case, on spec.On) {
	file := c.Open(on, probedBytes)
	row := measure(c, on, file, false)
	if row.UserCopies != float64(on.Method.Claim.UserCopies) {
		c.Deviates(fmt.Sprintf("%d copies of each byte across the user boundary", on.Method.Claim.UserCopies), fmt.Sprintf("%g, calls %v", row.UserCopies, row.Calls), where(file))
	}
}

func shared(c *spec.Case, on spec.On) {
	file := c.Open(on, probedBytes)
	row := measure(c, on, file, false)
	// The entry is read when the spec has ended: a deviation leaves the row as it is here.
	row.Verdict = "fail"
	ginkgo.AddReportEntry(spec.RowEntry, row, ginkgo.ReportEntryVisibilityNever)
	switch {
	case !on.Method.Claim.Shares && row.Aliasing != aliasing.Copied:
		c.Deviates("copied: the method does not share", string(row.Aliasing), where(file))
	case on.Method.Claim.Shares && takesPages[on.Sink.Name] && row.Aliasing != aliasing.Shared:
		c.Deviates("shared", string(row.Aliasing), where(file))
	}
	row.Verdict = "pass"
}

// disk declares the two specs on what a block device was asked for.
func disk(method impl.Method, from source.Kind) {
	stream, _ := sink.Lookup("unix-stream")
	on := spec.On{Method: method, Sink: stream, Source: from}
	if from.Name != "disk" {
		return
	}
	read := func(c *spec.Case, prepare func(*source.File) error, owed func(*source.File) int64, isCold bool) {
		file := c.Open(on, probedBytes)
		c.Check(prepare(file))
		row := measure(c, on, file, isCold)
		if row.DMAInBytes == nil {
			c.KitBroke(fmt.Errorf("io accounting is missing"))
		}
		if *row.DMAInBytes != owed(file) {
			c.Deviates(fmt.Sprintf("%d bytes read from the disk", owed(file)), fmt.Sprintf("%d", *row.DMAInBytes), where(file))
		}
	}
	spec.It(cold, "copies", on, func(c *spec.Case) {
		read(c, (*source.File).Chill, func(f *source.File) int64 { return f.Bytes }, true)
	}, ginkgo.Label("cold"))
	spec.It(warm, "copies", on, func(c *spec.Case) {
		read(c, (*source.File).Warm, func(*source.File) int64 { return 0 }, false)
	})
}

// gathering sends one payload twice: over a device with scatter/gather, and over the same without.
func gathering(method impl.Method) {
	if !method.Claim.Shares {
		return
	}
	with, _ := sink.Lookup("veth-sg")
	without, _ := sink.Lookup("veth-nosg")
	from, _ := source.Lookup("tmp")
	on := spec.On{Method: method, Sink: with, Source: from}
	spec.It(gather, "copies", on, func(c *spec.Case) {
		file := c.Open(on, probedBytes)
		on.Sink = with
		gathered := measure(c, on, file, false)
		// The probe has overwritten the source: give it its payload back.
		c.Check(file.Payload.WriteFile(file, file.Bytes))
		on.Sink = without
		linear := measure(c, on, file, false)
		if gathered.CPUCopies != 0 || linear.CPUCopies != 1 {
			c.Deviates("0 CPU copies with scatter/gather, 1 without", fmt.Sprintf("%g and %g", gathered.CPUCopies, linear.CPUCopies), where(file))
		}
	}, ginkgo.Label("network"))
}
