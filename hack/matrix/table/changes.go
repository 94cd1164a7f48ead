package table

import (
	"fmt"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

// longestReason is how much of a reason is said beside a verdict, in characters.
const longestReason = 160

// stretch is a run of Linux kernels, by version, that gave the same answer. Those that gave none are passed over.
type stretch struct {
	answer, reason string
	first, last    *column
}

// changes says between which Linux kernels an answer changed, of each requirement and each way to move bytes.
func changes(columns []*column) section {
	s := section{title: "First kernel that …"}
	linux := byVersion(columns)
	if len(linux) < 2 {
		s.notes = []string{"this takes two Linux kernels"}
		return s
	}
	var all said
	for _, w := range ways(linux, sharingOf) {
		all.add(w.String(), stretches(linux, func(i int) (answer, reason string) { return w.answers[i], "" }))
	}
	for _, w := range ways(linux, callsOf) {
		all.add("calls of "+w.String(), stretches(linux, func(i int) (answer, reason string) { return w.answers[i], "" }))
	}
	for _, id := range ids(linux) {
		all.add(id, stretches(linux, func(i int) (answer, reason string) { return verdictOf(linux[i], id) }))
	}
	for _, each := range all {
		s.items = append(s.items, item{text: strings.Join(each.of, "; ") + ": " + each.change})
	}
	if len(s.items) == 0 {
		s.notes = []string{fmt.Sprintf("nothing has changed between %s", list(versions(linux)))}
	}
	return s
}

// byVersion are the real Linux kernels, the host among them: what it answers is an answer of its version.
func byVersion(columns []*column) []*column {
	linux := slices.DeleteFunc(slices.Clone(columns), func(c *column) bool { return !c.linux() })
	slices.SortStableFunc(linux, func(a, b *column) int { return a.release.Compare(*b.release) })
	return linux
}

func versions(columns []*column) (all []string) {
	for _, c := range columns {
		all = append(all, c.version())
	}
	return all
}

// verdictOf is what a kernel answered to a requirement, if it did. A kernel that is broken may have been stopped short of
// the case that decides.
func verdictOf(c *column, id string) (answer, reason string) {
	r := c.requirements[id]
	if r == nil || c.broken() != "" {
		return "", ""
	}
	switch r.Verdict {
	case report.Pass:
		// What a pass has for a reason is what could not be checked.
		return string(r.Verdict), ""
	case report.Fail, report.NotRequired, report.Deviation:
		return string(r.Verdict), shortened(reasonOf(r), longestReason)
	}
	return "", ""
}

func stretches(columns []*column, answerOf func(int) (answer, reason string)) (all []stretch) {
	for i, c := range columns {
		answer, reason := answerOf(i)
		n := len(all)
		switch {
		case answer == "":
		case n > 0 && all[n-1].answer == answer:
			all[n-1].last, all[n-1].reason = c, reason
		default:
			all = append(all, stretch{answer, reason, c, c})
		}
	}
	return all
}

// said is what is said of changes: what is the same of several is said once of them all.
type said []struct {
	of     []string
	change string
}

// add adds what has changed, and nothing for what has not.
func (all *said) add(what string, stretches []stretch) {
	change := changeOf(stretches)
	if change == "" {
		return
	}
	for i, each := range *all {
		if each.change == change {
			(*all)[i].of = append(each.of, what)
			return
		}
	}
	*all = append(*all, struct {
		of     []string
		change string
	}{[]string{what}, change})
}

func changeOf(all []stretch) string {
	n := len(all)
	switch {
	case n < 2:
		return ""
	case n == 2:
		before, after := all[0], all[1]
		upTo := " up to "
		if before.first == before.last {
			upTo = " on "
		}
		return fmt.Sprintf("%s from %s on%s (%s%s%s%s)",
			after.answer, after.first.version(), because(after.reason), before.answer, upTo, before.last.version(), because(before.reason))
	}
	var parts []string
	for i, each := range all {
		switch {
		case i == n-1:
			parts = append(parts, fmt.Sprintf("%s from %s on", each.answer, each.first.version()))
		case each.first == each.last:
			parts = append(parts, fmt.Sprintf("%s on %s", each.answer, each.first.version()))
		default:
			parts = append(parts, fmt.Sprintf("%s on %s – %s", each.answer, each.first.version(), each.last.version()))
		}
	}
	return "back and forth: " + strings.Join(parts, ", ")
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}
