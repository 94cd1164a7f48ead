// Package score is what the mutants say of the kit: who killed each of them, which of them live, and which specs kill
// none.
//
// A mutant is killed when a requirement that speaks of what it does wrong fails. It is an error of the kit, too, when
// another one fails, or when the kit itself breaks. A spec that passes on what is not mutated, and that no mutant makes
// fail, may be one that cannot fail.
package score

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/report"
)

// Exception is a spec that no mutant kills, and why that is right.
type Exception struct {
	// Requirement and Place are those of the specs; an asterisk stands for any characters.
	Requirement, Place string
	Why                string
}

func (e Exception) of(s Spec) bool {
	return matches(e.Requirement, s.Requirement) && matches(e.Place, s.Place)
}

// Score is the whole of it.
type Score struct {
	// Mutants are all that were tried, in order.
	Mutants []*Tried `json:"mutants"`
	// Specs is how many specs passed unmutated and can fail, Recorded how many only record what they see: no kernel is
	// held to them.
	Specs    int `json:"specs"`
	Recorded int `json:"recorded"`
	// NotChecked are requirements of which this machine allows no spec to be judged, with the reason.
	NotChecked map[string]string `json:"not_checked"`
	// Idle are the specs that killed nothing, without those that are excepted; nil where that was not asked.
	Idle []Spec `json:"idle"`
	// Excepted counts, by the reason, those that killed nothing and need not here.
	Excepted map[string]int `json:"excepted"`
	// Unneeded are exceptions of which all specs kill something.
	Unneeded []string `json:"unneeded_exceptions"`

	unkilled map[Spec]bool
	byName   map[string]*Tried
}

// Tried is one mutant and what became of it.
type Tried struct {
	mutant.Mutant
	// Verdict is Killed, Survived or NotTried.
	Verdict Verdict `json:"verdict"`
	// KilledBy counts the specs that failed, by requirement.
	KilledBy map[string]int `json:"killed_by"`
	// Wrong are failures that do not speak of what it does wrong, and defects of the kit, each with its text.
	Wrong []string `json:"wrong"`
	// Why is the first reason for which a spec that was to see it could not be checked.
	Why string `json:"why"`

	judged int
	// compared: a spec that compares bytes was among those that judged it.
	compared bool
}

// Verdict is what became of a mutant.
type Verdict string

const (
	Killed   Verdict = "killed"
	Survived Verdict = "survived"
	// NotTried: none of the specs that it was to be seen by could be checked on this machine.
	NotTried Verdict = "not-tried"
)

// New begins a score with what the specs said when nothing was mutated. That some of them failed is an error: what a
// mutant then does cannot be told from what was wrong before.
func New(unmutated []report.Case) (*Score, error) {
	s := &Score{NotChecked: map[string]string{}, Excepted: map[string]int{}, unkilled: map[Spec]bool{}}
	passed := map[string]bool{}
	var wrong []error
	for _, c := range unmutated {
		switch {
		case c.Verdict == report.Pass && c.Requirement.Since == "":
			s.Recorded++
		case c.Verdict == report.Pass:
			s.unkilled[SpecOf(c)] = true
			passed[c.Requirement.ID] = true
		case c.Verdict == report.Fail || c.Verdict == report.KitError:
			wrong = append(wrong, errors.New(c.Reason))
		case c.Verdict == report.NotRequired:
			s.Recorded++
		case c.Verdict == report.NotChecked:
			s.NotChecked[c.Requirement.ID] = c.Reason
		}
	}
	for id := range passed {
		delete(s.NotChecked, id)
	}
	s.Specs = len(s.unkilled)
	switch {
	case len(wrong) > 0:
		return nil, fmt.Errorf("the run without a mutant is red: %w", errors.Join(wrong...))
	case s.Specs == 0:
		return nil, errors.New("the run without a mutant has judged nothing")
	}
	return s, nil
}

