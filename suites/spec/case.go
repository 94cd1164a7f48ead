package spec

import (
	"context"
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
	"zerocopy-conformance/suites/ledger"
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
	// NotChecked is why there was nothing to judge, NotRequired what was seen that this kernel need not do
	// better, KitError what broke in the kit. All are empty where the spec passed or failed.
	NotChecked  string `json:"not_checked,omitempty"`
	NotRequired string `json:"not_required,omitempty"`
	KitError    string `json:"kit_error,omitempty"`

	again command
	rows  []*ledger.Row
}

// The names under which the kit's results stand in Ginkgo's report: a Case, a ledger row, and the facts of the
// kernel and this process's place on it.
const (
	CaseEntry        = "case"
	RowEntry         = "ledger row"
	EnvironmentEntry = "environment"
)

// What a skipped spec's message begins with: the two reasons for which a spec of the kit is skipped.
const (
	notChecked  = "not-checked: "
	notRequired = "not-required: "
)

// It declares a spec that holds one place to one requirement.
func It(r Requirement, suite string, on On, body func(*Case), decorations ...any) {
	args := append([]any{on.labels(), ginkgo.Label(r.ID), ginkgo.Offset(1)}, decorations...)
	args = append(args, func(ctx ginkgo.SpecContext) {
		// An interrupted spec ends by itself, and soon: whatever its transfer waits for goes with the agent.
		defer context.AfterFunc(ctx, world.interrupt)()
		c := &Case{Requirement: r, Method: on.Method.Name, Sink: on.Sink.Name, Source: on.Source.Name, again: again(r, suite, on)}
		c.Narrow()
		ginkgo.AddReportEntry(CaseEntry, c, ginkgo.ReportEntryVisibilityNever)
		body(c)
		if c.Transfers == 0 {
			c.KitBroke(errors.New("the spec judged no transfer"))
		}
		c.verdict("pass")
	})
	ginkgo.It(r.ID+": "+on.String(), args...)
}

// Narrow adds variables, as NAME=value, to the command that runs the case again: those that select the one
// transfer that is being judged.
func (c *Case) Narrow(variables ...string) { c.Reproduce = c.again.with(variables) }

// Record puts a ledger row into the report. Its verdict becomes the case's.
func (c *Case) Record(row *ledger.Row) {
	// The entry is read when the spec has ended.
	c.rows = append(c.rows, row)
	ginkgo.AddReportEntry(RowEntry, row, ginkgo.ReportEntryVisibilityNever)
}

func (c *Case) verdict(v string) {
	for _, row := range c.rows {
		row.Verdict = v
	}
}

// Open makes the case's source, or ends the spec with the reason why there is none.
func (c *Case) Open(on On, bytes int64) *source.File {
	ginkgo.GinkgoHelper()
	file, err := on.Source.Open(bytes)
	c.Check(err, fmt.Sprintf("a source of %d bytes", bytes))
	ginkgo.DeferCleanup(file.Close)
	return file
}

// Check ends the spec if err is not nil: as not-checked when this machine lacks something, as failed when wrong
// bytes arrived, as a defect of the kit otherwise. Where is the transfer in question.
func (c *Case) Check(err error, where string) {
	ginkgo.GinkgoHelper()
	if err == nil {
		return
	}
	if missing := lacks(err); missing != nil {
		c.NotChecked = missing.Error()
		c.verdict("not-checked")
		ginkgo.Skip(notChecked + missing.Error())
	}
	var wrong *WrongBytes
	if errors.As(err, &wrong) {
		c.Deviates("the bytes of the range", wrong.Error(), where)
	}
	c.KitBroke(fmt.Errorf("%w (%s)", err, where))
}

// KitBroke ends the spec as a defect of the kit.
func (c *Case) KitBroke(err error) {
	ginkgo.GinkgoHelper()
	c.KitError = err.Error()
	c.verdict("kit-error")
	ginkgo.Fail(fmt.Sprintf("kit-error: %v\n  again:  %s", err, c.Reproduce))
}

// Deviates ends the spec as failed, with all that a reader needs; or as not-required, with what was seen, on a
// kernel that does not owe the requirement.
func (c *Case) Deviates(owed, seen, where string) {
	ginkgo.GinkgoHelper()
	if yes, why := c.Requirement.owed(); !yes {
		c.NotRequired = fmt.Sprintf("%s; seen: %s (%s)", why, seen, where)
		c.verdict("not-required")
		ginkgo.Skip(notRequired + c.NotRequired)
	}
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
	c.verdict("fail")
	ginkgo.Fail(text.String())
}

// Moved ends the spec as failed if the method did not end well.
func (c *Case) Moved(outcome *agent.Outcome, where string) {
	ginkgo.GinkgoHelper()
	if err := outcome.Err(); err != nil {
		if outcome.Errno != 0 && lacks(err) != nil {
			c.Check(err, where)
		}
		c.Deviates("the range is moved without an error", fmt.Sprintf("%v after %d bytes", err, outcome.Moved), where)
	}
}

// PageBytes is the size of a page on this machine, in bytes.
var PageBytes = int64(os.Getpagesize())
