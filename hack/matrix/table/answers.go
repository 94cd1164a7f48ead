package table

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

// letters stand for verdicts in the table of requirements.
var letters = map[report.Verdict]string{
	report.Pass: "p", report.Fail: "F", report.NotRequired: "n", report.Deviation: "d", report.NotChecked: "-", report.KitError: "K",
}

// The groups in which requirements are listed, and the last in which they are only counted.
const (
	notKept = iota
	excused
	answeredOtherwise
	notAnswered
	alike
)

// answers lists the requirements that were not answered alike by all kernels, or are not kept by one.
func answers(columns []*column) section {
	s := section{
		title: "Requirements that are not kept, or not answered alike by all kernels",
		head:  heads(columns, "requirement", "since"),
		legend: "p pass, F fail, d deviation, n not-required, - not-checked, K kit-error, ? no answer; first what is not kept, then what is excused, " +
			"what is answered otherwise, and what is not answered everywhere",
	}
	type line struct {
		group int
		id    string
		cells []string
	}
	var lines []line
	same := map[report.Verdict]int{}
	all := ids(columns)
	for _, id := range all {
		verdicts := map[report.Verdict]bool{}
		since := ""
		cells := []string{id, ""}
		for _, c := range columns {
			r := c.requirements[id]
			if r == nil {
				cells = append(cells, "?")
				// Why a broken kernel said nothing has been said of it as a whole.
				if c.broken() == "" {
					verdicts[""] = true
				}
				continue
			}
			cells = append(cells, cmp.Or(letters[r.Verdict], "?"))
			verdicts[r.Verdict], since = true, r.Since
		}
		cells[1] = cmp.Or(since, "-")
		group := groupOf(verdicts)
		if group == alike {
			for verdict := range verdicts {
				same[verdict]++
			}
			continue
		}
		lines = append(lines, line{group, id, cells})
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		if a.group != notAnswered || b.group != notAnswered {
			return cmp.Compare(a.group, b.group)
		}
		return cmp.Or(cmp.Compare(family(a.id), family(b.id)), slices.Compare(a.cells[2:], b.cells[2:]))
	})
	for at := 0; at < len(lines); {
		l, n := lines[at], 1
		// Where a kernel lacks something, all that is asked of that is not answered there: it is said once.
		for l.group == notAnswered && at+n < len(lines) && family(lines[at+n].id) == family(l.id) && slices.Equal(lines[at+n].cells[2:], l.cells[2:]) {
			n++
		}
		if n > 1 {
			l.cells = append([]string{fmt.Sprintf("%s-… (%d)", family(l.id), n), "…"}, l.cells[2:]...)
		}
		s.rows = append(s.rows, l.cells)
		at += n
	}
	s.notes = []string{fmt.Sprintf("%d of %s; alike everywhere: %s", len(lines), plural(len(all), "requirement"), counted(same))}
	return s
}

// family is what a requirement's name begins with: those of one interface are of one.
func family(id string) string {
	first, _, _ := strings.Cut(id, "-")
	return first
}

// groupOf is the group of a requirement with these verdicts, of which the empty one is none.
func groupOf(verdicts map[report.Verdict]bool) int {
	switch {
	case verdicts[report.Fail] || verdicts[report.KitError]:
		return notKept
	case verdicts[report.Deviation]:
		return excused
	case verdicts[report.Pass] && verdicts[report.NotRequired]:
		return answeredOtherwise
	case len(verdicts) > 1:
		return notAnswered
	}
	return alike
}

// counted are numbers of requirements by verdict.
func counted(by map[report.Verdict]int) string {
	var words []string
	for _, verdict := range report.Verdicts {
		if by[verdict] > 0 {
			words = append(words, fmt.Sprintf("%d %s", by[verdict], verdict))
		}
	}
	if words == nil {
		return "none"
	}
	return strings.Join(words, ", ")
}

// ids are those of all requirements that any kernel has judged.
func ids(columns []*column) []string {
	all := map[string]bool{}
	for _, c := range columns {
		for id := range c.requirements {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
