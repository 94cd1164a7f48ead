// Package forms writes what kernels answered as other programs read it: Markdown, JUnit's XML, KTAP, and the annotations of
// GitHub's workflows. What a report holds is escaped in each as its reader takes it.
package forms

import (
	"strings"

	"zerocopy-conformance/hack/report"
)

// judged are a column's requirements. One that said nothing has none; that it is broken is told beside them.
func judged(c report.Column) []report.Requirement {
	if c.Report == nil {
		return nil
	}
	return c.Report.Requirements
}

// bad says whether a verdict makes a run red.
func bad(v report.Verdict) bool { return v == report.Fail || v == report.KitError }

// skipped says whether a verdict is neither for nor against the kernel.
func skipped(v report.Verdict) bool {
	return v == report.NotChecked || v == report.NotRequired || v == report.Deviation
}

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
