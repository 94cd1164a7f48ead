package table

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/suites/ledger"
)

// technique is one row of the textbook's table: measured by one method into one sink.
type technique struct{ name, method, sink string }

// textbook are the rows of the ledger that have a claim, a column for each kernel.
func textbook(columns []*column) section {
	claims := map[technique]ledger.Numbers{}
	measured := map[technique][]string{}
	sinks := map[string]map[string]bool{}
	for i, c := range columns {
		for _, row := range c.ledger() {
			if row.Claimed == nil {
				continue
			}
			t := technique{row.Technique, row.Method, row.Sink}
			if measured[t] == nil {
				claims[t], measured[t] = *row.Claimed, make([]string, len(columns))
			}
			measured[t][i] = also(measured[t][i], numbers(row))
			if sinks[t.name] == nil {
				sinks[t.name] = map[string]bool{}
			}
			sinks[t.name][t.sink] = true
		}
	}
	s := section{
		title:  "The textbook's table",
		head:   heads(columns, "technique", "claimed"),
		legend: "mode switches, copies, of these by CPU, by DMA; * is not as claimed, ? was not measured, ! heads a kernel that is broken",
	}
	for _, t := range slices.SortedFunc(maps.Keys(measured), func(a, b technique) int { return costlier(claims[a], claims[b], a, b) }) {
		name := t.name
		if len(sinks[t.name]) > 1 {
			name += " → " + t.sink
		}
		claim := claims[t]
		row := []string{name, fmt.Sprintf("%d %d %d %d", claim.ModeSwitches, claim.Copies, claim.CPU, claim.DMA)}
		s.rows = append(s.rows, append(row, known(measured[t])...))
	}
	if len(s.rows) == 0 {
		s.notes = []string{"no kernel has measured a row of it"}
	}
	return s
}

// costlier is the textbook's order: what costs most comes first.
func costlier(a, b ledger.Numbers, of, than technique) int {
	return cmp.Or(
		cmp.Compare(b.ModeSwitches, a.ModeSwitches), cmp.Compare(b.Copies, a.Copies),
		cmp.Compare(of.name, than.name), cmp.Compare(of.sink, than.sink), cmp.Compare(of.method, than.method),
	)
}

func numbers(row *ledger.Row) string {
	var words []string
	for _, cell := range row.Cells() {
		switch {
		case cell.Measured == nil:
			words = append(words, "?")
		case cell.Disagrees():
			words = append(words, fmt.Sprintf("%.3g*", *cell.Measured))
		default:
			words = append(words, fmt.Sprintf("%.3g", *cell.Measured))
		}
	}
	return strings.Join(words, " ")
}

func (c *column) ledger() (rows []*ledger.Row) {
	if c.Report != nil {
		for i := range c.Report.Ledger {
			rows = append(rows, &c.Report.Ledger[i])
		}
	}
	return rows
}

// also is an answer beside one that is already there; where both are the same, it is one.
func also(answer, more string) string {
	if answer == "" || more == "" || slices.Contains(strings.Split(answer, " + "), more) {
		return cmp.Or(answer, more)
	}
	both := append(strings.Split(answer, " + "), more)
	slices.Sort(both)
	return strings.Join(both, " + ")
}

// known has a question mark where there is no answer.
func known(answers []string) []string {
	answers = slices.Clone(answers)
	for i := range answers {
		answers[i] = cmp.Or(answers[i], "?")
	}
	return answers
}
