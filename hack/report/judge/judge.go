// Package judge makes an exit code of a report, and says what decides.
package judge

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// The exit codes: the highest of those that hold, for nothing is known where the kit broke, and little where nothing was
// checked.
const (
	Conformant = 0
	Deviates   = 1
	Unchecked  = 2
	Broke      = 3
)

// Gate is what a report is held to. Before is one that may fail what it fails, nil where there is none; Required are the IDs, or
// patterns of them as path.Match has them, of requirements that have to be judged.
type Gate struct {
	Before   *report.Report
	Required []string
}

// Judge prints what decides, and says the exit code.
func (g Gate) Judge(now *report.Report, out io.Writer) int {
	broken := having(now, report.KitError)
	failing := having(now, report.Fail)
	known := []report.Requirement{}
	if g.Before != nil {
		failing, known = g.apart(failing)
	}
	missing := g.missing(now)
	list(out, "the kit broke", broken)
	list(out, "not kept", failing)
	list(out, "not kept, as before", known)
	list(out, "not checked, and required to be", missing)
	if g.Before != nil {
		for _, change := range table.Diff(g.Before, now) {
			fmt.Fprintf(out, "changed: %s: %s, before: %s\n", change.What, change.B, change.A)
		}
	}
	nothing := now.Summary[report.Pass]+now.Summary[report.Fail]+now.Summary[report.NotRequired]+now.Summary[report.Deviation] == 0
	if nothing {
		fmt.Fprintln(out, "no requirement was judged")
	}
	var counts []string
	for _, verdict := range report.Verdicts {
		counts = append(counts, fmt.Sprintf("%d %s", now.Summary[verdict], verdict))
	}
	code, word := Conformant, "conformant"
	switch {
	case len(broken) > 0:
		code, word = Broke, "the kit broke"
	case len(missing) > 0 || nothing:
		code, word = Unchecked, "not enough could be checked"
	case len(failing) > 0:
		code, word = Deviates, "deviates"
	}
	fmt.Fprintf(out, "%s: %s (%s)\n", now.Kernel.Release, word, strings.Join(counts, ", "))
	return code
}

// having are the requirements of a verdict.
func having(now *report.Report, v report.Verdict) (all []report.Requirement) {
	for _, r := range now.Requirements {
		if r.Verdict == v {
			all = append(all, r)
		}
	}
	return all
}

// apart parts what fails into what did not before, and what did.
func (g Gate) apart(failing []report.Requirement) (new, known []report.Requirement) {
	for _, r := range failing {
		if slices.ContainsFunc(g.Before.Requirements, func(old report.Requirement) bool { return old.ID == r.ID && old.Verdict == report.Fail }) {
			known = append(known, r)
		} else {
			new = append(new, r)
		}
	}
	return new, known
}

// missing are those that have to be judged, and were not.
func (g Gate) missing(now *report.Report) (all []report.Requirement) {
	for _, r := range having(now, report.NotChecked) {
		if slices.ContainsFunc(g.Required, func(pattern string) bool { is, _ := path.Match(pattern, r.ID); return is }) {
			all = append(all, r)
		}
	}
	return all
}

// list prints requirements under a heading, each with what was seen and how to see it again.
func list(out io.Writer, heading string, some []report.Requirement) {
	for _, r := range some {
		fmt.Fprintf(out, "%s: %s: %s\n  %s\n  again: %s\n", heading, r.ID, r.Text, strings.ReplaceAll(r.Reason, "\n", "\n  "), r.Reproduce)
	}
}

// Patterns are what a list of them names, parted by commas or blanks. Each has to name a requirement of the report: a misspelt
// one would hold nobody to anything.
func Patterns(list string, r *report.Report) (all []string, err error) {
	for _, pattern := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		named := false
		for _, requirement := range r.Requirements {
			is, err := path.Match(pattern, requirement.ID)
			if err != nil {
				return nil, fmt.Errorf("%q is no pattern: %w", pattern, err)
			}
			named = named || is
		}
		if !named {
			return nil, fmt.Errorf("%q names no requirement of this report; make requirements lists them", pattern)
		}
		all = append(all, pattern)
	}
	return all, nil
}
