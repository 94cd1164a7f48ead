package forms

import (
	"fmt"
	"io"
	"strings"

	"zerocopy-conformance/hack/report"
)

// KTAP writes the Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst): a subtest for each kernel, in it
// a result for each requirement, which is named by its ID. What was seen of a failing one stands before it as diagnostics.
func KTAP(w io.Writer, _ string, columns []report.Column) error {
	var text strings.Builder
	fmt.Fprintf(&text, "KTAP version 1\n1..%d\n", len(columns))
	for i, c := range columns {
		requirements := judged(c)
		name := ktapName(c.Name)
		fmt.Fprintf(&text, "  KTAP version 1\n  # Subtest: %s\n  1..%d\n", name, len(requirements))
		ok := c.Broken == ""
		for n, r := range requirements {
			switch {
			case bad(r.Verdict):
				ok = false
				for line := range strings.Lines(r.Reason) {
					fmt.Fprintf(&text, "  # %s\n", oneLine(line))
				}
				fmt.Fprintf(&text, "  # again: %s\n  not ok %d %s\n", oneLine(r.Reproduce), n+1, ktapName(r.ID))
			case skipped(r.Verdict):
				fmt.Fprintf(&text, "  ok %d %s # SKIP %s: %s\n", n+1, ktapName(r.ID), r.Verdict, oneLine(r.Reason))
			default:
				fmt.Fprintf(&text, "  ok %d %s\n", n+1, ktapName(r.ID))
			}
		}
		if c.Broken != "" {
			fmt.Fprintf(&text, "# %s\n", oneLine(c.Broken))
		}
		fmt.Fprintf(&text, "%s %d %s\n", map[bool]string{true: "ok", false: "not ok"}[ok], i+1, name)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// ktapName is a name as a result has it: in one line, and without the sign that ends it.
func ktapName(name string) string { return oneLine(strings.ReplaceAll(name, "#", "_")) }
