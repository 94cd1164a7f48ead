package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table prints the rows that have a claim, measured/claimed; a ? is what was not checked.
func Table(rows []Row) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "technique\tswitches\tcopies\tCPU\tDMA\tteardown\tfaults\tverdict\tCPU copies, which")
	for _, r := range rows {
		if r.Claimed == nil {
			continue
		}
		fmt.Fprintf(w, "%s\t", r.Technique)
		for _, cell := range r.Cells() {
			fmt.Fprintf(w, "%s/%d\t", orUnknown(cell.Measured), cell.Claimed)
		}
		fmt.Fprintf(w, "%s\t%s+%s\t%s\t%s\n", calls(r.TeardownCalls), orUnknown(r.MinorFaults), orUnknown(r.MajorFaults), r.Verdict, which(&r))
	}
	w.Flush()
	return text.String() + "measured/claimed for one chunk; faults: minor+major, inside the transfer's calls\n"
}

func orUnknown[T int64 | float64](n *T) string {
	if n == nil {
		return "?"
	}
	return fmt.Sprint(*n)
}

func calls(counts map[string]int) string {
	if counts == nil {
		return "?"
	}
	if len(counts) == 0 {
		return "-"
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%s:%d", name, counts[name]))
	}
	return strings.Join(words, " ")
}

func which(r *Row) string {
	switch {
	case r.CPUCopies == nil:
		return "?"
	case len(r.CPUCopiesWhich) == 0:
		return "none"
	}
	return strings.Join(r.CPUCopiesWhich, ", ")
}
