package table

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// escapes are what Markdown would take for something else than itself.
var escapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "|", `\|`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "~", `\~`, "#", `\#`,
)

func escaped(text string) string { return escapes.Replace(visible(oneLine(text))) }

func markdown(w io.Writer, sections []section) error {
	var text strings.Builder
	for i, s := range sections {
		if i > 0 {
			text.WriteByte('\n')
		}
		fmt.Fprintf(&text, "### %s\n", escaped(s.title))
		for _, note := range s.notes {
			fmt.Fprintf(&text, "\n%s\n", escaped(note))
		}
		if len(s.rows) > 0 {
			text.WriteString("\n" + line(s.head) + "|" + strings.Repeat("---|", len(s.head)) + "\n")
			for _, row := range s.rows {
				text.WriteString(line(row))
			}
			fmt.Fprintf(&text, "\n%s\n", escaped(s.legend))
		}
		if len(s.items) > 0 {
			text.WriteByte('\n')
		}
		for _, item := range s.items {
			fmt.Fprintf(&text, "- %s\n", escaped(item.text))
			if len(item.lines) > 0 {
				text.WriteString("\n" + verbatim(item.lines) + "\n")
			}
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func line(cells []string) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, cell := range cells {
		fmt.Fprintf(&b, " %s |", escaped(cell))
	}
	return b.String() + "\n"
}

// verbatim shows lines as they are, as part of a list's item. HTML needs no fence that is longer than the longest row
// of backticks in them.
func verbatim(lines []string) string {
	var shown []string
	for _, line := range lines {
		shown = append(shown, html.EscapeString(visible(line)))
	}
	return "  <pre>\n  " + strings.Join(shown, "\n  ") + "</pre>\n"
}
