package spec

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/ledger"
)

// Case is one spec's work on one requirement, and its entry in the report.
type Case struct {
	Requirement Requirement `json:"requirement"`
	// Interface is what is held to it, as a man page names it; empty where it is a transfer: of this method, from
	// this source, into this sink.
	Interface string `json:"interface,omitempty"`
	// Place is where the interface is held to it, if there are several places.
	Place     string `json:"place,omitempty"`
	Method    string `json:"method,omitempty"`
	Sink      string `json:"sink,omitempty"`
	Source    string `json:"source,omitempty"`
	Reproduce string `json:"reproduce"`
	// Transfers is how many transfers, or answers of the interface, were judged.
	Transfers int `json:"transfers"`
	// NotChecked is why there was nothing to judge, NotRequired what was seen that this kernel need not do
	// better, Deviation what was seen that the user's list excuses, KitError what broke in the kit. All are empty
	// where the spec passed or failed.
	NotChecked  string `json:"not_checked,omitempty"`
	NotRequired string `json:"not_required,omitempty"`
	Deviation   string `json:"deviation,omitempty"`
	KitError    string `json:"kit_error,omitempty"`

	where string
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

// What a skipped spec's message begins with: the reasons for which a spec of the kit is skipped.
const (
	notChecked  = "not-checked: "
	notRequired = "not-required: "
	deviation   = "deviation: "
)

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
	if missing := Lacks(err); missing != nil {
		c.CannotCheck(missing)
	}
	var wrong *WrongBytes
	if errors.As(err, &wrong) {
		c.Deviates("the bytes of the range", wrong.Error(), where)
	}
	c.KitBroke(fmt.Errorf("%w%s", err, aside(where)))
}

// CannotCheck ends the spec as not-checked: this machine lacks something.
func (c *Case) CannotCheck(missing *kernel.Unavailable) {
	ginkgo.GinkgoHelper()
	c.unchecked(missing.Error())
}

// unchecked ends the spec as not-checked; or as failed, where the user has said that such specs must be checked.
func (c *Case) unchecked(why string) {
	ginkgo.GinkgoHelper()
	c.NotChecked = why
	c.verdict("not-checked")
	if kind := mustCheck(ginkgo.CurrentSpecReport().Labels()); kind != "" {
		ginkgo.Fail(fmt.Sprintf("%s: %s\n  owed:   it is checked (%s=%s)\n  seen:   %s\n  where:  %s\n  again:  %s",
			c.Requirement.ID, c.Requirement.Text, requireVariable, kind, why, c.where, c.Reproduce))
	}
	ginkgo.Skip(notChecked + why)
}

// KitBroke ends the spec as a defect of the kit.
func (c *Case) KitBroke(err error) {
	ginkgo.GinkgoHelper()
	c.KitError = err.Error()
	c.verdict("kit-error")
	ginkgo.Fail(fmt.Sprintf("kit-error: %v\n  again:  %s", err, c.Reproduce))
}

// Deviates ends the spec as failed, with all that a reader needs; or as not-required, with what was seen, on a
// kernel that does not owe the requirement; or as a deviation that the user's list names.
func (c *Case) Deviates(owed, seen, where string) {
	ginkgo.GinkgoHelper()
	if yes, why := c.Requirement.owedOf(c.Method); !yes {
		c.NotRequired = fmt.Sprintf("%s; seen: %s%s", why, seen, aside(where))
		c.verdict("not-required")
		ginkgo.Skip(notRequired + c.NotRequired)
	}
	if reason, listed := deviations[c.Requirement.ID]; listed {
		c.Deviation = fmt.Sprintf("%s; owed: %s, seen: %s%s", reason, owed, seen, aside(where))
		c.verdict("deviation")
		ginkgo.Skip(deviation + c.Requirement.ID + ": " + c.Deviation)
	}
	release := "an unknown kernel"
	if running, err := kernel.Running(); err == nil {
		release = running.Full
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", c.Requirement.ID, c.Requirement.Text)
	fmt.Fprintf(&text, "  owed:   %s (%s; since Linux %s)\n", owed, c.Requirement.Source, c.Requirement.Since)
	fmt.Fprintf(&text, "  seen:   %s\n", seen)
	place := c.where
	if where != "" {
		place += ", " + where
	}
	fmt.Fprintf(&text, "  where:  %s, Linux %s\n", place, release)
	fmt.Fprintf(&text, "  again:  %s", c.Reproduce)
	c.verdict("fail")
	ginkgo.Fail(text.String())
}

// aside is where something was seen, if there is more to say than the case does.
func aside(where string) string {
	if where == "" {
		return ""
	}
	return " (" + where + ")"
}

func ended(outcome *agent.Outcome) string {
	return fmt.Sprintf("%v after %d bytes", outcome.Err(), outcome.Moved)
}

// Moved ends the spec as failed if the method did not end well.
func (c *Case) Moved(outcome *agent.Outcome, where string) {
	ginkgo.GinkgoHelper()
	if err := outcome.Err(); err != nil {
		if outcome.Errno != 0 && Lacks(err) != nil {
			c.Check(err, where)
		}
		c.NeedsMemory(outcome)
		c.NeedsCalls()
		if why := mayRefuse(c, outcome); why != "" {
			c.unchecked(why)
		}
		c.Deviates("the range is moved without an error", ended(outcome), where)
	}
}

// PageBytes is the size of a page on this machine, in bytes.
var PageBytes = int64(os.Getpagesize())

// Exactly holds a transfer to deliver its range, and nothing else.
func (c *Case) Exactly(t Transfer, where string) {
	ginkgo.GinkgoHelper()
	if why := t.inPieces(); why != nil {
		c.CannotCheck(why)
	}
	outcome, wrong, err := t.Deliver()
	c.Check(err, where)
	c.Transfers++
	c.Moved(outcome, where)
	if wrong != nil {
		owed := max(0, min(t.Length, t.Source.Bytes-t.Offset))
		c.Deviates(fmt.Sprintf("%d bytes of the source from offset %d on", owed, t.Offset), wrong.Error(), where)
	}
}
