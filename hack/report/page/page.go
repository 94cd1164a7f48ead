// Package page is a run's result for a person with a browser: one HTML file that holds all it needs, asks no network for
// anything, and is read by eye, by keyboard, on a phone, in the dark.
//
// It shows what the reports say and nothing else: a number that was not measured is drawn as such. Whatever a report holds,
// a program's name or a kernel's version string, is text there, and never markup.
package page

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

//go:embed page.html
var markup string

//go:embed page.css
var style string

//go:embed page.js
var script string

var page = template.Must(template.New("page").Parse(markup))

// Write writes the page of some kernels' answers. None at all is an error.
func Write(w io.Writer, title string, columns []report.Column) error {
	if len(columns) == 0 {
		return errors.New("a page of no kernel's answers: there is nothing to be shown")
	}
	// The kit's own files are markup as they are; all else is escaped.
	view := view{Title: title, Style: template.CSS(style), Script: template.JS(script), Verdicts: report.Verdicts, Data: answers(columns)}
	for _, c := range columns {
		view.Columns = append(view.Columns, summed(c))
		view.Kernels = append(view.Kernels, detailed(c))
	}
	// What is unfolded is the first that has something to be seen.
	open := max(0, slices.IndexFunc(view.Kernels, func(d details) bool { return len(d.Pictures) > 0 }))
	view.Kernels[open].Open = true
	return page.Execute(w, view)
}

// view is what the page's markup shows.
type view struct {
	Title    string
	Style    template.CSS
	Script   template.JS
	Verdicts []report.Verdict
	Columns  []summary
	Kernels  []details
	Data     data
}

// summary is a kernel's line in the first table.
type summary struct {
	Name, About, Broken string
	Counts              []string
}

func summed(c report.Column) summary {
	s := summary{Name: c.Name, Broken: c.Broken}
	if c.Report == nil {
		for range report.Verdicts {
			s.Counts = append(s.Counts, "")
		}
		return s
	}
	s.About = strings.Join([]string{c.Report.Kernel.Release, string(c.Report.Kernel.Platform), c.Report.Kernel.Machine}, ", ")
	for _, verdict := range report.Verdicts {
		s.Counts = append(s.Counts, fmt.Sprint(c.Report.Summary[verdict]))
	}
	return s
}

// details are what is folded up for each kernel.
type details struct {
	Name      string
	Open      bool
	Why       string
	Pictures  []picture
	Unchecked []unchecked
}

// unchecked is a reason why something was not checked, and of which requirements.
type unchecked struct{ Reason, Requirements string }

func detailed(c report.Column) details {
	d := details{Name: c.Name, Why: c.Broken}
	if c.Report == nil {
		return d
	}
	for _, row := range c.Report.Ledger {
		if row.Claimed != nil {
			d.Pictures = append(d.Pictures, draw(&row))
		}
	}
	by := map[string][]string{}
	for _, r := range c.Report.Requirements {
		for reason, places := range r.NotChecked {
			by[reason] = append(by[reason], fmt.Sprintf("%s (%d)", r.ID, places))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		d.Unchecked = append(d.Unchecked, unchecked{reason, strings.Join(by[reason], ", ")})
	}
	return d
}
