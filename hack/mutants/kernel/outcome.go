package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/report"
)

// outcome is the whole of it: reports/mutants-kernel.json.
type outcome struct {
	// Kernel is the distribution's version of the source, and BuildSeconds how long the kernel without a defect took to make.
	Kernel       string  `json:"kernel"`
	BuildSeconds float64 `json:"build_seconds"`
	// Specs is how many specs passed without a defect and can fail, in how many seconds, and NotChecked how many
	// requirements could not be asked for; 0 where that was not run.
	Specs      int      `json:"specs"`
	NotChecked int      `json:"not_checked"`
	Seconds    float64  `json:"seconds"`
	Defects    []*tried `json:"defects"`
	// Kills are the specs that killed a defect for the right reason, and Requirements what they are of.
	Kills        []score.Spec `json:"kills"`
	Requirements []string     `json:"requirements"`
	// OnlyHere are those of the requirements that this machine's own kernel cannot be asked for.
	OnlyHere []string `json:"only_here"`

	killed map[score.Spec]bool
}

// tried is one defect and what became of it.
type tried struct {
	*score.Tried
	// BuildSeconds are those of its kernel's making, and of the wait for that; Seconds those of its guest.
	BuildSeconds float64 `json:"build_seconds"`
	Seconds      float64 `json:"seconds"`
}

// word is its verdict for people.
func (t *tried) word() string {
	switch {
	case len(t.Wrong) > 0 && t.Verdict == score.Killed:
		return "killed, for wrong reasons, too"
	case len(t.Wrong) > 0:
		return "killed for a wrong reason"
	case t.Verdict == score.NotTried:
		return "not tried"
	}
	return string(t.Verdict)
}

// show prints the outcome and writes it. That a defect was not killed, or not for the right reason, is an error.
func (o options) show(out *outcome) error {
	if err := report.WriteFile(filepath.Join(o.reports, "mutants-kernel.json"), "mutants of the kernel", out); err != nil {
		return err
	}
	if err := out.print(os.Stdout); err != nil {
		return err
	}
	lines := out.red()
	for _, line := range lines {
		fmt.Println(line)
	}
	if len(lines) > 0 {
		return fmt.Errorf("%w: %d lines", errRed, len(lines))
	}
	return nil
}

func (out *outcome) print(w io.Writer) error {
	grid := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(grid, "defect\tverdict\tbuild s\trun s\tfailed (specs)")
	killed := 0
	for _, t := range out.Defects {
		fmt.Fprintf(grid, "%s\t%s\t%.1f\t%.1f\t%s\n", t.Name, t.word(), t.BuildSeconds, t.Seconds, failed(t.KilledBy))
		if t.Verdict == score.Killed && len(t.Wrong) == 0 {
			killed++
		}
	}
	if err := grid.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nLinux %s, as User-Mode Linux: %d of %d defects are killed for the right reason, by %d specs of %d requirements\n", out.Kernel, killed, len(out.Defects), len(out.Kills), len(out.Requirements))
	if out.Specs > 0 {
		fmt.Fprintf(w, "without a defect: green, %d specs in %.0f s, %d requirements not checked\n", out.Specs, out.Seconds, out.NotChecked)
	}
	_, err := fmt.Fprintf(w, "killed here, and not to be asked for on this machine's own kernel: %d: %s\n", len(out.OnlyHere), strings.Join(out.OnlyHere, ", "))
	return err
}

// failed names the requirements that failed for the right reason, with the number of their specs.
func failed(by map[string]int) string {
	var words []string
	for _, id := range slices.Sorted(maps.Keys(by)) {
		words = append(words, fmt.Sprintf("%s (%d)", id, by[id]))
	}
	return strings.Join(words, ", ")
}

// red are the lines that say why it is not as it is to be; none where it is.
func (out *outcome) red() (lines []string) {
	for _, t := range out.Defects {
		switch t.Verdict {
		case score.Survived:
			lines = append(lines, fmt.Sprintf("%s lives: it %s", t.Name, t.Says))
		case score.NotTried:
			lines = append(lines, fmt.Sprintf("%s was not tried: nothing that could see it is checked in the guest: %s", t.Name, t.Why))
		}
		for _, wrong := range t.Wrong {
			lines = append(lines, fmt.Sprintf("%s is seen by what does not speak of it: %s", t.Name, strings.Join(strings.Fields(wrong), " ")))
		}
	}
	return lines
}
