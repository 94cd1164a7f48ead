package table

import (
	"fmt"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

// Red says why the matrix is not green, a line for each kernel that is broken and each requirement that a kernel fails or
// in which the kit does, with the reason. Empty: it is green. A matrix without a kernel is not.
func (m *Matrix) Red() (why []string) {
	if len(m.Columns) == 0 {
		return []string{errEmpty.Error()}
	}
	for _, c := range m.columns() {
		if broken := c.broken(); broken != "" {
			why = append(why, visible(fmt.Sprintf("%s: broken: %s", c.Kernel, broken)))
		}
		for _, r := range c.failed() {
			why = append(why, visible(fmt.Sprintf("%s: %s: %s: %s: %s", c.Kernel, r.Verdict, r.ID, r.Text, reasonOf(r))))
		}
	}
	return why
}

// failed are the requirements that make a kernel red.
func (c *column) failed() (all []*report.Requirement) {
	if c.Report != nil {
		for i, r := range c.Report.Requirements {
			if r.Verdict == report.Fail || r.Verdict == report.KitError {
				all = append(all, &c.Report.Requirements[i])
			}
		}
	}
	return all
}

// reasonOf is a requirement's reason on one line, without what stands beside it anyway: the requirement itself, and the
// command that asks the kernel which is running.
func reasonOf(r *report.Requirement) string {
	var lines []string
	for line := range strings.Lines(r.Reason) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, r.ID+": ") && !strings.HasPrefix(line, "again:") {
			lines = append(lines, line)
		}
	}
	if reason := oneLine(strings.Join(lines, "\n")); reason != "" {
		return reason
	}
	return "no reason is given"
}

// red says the same as Red for a person: each requirement once, what each kernel did, and how to ask those again.
func red(columns []*column) section {
	var s section
	failed := map[string][]*column{}
	reasons := 0
	for _, c := range columns {
		if why := c.broken(); why != "" {
			reasons++
			s.items = append(s.items, item{text: fmt.Sprintf("%s is broken: %s", c.Kernel, why), lines: []string{"again: " + again([]string{c.Kernel}, "")}})
		}
		for _, r := range c.failed() {
			reasons++
			failed[r.ID] = append(failed[r.ID], c)
		}
	}
	for _, id := range ids(columns) {
		if failed[id] == nil {
			continue
		}
		var each item
		var names []string
		for _, c := range failed[id] {
			r := c.requirements[id]
			each.text = fmt.Sprintf("%s: %s", id, r.Text)
			each.lines = append(each.lines, fmt.Sprintf("%s: %s: %s", c.label, r.Verdict, reasonOf(r)))
			if !slices.Contains(names, c.Kernel) {
				names = append(names, c.Kernel)
			}
		}
		each.lines = append(each.lines, "again: "+again(names, id))
		s.items = append(s.items, each)
	}
	s.title = fmt.Sprintf("Red, for %s", plural(reasons, "reason"))
	if reasons == 0 {
		s.title = fmt.Sprintf("Green: %s, %s", plural(len(columns), "kernel"), plural(len(ids(columns)), "requirement"))
	}
	return s
}
