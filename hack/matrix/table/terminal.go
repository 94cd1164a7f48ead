package table

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// width is how many characters a line has at most.
const width = 160

func terminal(w io.Writer, sections []section) error {
	var text strings.Builder
	for i, s := range sections {
		if i > 0 {
			text.WriteByte('\n')
		}
		paragraph(&text, "== "+s.title, 0)
		for _, note := range s.notes {
			paragraph(&text, note, 0)
		}
		if len(s.rows) > 0 {
			grid(&text, s.head, s.rows)
			paragraph(&text, s.legend, 0)
		}
		for _, item := range s.items {
			paragraph(&text, item.text, 0)
			for _, line := range item.lines {
				paragraph(&text, line, 4)
			}
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// paragraph prints a text as far from the margin as is said, and what does not go on its line farther.
func paragraph(text *strings.Builder, line string, indent int) {
	for _, line := range wrap(visible(line), width-indent, 4) {
		fmt.Fprintf(text, "%s%s\n", strings.Repeat(" ", indent), line)
	}
}

// grid prints a table. What is too wide for a line follows as a table of its own, with the same first column.
func grid(text *strings.Builder, head []string, rows [][]string) {
	var cells [][]string
	widths := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		row = slices.Clone(row)
		for i := range row {
			row[i] = visible(row[i])
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		cells = append(cells, row)
	}
	widths[0] = min(widths[0], width/2)
	for first := 1; first < len(head); {
		next, used := first, widths[0]
		for next < len(head) && (next == first || used+2+widths[next] <= width) {
			used += 2 + widths[next]
			next++
		}
		for _, row := range cells {
			line := fmt.Sprintf("%-*s", widths[0], shortened(row[0], widths[0]))
			for i := first; i < next; i++ {
				line += fmt.Sprintf("  %-*s", widths[i], row[i])
			}
			text.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		first = next
	}
}
