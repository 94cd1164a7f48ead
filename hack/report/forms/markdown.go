package forms

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

// Markdown writes a summary as GitHub shows it, in a pull request or as $GITHUB_STEP_SUMMARY: the verdicts of each kernel, what
// fails in full, the textbook's table, and what was not checked, by its reasons.
func Markdown(w io.Writer, title string, columns []report.Column) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n\n", escaped(title))
	text.WriteString("| kernel |")
	for _, verdict := range report.Verdicts {
		fmt.Fprintf(&text, " %s |", verdict)
	}
	fmt.Fprintf(&text, "\n|---|%s\n", strings.Repeat("--:|", len(report.Verdicts)))
	for _, c := range columns {
		fmt.Fprintf(&text, "| %s |", escaped(c.Name))
		for _, verdict := range report.Verdicts {
			count := ""
			if c.Report != nil {
				count = fmt.Sprint(c.Report.Summary[verdict])
			}
			fmt.Fprintf(&text, " %s |", count)
		}
		text.WriteString("\n")
	}
	for _, c := range columns {
		about(&text, c)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// about says of one kernel what is not in the table.
func about(text *strings.Builder, c report.Column) {
	if c.Broken != "" {
		fmt.Fprintf(text, "\n**%s is broken:** %s\n", escaped(c.Name), escaped(c.Broken))
	}
	if c.Report == nil {
		return
	}
	for _, r := range c.Report.Requirements {
		if bad(r.Verdict) || r.Verdict == report.Deviation {
			fmt.Fprintf(text, "\n**%s on %s: %s** — %s (%s)\n", r.ID, escaped(c.Name), r.Verdict, escaped(r.Text), escaped(r.Source))
			fence(text, r.Reason+"\nagain: "+r.Reproduce)
		}
	}
	rows := slices.DeleteFunc(slices.Clone(c.Report.Ledger), func(row ledger.Row) bool { return row.Claimed == nil })
	if len(rows) > 0 {
		fmt.Fprintf(text, "\n<details><summary>The textbook's table on %s</summary>\n", escaped(c.Name))
		fence(text, ledger.Table(rows))
		text.WriteString("\n</details>\n")
	}
	reasons := map[string]int{}
	for _, r := range c.Report.Requirements {
		for reason, places := range r.NotChecked {
			reasons[reason] += places
		}
	}
	if len(reasons) > 0 {
		fmt.Fprintf(text, "\n<details><summary>Not checked on %s: %d reasons</summary>\n\n", escaped(c.Name), len(reasons))
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			fmt.Fprintf(text, "- %s (%d)\n", escaped(reason), reasons[reason])
		}
		text.WriteString("\n</details>\n")
	}
}

// fence shows a text as it is: between more backticks than it has itself.
func fence(text *strings.Builder, plain string) {
	marks := "```"
	for strings.Contains(plain, marks) {
		marks += "`"
	}
	fmt.Fprintf(text, "\n%s\n%s\n%s\n", marks, strings.TrimRight(plain, "\n"), marks)
}

// escaped is a text in one line that means nothing to Markdown, and nothing to HTML.
func escaped(text string) string { return marking.Replace(oneLine(text)) }

var marking = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`, `\`, `\\`, "@", "&#64;",
)
