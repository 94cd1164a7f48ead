package tally

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Plain is the row of the machine as it is, and All the one in which each run is counted once.
const (
	Plain = "plain"
	All   = "all"
)

// Print prints the table, then what is red, what was not checked for a condition, and what was not posed. Order is the
// conditions', as their rows come.
func (t *Tally) Print(w io.Writer, order []string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "condition\truns\tspecs\tnot checked\tred\tleft\ts/run\tMiB\tnote")
	for _, name := range append([]string{Plain}, order...) {
		t.row(table, name, func(r Result) bool {
			return slices.Contains(r.Conditions, name) || name == Plain && len(r.Conditions) == 0
		})
	}
	t.row(table, All, func(Result) bool { return true })
	if err := table.Flush(); err != nil {
		return err
	}
	for _, part := range []func(io.Writer){t.own, t.notPosed, t.notChecked, t.reds} {
		part(w)
	}
	return nil
}

// row prints one condition's runs: each counts in the row of every condition that was posed to it.
func (t *Tally) row(w io.Writer, name string, of func(Result) bool) {
	var sum Result
	runs, reds, lefts, late, early, notChecked, slowest := 0, 0, 0, 0, 0, 0, 0.0
	for _, r := range t.results {
		if !of(r) {
			continue
		}
		runs++
		sum.Specs += r.Specs
		sum.Seconds += r.Seconds
		sum.PeakBytes = max(sum.PeakBytes, r.PeakBytes)
		slowest = max(slowest, r.EndSeconds)
		for _, n := range r.NotChecked {
			notChecked += n
		}
		reds += len(r.Reds)
		lefts += len(r.Left)
		if r.Late {
			late++
		}
		if r.Early {
			early++
		}
	}
	if runs == 0 {
		return
	}
	var notes []string
	if slowest > 0 {
		notes = append(notes, fmt.Sprintf("the slowest end took %.1f s", slowest))
	}
	if early > 0 {
		notes = append(notes, fmt.Sprintf("%d before the suite began", early))
	}
	if late > 0 {
		notes = append(notes, fmt.Sprintf("%d over before", late))
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f\t%d\t%s\n", name, runs, sum.Specs, notChecked, reds, lefts, sum.Seconds/float64(runs), sum.PeakBytes>>20, strings.Join(notes, ", "))
}

// own prints what the soak itself holds, and the trend of its suites.
func (t *Tally) own(w io.Writer) {
	fmt.Fprintf(w, "\nthe soak itself: %d descriptors, then %d; %d MiB resident, then %d\n", t.Begin.Descriptors, t.End.Descriptors, t.Begin.ResidentBytes>>20, t.End.ResidentBytes>>20)
	peaks := map[string][]int64{}
	for _, r := range t.results {
		if len(r.Conditions) == 0 {
			peaks[r.Suite] = append(peaks[r.Suite], r.PeakBytes>>20)
		}
	}
	for _, suite := range slices.Sorted(maps.Keys(peaks)) {
		of := peaks[suite]
		fmt.Fprintf(w, "%s, %s: %d MiB in its first run, %d in its last, at most %d\n", suite, Plain, of[0], of[len(of)-1], slices.Max(of))
	}
}

func (t *Tally) notPosed(w io.Writer) {
	for _, u := range t.Unposed {
		fmt.Fprintf(w, "\nnot posed: %s: %s\n", u.Name, u.Reason)
	}
}

// notChecked prints the reasons that the machine as it is does not have, once each, and those that it has in some runs of
// a suite only: a requirement that is checked or not by chance.
func (t *Tally) notChecked(w io.Writer) {
	type told struct{ suite, reason string }
	known, plainRuns := map[told][]int{}, map[string]int{}
	for _, r := range t.results {
		if len(r.Conditions) == 0 {
			plainRuns[r.Suite]++
			for reason, n := range r.NotChecked {
				known[told{r.Suite, reason}] = append(known[told{r.Suite, reason}], n)
			}
		}
	}
	always := func(of told) bool {
		counts := known[of]
		return len(counts) == plainRuns[of.suite] && slices.Min(counts) == slices.Max(counts)
	}
	plain := map[string]bool{}
	for of := range known {
		plain[of.reason] = true
	}
	under := map[string]map[string]int{}
	for _, r := range t.results {
		conditions, asItIs := strings.Join(r.Conditions, "+"), len(r.Conditions) == 0
		if asItIs {
			conditions = "no condition, in some of its runs"
		}
		for reason, n := range r.NotChecked {
			if asItIs && always(told{r.Suite, reason}) || !asItIs && plain[reason] {
				continue
			}
			if under[reason] == nil {
				under[reason] = map[string]int{}
			}
			under[reason][conditions] += n
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(under)) {
		specs := 0
		for _, n := range under[reason] {
			specs += n
		}
		sets := slices.Sorted(maps.Keys(under[reason]))
		fmt.Fprintf(w, "\nnot checked, of %d specs, under %s: %s\n", specs, shortened(sets), reason)
	}
}

// shortened is a few of many.
func shortened(sets []string) string {
	const few = 4
	if len(sets) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(sets[:few], ", "), len(sets)-few)
	}
	return strings.Join(sets, ", ")
}

func (t *Tally) reds(w io.Writer) {
	for _, r := range t.results {
		if !r.red() {
			continue
		}
		conditions := strings.Join(r.Conditions, "+")
		if conditions == "" {
			conditions = Plain
		}
		fmt.Fprintf(w, "\nred: %s under %s; to repeat the run: %s\n", r.Suite, conditions, r.Again)
		for _, text := range r.Reds {
			fmt.Fprintf(w, "  • %s\n", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    "))
		}
		for _, what := range r.Left {
			fmt.Fprintf(w, "  left: %s\n", what)
		}
	}
}
