// Package ledger is the table of what transfers cost: rows as measured, and how they are printed beside what
// the textbook claims.
package ledger

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"zerocopy-conformance/fixtures/aliasing"
)

// Row is the measured cost of one transfer; every number comes from a meter. A pointer that is nil was not
// checked.
type Row struct {
	Technique           string           `json:"technique,omitempty"` // the textbook's name, where it has one
	Method              string           `json:"method"`
	Sink                string           `json:"sink"`
	ScatterGather       *bool            `json:"scatter_gather"` // nil: the sink is no device of the kit's
	Filesystem          string           `json:"filesystem"`
	Cold                bool             `json:"cold"`
	Bytes               int64            `json:"bytes"`
	Calls               map[string]int   `json:"calls"`
	TeardownCalls       map[string]int   `json:"teardown_calls"`
	ModeSwitches        int              `json:"mode_switches"` // 2 for each call
	CPUCopies           float64          `json:"cpu_copies"`    // of each byte: user and kernel copies
	UserCopies          float64          `json:"user_copies"`   // across the user boundary
	KernelCopies        float64          `json:"kernel_copies"` // inside the kernel, where none crossed the boundary
	DMATransfers        *int             `json:"dma_transfers"`
	DMAInBytes          *int64           `json:"dma_in_bytes"`
	DMAOutBytes         *int64           `json:"dma_out_bytes"`
	MinorFaults         int64            `json:"minor_faults"` // inside the transfer's calls
	MajorFaults         int64            `json:"major_faults"`
	VoluntarySwitches   int64            `json:"voluntary_switches"` // by the scheduler
	InvoluntarySwitches int64            `json:"involuntary_switches"`
	Aliasing            aliasing.Sharing `json:"aliasing"`
	Which               []string         `json:"cpu_copies_which"`
	Verdict             string           `json:"verdict"`
	Claimed             *Numbers         `json:"claimed,omitempty"`
}

// Numbers are the textbook's four for one technique.
type Numbers struct {
	ModeSwitches int     `json:"mode_switches"`
	Copies       float64 `json:"copies"`
	CPU          float64 `json:"cpu"`
	DMA          int     `json:"dma"`
}

// Measured are the row's own four; -1 stands for a number that was not checked.
func (r *Row) Measured() Numbers {
	n := Numbers{ModeSwitches: r.ModeSwitches, Copies: -1, CPU: r.CPUCopies, DMA: -1}
	if r.DMATransfers != nil {
		n.DMA = *r.DMATransfers
		n.Copies = n.CPU + float64(n.DMA)
	}
	return n
}

// Table prints rows that have a claim, measured/claimed.
func Table(rows []Row) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "technique\tswitches\tcopies\tCPU\tDMA\tteardown\tfaults\tverdict\tCPU copies, which")
	for _, r := range rows {
		m, c := r.Measured(), r.Claimed
		fmt.Fprintf(w, "%s\t%d/%d\t%s/%g\t%g/%g\t%s/%d\t%s\t%d+%d\t%s\t%s\n", r.Technique, m.ModeSwitches, c.ModeSwitches,
			number(m.Copies), c.Copies, m.CPU, c.CPU, number(float64(m.DMA)), c.DMA,
			calls(r.TeardownCalls), r.MinorFaults, r.MajorFaults, r.Verdict, which(r.Which))
	}
	w.Flush()
	return text.String() + "measured/claimed for one chunk; faults: minor+major, inside the transfer's calls\n"
}

func number(n float64) string {
	if n < 0 {
		return "?"
	}
	return fmt.Sprintf("%g", n)
}

func calls(counts map[string]int) string {
	if len(counts) == 0 {
		return "-"
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(counts), "map["), "]")
}

func which(copies []string) string {
	if len(copies) == 0 {
		return "none"
	}
	return strings.Join(copies, ", ")
}
