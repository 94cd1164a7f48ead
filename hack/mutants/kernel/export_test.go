package main

import (
	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/report"
)

// Judged is the outcome of one defect, of which a guest has answered this.
func Judged(b mutant.Batch, cases []report.Case, broken string) (*Outcome, error) {
	out := &outcome{killed: map[score.Spec]bool{}}
	t, err := out.judge(b, result{cases: cases, broken: broken})
	out.Defects = append(out.Defects, t)
	return out, err
}

type Outcome = outcome

// Red are the lines that say why it is not as it is to be, and Killed the specs that killed it for the right reason.
func (out *outcome) RedLines() []string          { return out.red() }
func (out *outcome) Killed() map[score.Spec]bool { return out.killed }

// AtOnce does something for each of a number of things.
var AtOnce = atOnce
