// Package tally counts what became of the runs of a soak, and prints it: a row for each condition, every red spec in full with
// the command that repeats its run, and what could not be posed.
package tally

import (
	"slices"
	"time"
)

// Result is what became of one run.
type Result struct {
	Suite string
	// Conditions are the names of those that were posed, none for the machine as it is.
	Conditions []string
	// Again is the command that repeats the run.
	Again string
	// Specs were run to a verdict; NotChecked says why others were not, and how many each reason keeps.
	Specs      int
	NotChecked map[string]int
	// Reds are the texts of what failed, Left what was left behind.
	Reds, Left []string
	// Late is a run that was over before it was to be ended, Early one that was ended before its suite had begun.
	Late, Early bool
	Seconds     float64
	// PeakBytes is the largest resident set among the run's processes.
	PeakBytes int64
	// EndSeconds is how long a run that was ended took to end.
	EndSeconds float64
}

func (r Result) red() bool { return len(r.Reds)+len(r.Left) > 0 }

// Tally is the results of a soak.
type Tally struct {
	results []Result
	// Unposed are the conditions that could not be posed here, with the reason.
	Unposed []Unposed
	// Own is what the soak itself holds, at its beginning and at its end.
	Begin, End Own
}

// Unposed is a condition that this machine does not allow.
type Unposed struct{ Name, Reason string }

// Own is what a process holds: it should not grow with the number of runs.
type Own struct {
	Descriptors   int
	ResidentBytes int64
}

// Add adds a run.
func (t *Tally) Add(r Result) { t.results = append(t.results, r) }

// Runs, Reds and Lefts are how many there were so far.
func (t *Tally) Runs() int { return len(t.results) }

// Reds is in how many runs something failed.
func (t *Tally) Reds() int { return t.count(func(r Result) bool { return len(r.Reds) > 0 }) }

// Lefts is after how many runs something was left.
func (t *Tally) Lefts() int { return t.count(func(r Result) bool { return len(r.Left) > 0 }) }

// Red says whether the soak is: a run is, or the soak itself has kept descriptors.
func (t *Tally) Red() bool {
	return t.Runs() == 0 || slices.ContainsFunc(t.results, Result.red) || t.End.Descriptors > t.Begin.Descriptors
}

func (t *Tally) count(is func(Result) bool) (n int) {
	for _, r := range t.results {
		if is(r) {
			n++
		}
	}
	return n
}

// Expected is how long a run of that suite takes on the machine as it is, as far as it is known.
func (t *Tally) Expected(suite string) time.Duration {
	longest := 0.0
	for _, r := range t.results {
		if r.Suite == suite && len(r.Conditions) == 0 {
			longest = max(longest, r.Seconds)
		}
	}
	return time.Duration(longest * float64(time.Second))
}
