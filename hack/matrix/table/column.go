package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/report"
)

// host is the kernel that the matrix itself runs on, as it is asked for.
const host = "host"

// longestLabel is the width of a column's head, in characters: twelve of them leave room on a line of 160.
const longestLabel = 14

// column is a Column with what it takes to print it.
type column struct {
	Column
	// label heads the column, and is no other column's.
	label string
	// release is that of a real Linux kernel, and of a kernel without a report what its name says; nil where neither
	// is known.
	release      *kernel.Release
	requirements map[string]*report.Requirement
}

// columns are the matrix's, Linux kernels by version, then other platforms, the host last; otherwise as they stand.
func (m *Matrix) columns() []*column {
	var all []*column
	for _, c := range m.Columns {
		all = append(all, &column{Column: c, release: release(&c), requirements: requirements(c.Report)})
	}
	slices.SortStableFunc(all, func(a, b *column) int {
		if order := cmp.Compare(a.rank(), b.rank()); order != 0 || a.rank() != 0 {
			return order
		}
		return a.release.Compare(*b.release)
	})
	label(all)
	return all
}

func (c *column) rank() int {
	switch {
	case c.Kernel == host:
		return 2
	case c.release == nil:
		return 1
	}
	return 0
}

// release reads the version of a Linux kernel. User-Mode Linux and gVisor have one, too, but what they do has other
// causes: they stand in no order of versions.
func release(c *Column) *kernel.Release {
	if c.Report != nil {
		is, err := kernel.Parse(c.Report.Kernel.Release)
		if c.Report.Kernel.Platform != kernel.Linux || err != nil {
			return nil
		}
		is = is.Refine(c.Report.Kernel.Version)
		return &is
	}
	kind, version, _ := strings.Cut(c.Kernel, ":")
	is, err := kernel.Parse(version)
	if kind == kernel.UML || err != nil {
		return nil
	}
	return &is
}

func requirements(r *report.Report) map[string]*report.Requirement {
	all := map[string]*report.Requirement{}
	if r != nil {
		for i := range r.Requirements {
			all[r.Requirements[i].ID] = &r.Requirements[i]
		}
	}
	return all
}

// label names the columns: by version where one is proved, and where that is no other's; else by what was asked for, of a
// distribution's kernel without the distribution.
func label(columns []*column) {
	taken := map[string]int{}
	for _, c := range columns {
		c.label = visible(c.Kernel)
		if c.linux() && c.Kernel != host {
			c.label = c.release.String()
		}
		taken[c.label]++
	}
	for _, c := range columns {
		if taken[c.label] > 1 {
			c.label = visible(strings.TrimPrefix(c.Kernel, "debian:"))
		}
	}
	taken = map[string]int{}
	for _, c := range columns {
		if n := utf8.RuneCountInString(c.label); n > longestLabel {
			// Names differ at their ends.
			c.label = "…" + string([]rune(c.label)[n-longestLabel+1:])
		}
		for name, n := c.label, 2; taken[c.label] > 0; n++ {
			c.label = fmt.Sprintf("%s#%d", name, n)
		}
		taken[c.label]++
	}
}

// linux says that it is a real Linux kernel, whose version is proved.
func (c *column) linux() bool { return c.Report != nil && c.release != nil }

// version names a Linux kernel where versions are spoken of.
func (c *column) version() string {
	if version := c.release.String(); version != c.label {
		return fmt.Sprintf("%s (%s)", version, c.label)
	}
	return c.label
}

// broken is why the column is not whole, empty where it is.
func (c *column) broken() string {
	switch {
	case c.Broken != "":
		return oneLine(c.Broken)
	case c.Report == nil:
		return "there is no report, and nothing says why"
	case len(c.Report.Requirements) == 0:
		return "its report judges no requirement"
	}
	return ""
}

// heads are the heads of tables that have a column for each kernel.
func heads(columns []*column, before ...string) []string {
	for _, c := range columns {
		before = append(before, c.head())
	}
	return before
}

// head is the label, with a mark on a kernel that is broken.
func (c *column) head() string {
	if c.broken() != "" {
		return c.label + "!"
	}
	return c.label
}
