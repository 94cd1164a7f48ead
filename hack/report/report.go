// Package report is the machine-readable result of a run, reports/report.json: its schema, and how it is
// gathered from what the suites have put into Ginkgo's own JSON report. It can therefore be made anywhere, of a
// run on any kernel.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

// Report is the whole file. Every key is always there; SCHEMA.md says what each one means.
type Report struct {
	Kernel       kernel.Kernel      `json:"kernel"`
	Environment  kernel.Environment `json:"environment"`
	Ledger       []ledger.Row       `json:"ledger"`
	Requirements []Requirement      `json:"requirements"`
	// Summary counts the requirements by verdict, every verdict.
	Summary map[Verdict]int `json:"summary"`
}

// Verdict is the answer to one requirement on one kernel.
type Verdict string

const (
	Pass        Verdict = "pass"
	Fail        Verdict = "fail"
	NotRequired Verdict = "not-required" // this kernel does not owe it; what was seen is the reason
	Deviation   Verdict = "deviation"    // it is not kept, and the user's list names it with a reason
	NotChecked  Verdict = "not-checked"
	KitError    Verdict = "kit-error"
)

// Verdicts are all verdicts, in the order in which summaries name them.
var Verdicts = []Verdict{Pass, Fail, NotRequired, Deviation, NotChecked, KitError}

// Requirement is one requirement with its verdict.
type Requirement struct {
	spec.Requirement
	Verdict Verdict `json:"verdict"`
	// Reason is why it is no plain pass: the first failure, or what could not be checked. Empty otherwise.
	Reason string `json:"reason"`
	// Cases counts the places that were judged, by verdict.
	Cases map[Verdict]int `json:"cases"`
	// NotChecked counts the places that could not be judged, by the reason.
	NotChecked map[string]int `json:"not_checked"`
	// Reproduce is the command that runs the deciding case again.
	Reproduce string `json:"reproduce"`
}

// Column is what one kernel answered, where it stands beside others. Report is nil where it said nothing, and Broken why it is
// not whole.
type Column struct {
	Name   string
	Report *Report
	Broken string
	// Speeds are what its methods are worth in time, where that was measured. No verdict hangs on them.
	Speeds []Speed
}

// Speed is how fast a method moves a warm source into a sink, and at what cost: GB per second, and seconds of processor time per
// GB, of all threads of who moves and who reads. A GB is 10^9 bytes; a number that was not measured is nil.
type Speed struct {
	Method, Sink                 string
	ChunkBytes                   int
	GBPerSecond, CPUSecondsPerGB *float64
}

// Write puts the report into a file, whole or not at all.
func (r *Report) Write(path string) error { return WriteFile(path, "report", r) }

// WriteFile puts a value, which the errors call what, into a file as JSON, whole or not at all.
func WriteFile(path, what string, value any) error {
	if err := writeFile(path, value); err != nil {
		return fmt.Errorf("writing the %s: %w", what, err)
	}
	return nil
}

func writeFile(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	// The descriptor is closed twice where all goes well: the second time says nothing.
	defer draft.Close()
	if _, err := draft.Write(append(text, '\n')); err != nil {
		return err
	}
	if err := draft.Chmod(0o644); err != nil {
		return err
	}
	if err := draft.Close(); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
