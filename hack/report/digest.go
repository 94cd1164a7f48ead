package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"zerocopy-conformance/suites/spec"
)

// Digest prints what a reader wants to know after a run, in about a screen: what is not as it is owed, each
// requirement in full; what this kernel does not owe, and what was not checked, once for each reason; the counts.
// A whole kernel feature may be missing: its requirements share one reason, and one line.
func (r *Report) Digest(w io.Writer) {
	owed, unchecked := newGroups(), newGroups()
	for _, requirement := range r.Requirements {
		switch requirement.Verdict {
		case Fail, KitError, Deviation:
			fmt.Fprintf(w, "%s: %s: %s\n", requirement.Verdict, requirement.ID, strings.ReplaceAll(requirement.Reason, "\n", "\n    "))
		case NotRequired:
			owed.of(requirement.Reason).whole.add(requirement.ID)
		}
		reasons := requirement.lacking()
		if requirement.Reason == spec.LeftOut {
			reasons = append(reasons, spec.LeftOut)
		}
		for _, reason := range reasons {
			if requirement.Verdict == NotChecked {
				unchecked.of(reason).whole.add(requirement.ID)
			} else {
				unchecked.of(reason).part.add(requirement.ID)
			}
		}
	}
	for _, g := range owed.sorted() {
		fmt.Fprintf(w, "%s: %s: %s\n", NotRequired, g.whole, g.reason)
	}
	for _, g := range unchecked.sorted() {
		fmt.Fprintf(w, "%s: %s\n    %s\n", NotChecked, g.reason, g.extent())
	}
	var counts []string
	for _, verdict := range Verdicts {
		counts = append(counts, fmt.Sprintf("%d %s", r.Summary[verdict], verdict))
	}
	fmt.Fprintf(w, "%d requirements: %s\n", len(r.Requirements), strings.Join(counts, ", "))
}

// group is the requirements that have one reason in common: those of which nothing was checked, and those of which
// other places were.
type group struct {
	reason      string
	whole, part ids
}

// extent says how much was not checked for the group's reason.
func (g *group) extent() string {
	var extent []string
	if n := len(g.whole); n > 0 {
		extent = append(extent, fmt.Sprintf("%d in whole: %s", n, g.whole))
	}
	if n := len(g.part); n > 0 {
		extent = append(extent, fmt.Sprintf("%d in part: %s", n, g.part))
	}
	return strings.Join(extent, "; ")
}

type groups map[string]*group

func newGroups() groups { return groups{} }

// of is the group of a reason.
func (all groups) of(reason string) *group {
	if all[reason] == nil {
		all[reason] = &group{reason: reason}
	}
	return all[reason]
}

// sorted has the reasons of most requirements first.
func (all groups) sorted() (sorted []*group) {
	for _, g := range all {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *group) int {
		return cmp.Or(len(b.whole)-len(a.whole), len(b.part)-len(a.part), strings.Compare(a.reason, b.reason))
	})
	return sorted
}

// ids are requirements, in the order of their letters.
type ids []string

func (all *ids) add(id string) { *all = append(*all, id) }

// few is how many IDs of a family are printed one by one.
const few = 3

// String abbreviates: of a family of which there are more than a few, the first word of their IDs stands for all.
func (all ids) String() string {
	var words []string
	for len(all) > 0 {
		family, _, _ := strings.Cut(all[0], "-")
		n := 0
		for n < len(all) && (all[n] == family || strings.HasPrefix(all[n], family+"-")) {
			n++
		}
		if n > few {
			words = append(words, fmt.Sprintf("%s-* (%d)", family, n))
		} else {
			words = append(words, all[:n]...)
		}
		all = all[n:]
	}
	return strings.Join(words, ", ")
}
