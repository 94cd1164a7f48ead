package bench

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Heading says what machine the numbers are of, and how busy it was.
func (r *Report) Heading() string {
	return fmt.Sprintf("Linux %s (%s), %s, %d CPUs with a load of %.1f before, %s. A GB is 10^9 bytes.",
		r.Kernel.Release, r.Kernel.Platform, r.Kernel.Machine, r.CPUs, r.Load, r.Go)
}

// String is the table, a line for each method and chunk, a group of columns for each sink.
func (t *Throughput) String() string {
	if t.NotChecked != "" {
		return "not-checked: " + t.NotChecked
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Source: %s, of %s, warm; each run moves it once. The reader drains into nowhere.\n", t.Source, size(t.SourceBytes))
	fmt.Fprintf(&text, "GB/s: median of %s, ± the standard deviation in %% of it. CPU: seconds per GB, user + system, of the\n", runs(t.Cells))
	text.WriteString("moving thread / of both processes, mover and reader.\n")
	width := len("method")
	for _, cell := range t.Cells {
		width = max(width, len(cell.Method))
	}
	var sinks, columns strings.Builder
	fmt.Fprintf(&sinks, "%-*s  %-7s", width, "", "")
	fmt.Fprintf(&columns, "%-*s  %-7s", width, "method", "chunk")
	for _, name := range names(t.Cells) {
		fmt.Fprintf(&sinks, "   %-20s", name)
		columns.WriteString("    GB/s  ±%  CPU      ")
	}
	text.WriteString(sinks.String() + "\n" + columns.String())
	line := ""
	for _, cell := range t.Cells {
		if label := fmt.Sprintf("%-*s  %-7s", width, cell.Method, size(int64(cell.ChunkBytes))); label != line {
			line = label
			text.WriteString("\n" + label)
		}
		fmt.Fprintf(&text, "   %-20s", cell.columns())
	}
	text.WriteString("\n" + reasons(t.Cells))
	return trimLines(text.String())
}

// names are the sinks of the cells, in their order.
func names(cells []Cell) (names []string) {
	for _, cell := range cells {
		if !slices.Contains(names, cell.Sink) {
			names = append(names, cell.Sink)
		}
	}
	return names
}

func (c Cell) columns() string {
	if c.GBPerSecond == nil {
		return "    -"
	}
	return fmt.Sprintf("%5.2f %3.0f  %s/%s", c.GBPerSecond.Median, 100*c.GBPerSecond.Deviation/c.GBPerSecond.Median, c.MoverCPU.seconds(), c.PairCPU.seconds())
}

// seconds is the median as a person reads it, a question mark where there is none.
func (s *Spread) seconds() string {
	if s == nil {
		return "?"
	}
	return fmt.Sprintf("%.2f", s.Median)
}

// runs says how many runs the cells had.
func runs(cells []Cell) string {
	least, most := 0, 0
	for _, cell := range cells {
		if cell.GBPerSecond == nil {
			continue
		}
		if n := cell.GBPerSecond.Runs; most == 0 {
			least, most = n, n
		} else {
			least, most = min(least, n), max(most, n)
		}
	}
	if least == most {
		return fmt.Sprintf("%d runs", most)
	}
	return fmt.Sprintf("%d to %d runs", least, most)
}

// reasons lists why cells are empty, each reason once, with the places that it holds for.
func reasons(cells []Cell) string {
	places := map[string][]string{}
	var order []string
	for _, cell := range cells {
		if cell.NotChecked == "" {
			continue
		}
		if places[cell.NotChecked] == nil {
			order = append(order, cell.NotChecked)
		}
		everywhere := func(like func(Cell) bool) bool {
			return !slices.ContainsFunc(cells, func(c Cell) bool { return like(c) && c.NotChecked != cell.NotChecked })
		}
		place := cell.Method + " into " + cell.Sink
		switch {
		case everywhere(func(c Cell) bool { return c.Sink == cell.Sink }):
			place = "into " + cell.Sink
		case everywhere(func(c Cell) bool { return c.Method == cell.Method }):
			place = cell.Method
		}
		if !slices.Contains(places[cell.NotChecked], place) {
			places[cell.NotChecked] = append(places[cell.NotChecked], place)
		}
	}
	var text strings.Builder
	for _, reason := range order {
		fmt.Fprintf(&text, "not-checked: %s: %s\n", strings.Join(places[reason], ", "), reason)
	}
	return text.String()
}

// String is a line for each batch, and what they say together.
func (m *Metered) String() string {
	if m.NotChecked != "" {
		return "not-checked: " + m.NotChecked
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Each case: open a UNIX stream, sendfile %s into it with all three meters on, read, close. Medians, %d rounds.\n", size(m.Bytes), m.Rounds)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "transfers\tms for a case\tof it the transfer\tquickest late case\tcases per second\t")
	for _, b := range m.Batches {
		fmt.Fprintf(table, "%d\t%.3f\t%.3f\t%.3f\t%.0f\t\n", b.Transfers, 1e3*b.CaseSeconds, 1e3*b.TransferSeconds, 1e3*b.LeastLateCaseSeconds, b.PerSecond)
	}
	table.Flush()
	if n := len(m.Batches); n > 1 {
		first, last := m.Batches[0], m.Batches[n-1]
		fmt.Fprintf(&text, "%d× as many: a quickest late case takes %.2f× as long, a median case %.2f× (1.00 is flat).\n%.0f transfers per second with all three meters on (aim: 500).\n",
			last.Transfers/first.Transfers, last.LeastLateCaseSeconds/first.LeastLateCaseSeconds, last.CaseSeconds/first.CaseSeconds, last.PerSecond)
	}
	return trimLines(text.String())
}

// String says it in a line.
func (f *Followed) String() string {
	if f.NotChecked != "" {
		return "not-checked: " + f.NotChecked
	}
	return fmt.Sprintf("%s, an answer of %s by sendfile: %.3f s, followed %.3f s: %.2f× as long (aim: 1.3). Medians, %d rounds.",
		f.Server, size(f.Bytes), f.AloneSeconds, f.FollowedSeconds, f.FollowedSeconds/f.AloneSeconds, f.Rounds)
}

// String is a line for each suite, and the whole.
func (d *DefaultRun) String() string {
	if d.NotChecked != "" {
		return "not-checked: " + d.NotChecked
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "suite\tseconds\tpeak MiB\t")
	for _, s := range d.Suites {
		bound := ""
		if s.PeakIsBound {
			bound = "at most "
		}
		fmt.Fprintf(table, "%s\t%.2f\t%s%.0f\t%s\n", s.Name, s.Seconds, bound, mebibytes(s.PeakBytes), s.Exit)
	}
	fmt.Fprintf(table, "all, one after another\t%.2f (aim: 20, as root 40)\t%.0f (aim: 300)\t\n", d.Seconds, mebibytes(d.PeakBytes))
	table.Flush()
	text.WriteString("Compiled before. Peak: the largest process of each, suite or child (ru_maxrss).\n")
	return trimLines(text.String())
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// trimLines takes the blanks away that a tabwriter leaves at the ends of lines.
func trimLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
