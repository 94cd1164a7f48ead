package external

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/onsi/ginkgo/v2"
)

// The names under which what a program does stands in Ginkgo's report.
const (
	sentenceEntry = "program"
	lineEntry     = "program's line"
)

// show prints what all programs do, from what the processes of the run have put into the report: of one its sentences, of
// several a table.
func show(report ginkgo.Report) {
	sentences, lines := entries(report, sentenceEntry), entries(report, lineEntry)
	several := slices.ContainsFunc(lines, func(line string) bool {
		return strings.SplitN(line, "\t", 2)[0] != strings.SplitN(lines[0], "\t", 2)[0]
	})
	text := strings.Join(sentences, "\n")
	if several {
		var grid strings.Builder
		w := tabwriter.NewWriter(&grid, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, heading)
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		w.Flush()
		text = grid.String() + "calls and copies are those of a MiB; ? is not-checked\n"
	}
	if text != "" {
		ginkgo.AddReportEntry("by what programs move bytes", text, ginkgo.ReportEntryVisibilityAlways)
	}
}

// entries are those of that name, in order.
func entries(report ginkgo.Report, name string) (all []string) {
	for _, s := range report.SpecReports {
		for _, entry := range s.ReportEntries {
			if entry.Name == name {
				all = append(all, entry.StringRepresentation())
			}
		}
	}
	slices.Sort(all)
	return all
}
