package table

import (
	"fmt"

	"zerocopy-conformance/hack/report"
)

// consoleLines is how much of a broken kernel's console is printed.
const consoleLines = 20

// longestName is how much of a kernel's name, and of its release, is printed beside its label, in characters.
const longestName = 30

// kernels says of each kernel what it is, how it answered and how long that took, and why it is broken.
func kernels(columns []*column) section {
	s := section{
		title:  "Kernels",
		head:   []string{"kernel", "asked for", "release", "platform"},
		legend: "requirements by verdict; seconds until the first program ran, and all; ! is broken",
	}
	for _, verdict := range report.Verdicts {
		s.head = append(s.head, string(verdict))
	}
	s.head = append(s.head, "boot s", "all s")
	for _, c := range columns {
		row := []string{c.head(), shortened(c.Kernel, longestName), "?", "?"}
		if c.Report != nil {
			row[2], row[3] = shortened(c.Report.Kernel.Release, longestName), c.Report.Kernel.Platform
		}
		for _, verdict := range report.Verdicts {
			count := "?"
			if c.Report != nil {
				count = fmt.Sprint(c.Report.Summary[verdict])
			}
			row = append(row, count)
		}
		boot := "-"
		if c.BootSeconds > 0 {
			boot = fmt.Sprintf("%.1f", c.BootSeconds)
		}
		if why := c.broken(); why != "" {
			s.items = append(s.items, item{text: fmt.Sprintf("%s is broken: %s", c.Kernel, why), lines: lastLines(c.Console, consoleLines)})
		}
		s.rows = append(s.rows, append(row, boot, fmt.Sprintf("%.1f", c.Seconds)))
	}
	return s
}