// Add takes in what the specs said in a batch. A mutant may be in several: it is killed where one of them kills it.
func (s *Score) Add(batch mutant.Batch, cases []report.Case) error {
	if s.byName == nil {
		// A score that was not begun: nothing is known of what passed unmutated, and every mutant is judged all the same.
		s.byName = map[string]*Tried{}
	}
	byName := map[string]*Tried{}
	for _, m := range batch.Mutants {
		t := s.byName[m.Name]
		if t == nil {
			t = &Tried{Mutant: m, KilledBy: map[string]int{}, Wrong: []string{}}
			s.byName[m.Name] = t
			s.Mutants = append(s.Mutants, t)
		}
		byName[m.Name] = t
	}
	for _, c := range cases {
		tried := byName[c.Method]
		if tried == nil && len(batch.Mutants) == 1 {
			tried = byName[batch.Mutants[0].Name]
		}
		if tried == nil {
			return fmt.Errorf("batch %s: a spec is about %q, which is none of its mutants", batch.Name, c.Method)
		}
		s.judge(tried, c)
	}
	for _, t := range byName {
		t.conclude()
	}
	return nil
}

func (s *Score) judge(t *Tried, c report.Case) {
	switch c.Verdict {
	case report.NotChecked:
		if t.Why == "" && t.Owns(c.Requirement.ID) {
			t.Why = c.Reason
		}
		return
	case report.KitError:
		t.Wrong = append(t.Wrong, fmt.Sprintf("%v: the kit broke: %s", SpecOf(c), c.Reason))
	case report.Fail:
		if !t.Owns(c.Requirement.ID) {
			t.Wrong = append(t.Wrong, c.Reason)
			break
		}
		t.KilledBy[c.Requirement.ID]++
		delete(s.unkilled, SpecOf(c))
	}
	t.judged++
	t.compared = t.compared || comparesBytes(c.Requirement.ID)
}

func (t *Tried) conclude() {
	switch {
	case len(t.KilledBy) > 0:
		t.Verdict = Killed
	case t.judged > 0 || t.Why == "":
		t.Verdict = Survived
	default:
		t.Verdict = NotTried
	}
}

// Conclude finds the specs that killed nothing. It comes when all batches are in.
func (s *Score) Conclude(exceptions []Exception) {
	s.Idle, s.Unneeded = []Spec{}, []string{}
	needed := make([]bool, len(exceptions))
	for _, spec := range slices.SortedFunc(maps.Keys(s.unkilled), compareSpecs) {
		at := slices.IndexFunc(exceptions, func(e Exception) bool { return e.of(spec) })
		if at < 0 {
			s.Idle = append(s.Idle, spec)
			continue
		}
		needed[at] = true
		s.Excepted[exceptions[at].Why]++
	}
	for i, e := range exceptions {
		if !needed[i] {
			s.Unneeded = append(s.Unneeded, e.Requirement+": "+e.Place)
		}
	}
}

// Red are the lines that say why the score is not as it is to be; none where it is.
func (s *Score) Red() (lines []string) {
	for _, t := range s.Mutants {
		if t.Verdict == Survived {
			lines = append(lines, fmt.Sprintf("%s lives: it %s", t.Name, t.Says))
		}
		if n := len(t.Wrong); n > 0 {
			lines = append(lines, fmt.Sprintf("%s is seen by %d specs that do not speak of it, the first: %s", t.Name, n, t.Wrong[0]))
		}
	}
	for _, spec := range s.Idle {
		lines = append(lines, fmt.Sprintf("%v kills nothing", spec))
	}
	for _, e := range s.Unneeded {
		lines = append(lines, "an exception is not needed any more: "+e)
	}
	return lines
}

// Count is how many mutants have that verdict.
func (s *Score) Count(v Verdict) (n int) {
	for _, t := range s.Mutants {
		if t.Verdict == v {
			n++
		}
	}
	return n
}

// ByBytes is what a suite sees that compares bytes, by the kit's own integrity suite: of how many mutants it was asked,
// and how many of these it has killed.
func (s *Score) ByBytes() (asked, killed int) {
	for _, t := range s.Mutants {
		if !t.compared {
			continue
		}
		asked++
		for id := range t.KilledBy {
			if comparesBytes(id) {
				killed++
				break
			}
		}
	}
	return asked, killed
}

func comparesBytes(requirement string) bool { return strings.HasPrefix(requirement, "INTEGRITY-") }
