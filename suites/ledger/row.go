// Package ledger is the table of what transfers cost: rows as measured, and how they are printed beside what
// the textbook claims.
package ledger

import "zerocopy-conformance/fixtures/aliasing"

// Row is the measured cost of one transfer; every number comes from a meter. What no meter could tell on this
// machine is nil.
type Row struct {
	// Technique is the textbook's name for it, empty where it has none.
	Technique string `json:"technique"`
	Method    string `json:"method"`
	Sink      string `json:"sink"`
	Source    string `json:"source"`
	// Device is the driver of the network device behind the sink, empty where there is none.
	Device string `json:"device"`
	// ScatterGather is nil where the sink is no device of the kit's.
	ScatterGather *bool  `json:"scatter_gather"`
	Filesystem    string `json:"filesystem"`
	Cold          bool   `json:"cold"`
	Bytes         int64  `json:"bytes"`
	// Calls and TeardownCalls are system calls by name.
	Calls         map[string]int `json:"calls"`
	TeardownCalls map[string]int `json:"teardown_calls"`
	// ModeSwitches are 2 for each call that is no teardown.
	ModeSwitches *int `json:"mode_switches"`
	// CPUCopies is how often the CPU copied each byte: UserCopies across the user boundary, and KernelCopies
	// inside the kernel, which are only counted where none crossed the boundary.
	CPUCopies    *float64 `json:"cpu_copies"`
	UserCopies   *float64 `json:"user_copies"`
	KernelCopies *float64 `json:"kernel_copies"`
	// CPUCopiesWhich names them.
	CPUCopiesWhich []string `json:"cpu_copies_which"`
	// DMATransfers is how often each byte was moved without the CPU: DMAInBytes from a disk, DMAOutBytes to a
	// network device (with its headers).
	DMATransfers *int   `json:"dma_transfers"`
	DMAInBytes   *int64 `json:"dma_in_bytes"`
	DMAOutBytes  *int64 `json:"dma_out_bytes"`
	// MinorFaults and MajorFaults are page faults inside the transfer's calls.
	MinorFaults *int64 `json:"minor_faults"`
	MajorFaults *int64 `json:"major_faults"`
	// VoluntarySwitches and InvoluntarySwitches are the scheduler's, and no mode switches.
	VoluntarySwitches   *int64 `json:"voluntary_switches"`
	InvoluntarySwitches *int64 `json:"involuntary_switches"`
	// CompletionsZerocopied and CompletionsCopied are how many zero-copy sends the kernel says it has made without
	// a copy, and with one after all; nil for a method that makes none.
	CompletionsZerocopied *uint32          `json:"completions_zerocopied"`
	CompletionsCopied     *uint32          `json:"completions_copied"`
	Aliasing              aliasing.Sharing `json:"aliasing"`
	Verdict               string           `json:"verdict"`
	// Claimed are the textbook's numbers, nil where it has none.
	Claimed *Numbers `json:"claimed"`
}

// Numbers are the textbook's four for one technique.
type Numbers struct {
	ModeSwitches int `json:"mode_switches"`
	Copies       int `json:"copies"`
	CPU          int `json:"cpu"`
	DMA          int `json:"dma"`
}

// Cell is one of the textbook's numbers: as measured, nil when it was not checked, and as claimed.
type Cell struct {
	Name     string
	Measured *float64
	Claimed  int
}

// Cells are the four numbers of a row that has a claim.
func (r *Row) Cells() []Cell {
	switches, dma, cpu, copies := number(r.ModeSwitches), number(r.DMATransfers), r.CPUCopies, (*float64)(nil)
	if cpu != nil && dma != nil {
		sum := *cpu + *dma
		copies = &sum
	}
	return []Cell{
		{"switches", switches, r.Claimed.ModeSwitches}, {"copies", copies, r.Claimed.Copies},
		{"CPU", cpu, r.Claimed.CPU}, {"DMA", dma, r.Claimed.DMA},
	}
}

// Disagrees says that it was measured, and is not what was claimed.
func (c Cell) Disagrees() bool { return c.Measured != nil && *c.Measured != float64(c.Claimed) }

func number(n *int) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}
