package main

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// gate is a report that is to be judged. Before is nil where it stands alone.
type gate struct {
	now, before *report.Report
	patterns    []string
}

// judge prints what decides, and says the exit code.
func (g gate) judge(out io.Writer) int {
	broken := g.having(report.KitError)
	failing := g.having(report.Fail)
	known := []report.Requirement{}
	if g.before != nil {
		failing, known = g.apart(failing)
	}
	missing := g.missing()
	list(out, "the kit broke", broken)
	list(out, "not kept", failing)
	list(out, "not kept, as before", known)
	list(out, "not checked, and required to be", missing)
	if g.before != nil {
		g.changes(out)
	}
	nothing := g.now.Summary[report.Pass]+g.now.Summary[report.Fail]+g.now.Summary[report.NotRequired]+g.now.Summary[report.Deviation] == 0
	if nothing {
		fmt.Fprintln(out, "no requirement was judged")
	}
	var counts []string
	for _, verdict := range report.Verdicts {
		counts = append(counts, fmt.Sprintf("%d %s", g.now.Summary[verdict], verdict))
	}
	code, word := conformant, "conformant"
	switch {
	case len(broken) > 0:
		code, word = broke, "the kit broke"
	case len(missing) > 0 || nothing:
		code, word = unchecked, "not enough could be checked"
	case len(failing) > 0:
		code, word = deviates, "deviates"
	}
	fmt.Fprintf(out, "%s: %s (%s)\n", g.now.Kernel.Release, word, strings.Join(counts, ", "))
	return code
}

// having are the requirements of a verdict.
func (g gate) having(v report.Verdict) (all []report.Requirement) {
	for _, r := range g.now.Requirements {
		if r.Verdict == v {
			all = append(all, r)
		}
	}
	return all
}

// apart parts what fails into what did not before, and what did.
func (g gate) apart(failing []report.Requirement) (new, known []report.Requirement) {
	for _, r := range failing {
		if slices.ContainsFunc(g.before.Requirements, func(old report.Requirement) bool { return old.ID == r.ID && old.Verdict == report.Fail }) {
			known = append(known, r)
		} else {
			new = append(new, r)
		}
	}
	return new, known
}

// missing are those that have to be judged, and were not.
func (g gate) missing() (all []report.Requirement) {
	for _, r := range g.having(report.NotChecked) {
		if slices.ContainsFunc(g.patterns, func(pattern string) bool { is, _ := path.Match(pattern, r.ID); return is }) {
			all = append(all, r)
		}
	}
	return all
}

// changes prints what else is otherwise than before: verdicts, and what transfers cost.
func (g gate) changes(out io.Writer) {
	for _, change := range table.Diff(g.before, g.now) {
		fmt.Fprintf(out, "changed: %s: %s, before: %s\n", change.What, change.B, change.A)
	}
}

// list prints requirements under a heading, each with what was seen and how to see it again.
func list(out io.Writer, heading string, some []report.Requirement) {
	for _, r := range some {
		fmt.Fprintf(out, "%s: %s: %s\n  %s\n  again: %s\n", heading, r.ID, r.Text, strings.ReplaceAll(r.Reason, "\n", "\n  "), r.Reproduce)
	}
}
