package table

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/suites/ledger"
)

// way is what the kernels answered to methods that move bytes from a source into a sink: methods that were answered
// alike stand together, and so do sources.
type way struct {
	sink    string
	methods []string
	// sources are empty where all of them, or most, were answered like this.
	sources []string
	// answers are one for each column, empty where nothing was measured.
	answers []string
}

// ways asks one question of all ledgers.
func ways(columns []*column, ask func(*ledger.Row) string) (all []way) {
	places := map[string]map[string]map[string][]string{}
	for i, c := range columns {
		for _, row := range c.ledger() {
			answers := at(at(places, row.Sink), row.Method)
			if answers[row.Source] == nil {
				answers[row.Source] = make([]string, len(columns))
			}
			answers[row.Source][i] = also(answers[row.Source][i], ask(row))
		}
	}
	for _, sink := range slices.Sorted(maps.Keys(places)) {
		first := len(all)
		for _, method := range slices.Sorted(maps.Keys(places[sink])) {
			for _, w := range bySource(places[sink][method]) {
				// A method that some kernel refuses is not like one that it allows: here a gap is a difference.
				alike := slices.IndexFunc(all[first:], func(have way) bool {
					return slices.Equal(have.answers, w.answers) && slices.Equal(have.sources, w.sources)
				})
				if alike >= 0 {
					all[first+alike].methods = append(all[first+alike].methods, method)
					continue
				}
				w.sink, w.methods = sink, []string{method}
				all = append(all, w)
			}
		}
	}
	return all
}

func at[V any](m map[string]map[string]V, key string) map[string]V {
	if m[key] == nil {
		m[key] = map[string]V{}
	}
	return m[key]
}

// bySource puts sources together that no kernel tells apart. Which sources there are depends on the machine, so that a
// gap tells nothing.
func bySource(answers map[string][]string) (all []way) {
	for _, source := range slices.Sorted(maps.Keys(answers)) {
		alike := slices.IndexFunc(all, func(w way) bool { return !contradict(w.answers, answers[source]) })
		if alike < 0 {
			all = append(all, way{sources: []string{source}, answers: slices.Clone(answers[source])})
			continue
		}
		all[alike].sources = append(all[alike].sources, source)
		for i, answer := range answers[source] {
			all[alike].answers[i] = cmp.Or(all[alike].answers[i], answer)
		}
	}
	// The most common answer needs no list of its sources.
	slices.SortStableFunc(all, func(a, b way) int { return cmp.Compare(len(b.sources), len(a.sources)) })
	all[0].sources = nil
	return all
}

func contradict(a, b []string) bool {
	for i := range a {
		if a[i] != "" && b[i] != "" && a[i] != b[i] {
			return true
		}
	}
	return false
}

// changes says that not all kernels that answered answered alike.
func (w way) changes() bool {
	seen := map[string]bool{"": true}
	for _, answer := range w.answers {
		seen[answer] = true
	}
	return len(seen) > 2
}

func (w way) String() string {
	text := list(w.methods) + " → " + w.sink
	if len(w.sources) > 0 {
		text += " from " + list(w.sources)
	}
	return text
}

func sharingOf(row *ledger.Row) string { return string(row.Aliasing) }

func callsOf(row *ledger.Row) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(row.Calls)) {
		words = append(words, fmt.Sprintf("%s:%d", name, row.Calls[name]))
	}
	return strings.Join(words, " ")
}
