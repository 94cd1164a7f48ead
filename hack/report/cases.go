package report

import (
	"fmt"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/suites/spec"
)

// Case is what one spec came to.
type Case struct {
	spec.Case
	Verdict Verdict
	// Reason is why it is no plain pass, with all that the spec said of it; empty where it is one.
	Reason string
}

// Cases are those of a run's specs, in the order of Ginkgo's reports.
func Cases(suites []types.Report) (all []Case, err error) {
	for _, suite := range suites {
		for _, s := range suite.SpecReports {
			for _, entry := range s.ReportEntries {
				if entry.Name != spec.CaseEntry {
					continue
				}
				c := Case{}
				if err := decode(entry, &c.Case); err != nil {
					return nil, err
				}
				c.judge(s)
				all = append(all, c)
			}
		}
	}
	return all, nil
}

func (c *Case) judge(s types.SpecReport) {
	c.Verdict = Pass
	switch {
	case c.NotChecked != "" && s.State != types.SpecStateFailed:
		// One that the user has said must be checked is a failure.
		c.Verdict, c.Reason = NotChecked, c.NotChecked
	case c.NotRequired != "":
		c.Verdict, c.Reason = NotRequired, c.NotRequired
	case c.Deviation != "":
		c.Verdict, c.Reason = Deviation, c.Deviation
	case c.KitError != "":
		c.Verdict, c.Reason = KitError, c.KitError
	case s.State == types.SpecStateFailed:
		c.Verdict, c.Reason = Fail, s.Failure.Message
	case s.State != types.SpecStatePassed:
		c.Verdict, c.Reason = KitError, fmt.Sprintf("the spec ended as %s: %s", s.State, s.Failure.Message)
	}
}
