package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/report"
)

// Report is the whole of a bench run, and the schema of its JSON file. Every key is always there. A part that a
// filter left out is null; one that this machine does not allow has a reason in its not_checked, which is empty
// otherwise.
type Report struct {
	Kernel kernel.Kernel `json:"kernel"`
	CPUs   int           `json:"cpus"` // that this process may use
	Load   float64       `json:"load"` // processes that ran or waited for a CPU in the minute before, on average
	Go     string        `json:"go"`   // the version of Go, as "go1.26.0"

	Throughput *Throughput `json:"throughput"`
	Metered    *Metered    `json:"metered"`
	Followed   *Followed   `json:"followed"`
	DefaultRun *DefaultRun `json:"default_run"`
}

// Throughput is how fast the methods are. A GB is 10^9 bytes.
type Throughput struct {
	Source      string `json:"source"`       // what it is, for a person; it is warm
	Filesystem  string `json:"filesystem"`   // the source's
	SourceBytes int64  `json:"source_bytes"` // moved in each run
	Cells       []Cell `json:"cells"`
	NotChecked  string `json:"not_checked"`
}

// Cell is one method into one sink. Its numbers are null where it has a reason in not_checked.
type Cell struct {
	Method     string `json:"method"`
	Sink       string `json:"sink"`
	ChunkBytes int    `json:"chunk_bytes"`
	// GBPerSecond is from the request for the transfer to the last byte read.
	GBPerSecond *Spread `json:"gb_per_second"`
	// MoverCPU is the time that the moving thread was on a processor, user and system, in seconds per GB, as
	// getrusage(2) has it: up to a tick of the scheduler (1 to 10 ms) of each run may be missing. It is null, too,
	// where getrusage(2) is not allowed.
	MoverCPU *Spread `json:"mover_cpu_seconds_per_gb"`
	// PairCPU is the same, exact, of all threads of both processes: the agent, whose Go runtime works beside the
	// mover, and the one that reads. It is null, too, where the kernel does not tell another process's time.
	PairCPU    *Spread `json:"pair_cpu_seconds_per_gb"`
	NotChecked string  `json:"not_checked"`
}

// Spread is what several runs came to.
type Spread struct {
	Runs      int     `json:"runs"`
	Median    float64 `json:"median"`
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Deviation float64 `json:"standard_deviation"`
}

// Metered is what one case costs, as cases grow.
type Metered struct {
	Bytes      int64   `json:"bytes"`  // moved by each transfer
	Rounds     int     `json:"rounds"` // how often each batch was run
	Batches    []Batch `json:"batches"`
	NotChecked string  `json:"not_checked"`
}

// Batch is a number of metered transfers, one after another in one process.
type Batch struct {
	Transfers int `json:"transfers"`
	// CaseSeconds is the median of a case: open a sink, transfer, read, close. TransferSeconds is that of the
	// transfer in it, setting up the meters included.
	CaseSeconds     float64 `json:"case_seconds"`
	TransferSeconds float64 `json:"transfer_seconds"`
	// LeastLateCaseSeconds is the quickest of the last cases, as many as the smallest batch has: a busy machine
	// does not slow all of them, a cost that piles up does.
	LeastLateCaseSeconds float64 `json:"least_late_case_seconds"`
	// PerSecond is how many cases there were in each second, over all rounds.
	PerSecond float64 `json:"per_second"`
}

// Followed is what it costs a server's answer that it is followed.
type Followed struct {
	Server string `json:"server"`
	Bytes  int64  `json:"bytes"`  // of an answer
	Rounds int    `json:"rounds"` // how often each was timed
	// AloneSeconds is the median of an answer of a server that nobody follows, from the request to the last byte, and
	// FollowedSeconds that of one that is followed.
	AloneSeconds    float64 `json:"alone_seconds"`
	FollowedSeconds float64 `json:"followed_seconds"`
	NotChecked      string  `json:"not_checked"`
}

// DefaultRun is what `ginkgo ./suites/...` takes, without compiling.
type DefaultRun struct {
	Suites []Suite `json:"suites"`
	// Seconds is the sum of the suites'; PeakBytes the greatest of theirs.
	Seconds    float64 `json:"seconds"`
	PeakBytes  int64   `json:"peak_bytes"`
	NotChecked string  `json:"not_checked"`
}

// Suite is one suite's run.
type Suite struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"` // by the wall clock
	// PeakBytes is the largest resident set of any of its processes: ru_maxrss of getrusage(2). It is only a
	// bound from above where PeakIsBound says so.
	PeakBytes   int64 `json:"peak_bytes"`
	PeakIsBound bool  `json:"peak_is_bound"`
	// Exit is how it failed; empty when it passed.
	Exit string `json:"exit"`
}

// NewReport is a report of this machine without any part.
func NewReport() *Report {
	return &Report{Kernel: kernel.Gather().Kernel, CPUs: runtime.NumCPU(), Load: load(), Go: runtime.Version()}
}

// load is the load average of the last minute: sysinfo(2), which tells it in parts of 65,536.
func load() float64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return float64(info.Loads[0]) / (1 << 16)
}

// Read reads what Write has written. A file that lacks a key of the schema, or has one that the schema does not know, is refused
// with that key's path.
func Read(path string) (*Report, error) {
	var r Report
	if err := report.ReadFile(path, "bench report", &r); err != nil {
		return nil, err
	}
	return &r, nil
}

// Speeds are the methods' in the terms of a report's readers: none where the throughput was not measured.
func (r *Report) Speeds() (all []report.Speed) {
	if r.Throughput == nil {
		return nil
	}
	for _, c := range r.Throughput.Cells {
		all = append(all, report.Speed{Method: c.Method, Sink: c.Sink, ChunkBytes: c.ChunkBytes, GBPerSecond: c.GBPerSecond.median(), CPUSecondsPerGB: c.PairCPU.median()})
	}
	return all
}

func (s *Spread) median() *float64 {
	if s == nil {
		return nil
	}
	return &s.Median
}

// Write puts the report into a file, whole or not at all, and makes the file's folder where there is none.
func (r *Report) Write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the bench report: %w", err)
	}
	return report.WriteFile(path, "bench report", r)
}
