package spec

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// On is where a spec checks its requirement.
type On struct {
	Method impl.Method
	Sink   sink.Kind
	Source source.Kind
}

func (on On) labels() ginkgo.Labels {
	return ginkgo.Labels{on.Method.Name, on.Sink.Name, on.Source.Name}
}

func (on On) String() string {
	return fmt.Sprintf("%s from %s into %s", on.Method.Name, on.Source.Name, on.Sink.Name)
}

// Case is one spec's work on one requirement, and its entry in the report.
type Case struct {
	Requirement Requirement `json:"requirement"`
	Method      string      `json:"method"`
	Sink        string      `json:"sink"`
	Source      string      `json:"source"`
	Reproduce   string      `json:"reproduce"`
	// Transfers is how many transfers were judged.
	Transfers int `json:"transfers"`
	// NotChecked is why there was nothing to judge, KitError what broke in the kit.
	NotChecked string `json:"not_checked,omitempty"`
	KitError   string `json:"kit_error,omitempty"`
}

// The names under which the kit's results stand in Ginkgo's report: a Case, a ledger row, and the facts of the
// kernel and this process's place on it.
const (
	CaseEntry        = "case"
	RowEntry         = "ledger row"
	EnvironmentEntry = "environment"
)

// It declares a spec that holds one place to one requirement.
func It(r Requirement, suite string, on On, body func(*Case), decorations ...any) {
	args := append([]any{on.labels(), ginkgo.Label(r.ID), ginkgo.Offset(1)}, decorations...)
	args = append(args, func() {
		c := &Case{
			Requirement: r, Method: on.Method.Name, Sink: on.Sink.Name, Source: on.Source.Name,
			Reproduce: fmt.Sprintf("%s=%s %s=%s %s=%s go tool ginkgo run --label-filter=%s ./suites/%s",
				methodsVariable, on.Method.Name, sinksVariable, on.Sink.Name, sourcesVariable, on.Source.Name, r.ID, suite),
		}
		ginkgo.AddReportEntry(CaseEntry, c, ginkgo.ReportEntryVisibilityNever)
		body(c)
		if c.Transfers == 0 {
			c.KitBroke(fmt.Errorf("the spec judged no transfer"))
		}
	})
	ginkgo.It(r.ID+": "+on.String(), args...)
}

// Open makes the case's source, or ends the spec with the reason why there is none.
func (c *Case) Open(on On, bytes int64) *source.File {
	ginkgo.GinkgoHelper()
	file, err := on.Source.Open(bytes)
	c.Check(err)
	ginkgo.DeferCleanup(file.Close)
	return file
}

// Check ends the spec if err is not nil: as not-checked when this machine lacks something, as failed when wrong
// bytes arrived, as a defect of the kit otherwise.
func (c *Case) Check(err error) {
	ginkgo.GinkgoHelper()
	if err == nil {
		return
	}
	if missing := lacks(err); missing != nil {
		c.NotChecked = missing.Error()
		ginkgo.Skip("not-checked: " + missing.Error())
	}
	var wrong *WrongBytes
	if errors.As(err, &wrong) {
		c.Deviates("the bytes of the range", wrong.Error(), "all meters on")
	}
	c.KitBroke(err)
}

// KitBroke ends the spec as a defect of the kit.
func (c *Case) KitBroke(err error) {
	ginkgo.GinkgoHelper()
	c.KitError = err.Error()
	ginkgo.Fail(fmt.Sprintf("kit-error: %v\n  again:  %s", err, c.Reproduce))
}

// Deviates ends the spec as failed, with all that a reader needs.
func (c *Case) Deviates(owed, seen, where string) {
	ginkgo.GinkgoHelper()
	release := "an unknown kernel"
	if running, err := kernel.Running(); err == nil {
		release = running.Full
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", c.Requirement.ID, c.Requirement.Text)
	fmt.Fprintf(&text, "  owed:   %s (%s; since Linux %s)\n", owed, c.Requirement.Source, c.Requirement.Since)
	fmt.Fprintf(&text, "  seen:   %s\n", seen)
	fmt.Fprintf(&text, "  where:  %s from %s into %s, %s, Linux %s\n", c.Method, c.Source, c.Sink, where, release)
	fmt.Fprintf(&text, "  again:  %s", c.Reproduce)
	ginkgo.Fail(text.String())
}

// Moved ends the spec as failed if the method did not end well.
func (c *Case) Moved(outcome *agent.Outcome, where string) {
	ginkgo.GinkgoHelper()
	if err := outcome.Err(); err != nil {
		if outcome.Errno != 0 && lacks(err) != nil {
			c.Check(err)
		}
		c.Deviates("the range is moved without an error", fmt.Sprintf("%v after %d bytes", err, outcome.Moved), where)
	}
}

// PageBytes is the size of a page on this machine, in bytes.
var PageBytes = int64(os.Getpagesize())
