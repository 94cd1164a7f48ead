package table

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

// Change is something that two kernels answered otherwise: a requirement with both verdicts and reasons, or a place in
// the ledger with what was measured otherwise there.
type Change struct{ What, A, B string }

// absent is the answer of a report that does not have the requirement or the row.
const absent = "?"

// place is where a row stands in a ledger. Where one place has several, n tells them apart.
type place struct {
	technique, method, sink, source string
	cold                            bool
	n                               int
}

func (p place) String() string {
	text := fmt.Sprintf("%s → %s from %s", p.method, p.sink, p.source)
	if p.cold {
		text += ", cold"
	}
	if p.technique != "" {
		text += fmt.Sprintf(" (%s)", p.technique)
	}
	if p.n > 0 {
		text += fmt.Sprintf(", row %d", p.n+1)
	}
	return text
}

// questions are what is compared of two rows.
var questions = []struct {
	name string
	of   func(*ledger.Row) string
}{
	{"pages", sharingOf},
	{"calls", callsOf},
	{"CPU copies", func(r *ledger.Row) string { return measured(r.CPUCopies) }},
	{"DMA transfers", func(r *ledger.Row) string { return measured(r.DMATransfers) }},
	{"faults", func(r *ledger.Row) string { return measured(r.MinorFaults) + "+" + measured(r.MajorFaults) }},
}

func measured[T any](n *T) string {
	if n == nil {
		return "?"
	}
	return fmt.Sprint(*n)
}

// Diff lists the requirements whose verdicts differ, by ID, then the ledger rows whose numbers do, by place. No report is
// one that answers nothing.
func Diff(a, b *report.Report) (all []Change) {
	before, after := requirements(a), requirements(b)
	for _, id := range union(before, after, strings.Compare) {
		if x, y := before[id], after[id]; x == nil || y == nil || x.Verdict != y.Verdict {
			all = append(all, Change{id, judged(x), judged(y)})
		}
	}
	was, is := rows(a), rows(b)
	for _, p := range union(was, is, comparePlaces) {
		x, y := was[p], is[p]
		if x == nil || y == nil {
			all = append(all, Change{p.String(), present(x), present(y)})
			continue
		}
		var old, new []string
		for _, q := range questions {
			if v, w := q.of(x), q.of(y); v != w {
				old, new = append(old, q.name+" "+cmp.Or(v, "?")), append(new, q.name+" "+cmp.Or(w, "?"))
			}
		}
		if old != nil {
			all = append(all, Change{p.String(), list(old), list(new)})
		}
	}
	return all
}

func judged(r *report.Requirement) string {
	switch {
	case r == nil:
		return absent
	case r.Verdict == report.Pass:
		return string(r.Verdict)
	}
	return fmt.Sprintf("%s: %s", r.Verdict, reasonOf(r))
}

func present(row *ledger.Row) string {
	if row == nil {
		return absent
	}
	var words []string
	for _, q := range questions {
		words = append(words, q.name+" "+cmp.Or(q.of(row), "?"))
	}
	return list(words)
}

func rows(r *report.Report) map[place]*ledger.Row {
	all := map[place]*ledger.Row{}
	if r == nil {
		return all
	}
	for i := range r.Ledger {
		row := &r.Ledger[i]
		p := place{row.Technique, row.Method, row.Sink, row.Source, row.Cold, 0}
		for all[p] != nil {
			p.n++
		}
		all[p] = row
	}
	return all
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.technique, b.technique), cmp.Compare(a.String(), b.String()), cmp.Compare(a.n, b.n))
}

// union are the keys of either, in order.
func union[K comparable, V any](a, b map[K]V, compare func(a, b K) int) []K {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return slices.SortedFunc(maps.Keys(both), compare)
}

// PrintDiff prints what Diff has found between two kernels of these names.
func PrintDiff(w io.Writer, a, b string, all []Change) error {
	s := section{title: fmt.Sprintf("%s and %s: %s", a, b, plural(len(all), "difference"))}
	for _, c := range all {
		s.items = append(s.items, item{text: c.What, lines: []string{a + ": " + c.A, b + ": " + c.B}})
	}
	return terminal(w, []section{s})
}
