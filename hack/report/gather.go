package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

// severity orders verdicts: the worst of its cases is a requirement's. A case that could not be checked does
// not take a pass away; it is counted beside it.
var severity = map[Verdict]int{"": 0, NotChecked: 2, Pass: 3, NotRequired: 4, Deviation: 5, KitError: 6, Fail: 7}

// leftOut is the severity of a case that a run was not asked for: what the machine lacks says more.
const leftOut = 1

func rank(verdict Verdict, reason string) int {
	if verdict == NotChecked && reason == spec.LeftOut {
		return leftOut
	}
	return severity[verdict]
}

// Gather makes the report of a run out of Ginkgo's reports of its suites.
func Gather(suites []types.Report) (*Report, error) {
	r := &Report{Ledger: []ledger.Row{}, Requirements: []Requirement{}, Summary: map[Verdict]int{}}
	for _, verdict := range Verdicts {
		r.Summary[verdict] = 0
	}
	judged := map[string]*Requirement{}
	known := false
	for _, suite := range suites {
		for _, s := range suite.SpecReports {
			for _, entry := range s.ReportEntries {
				var err error
				switch entry.Name {
				case spec.EnvironmentEntry:
					var facts kernel.Facts
					err = decode(entry, &facts)
					r.Kernel, r.Environment, known = facts.Kernel, facts.Environment, true
				case spec.RowEntry:
					var row ledger.Row
					err = decode(entry, &row)
					r.Ledger = append(r.Ledger, row)
				}
				if err != nil {
					return nil, err
				}
			}
		}
	}
	cases, err := Cases(suites)
	if err != nil {
		return nil, err
	}
	for i := range cases {
		count(judged, &cases[i])
	}
	if !known {
		return nil, errors.New("no suite of the kit has said on which kernel it ran: this is not the report of a whole run")
	}
	for _, requirement := range judged {
		if lacking := requirement.lacking(); requirement.Verdict == Pass && len(lacking) > 0 {
			requirement.Reason = lacking[0]
		}
		r.Requirements = append(r.Requirements, *requirement)
		r.Summary[requirement.Verdict]++
	}
	slices.SortFunc(r.Requirements, func(a, b Requirement) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(r.Ledger, func(a, b ledger.Row) int { return strings.Compare(place(a), place(b)) })
	return r, nil
}

func place(row ledger.Row) string {
	return strings.Join([]string{row.Technique, row.Method, row.Sink, row.Device, row.Source, row.Filesystem, fmt.Sprint(row.Cold)}, " ")
}

func decode(entry types.ReportEntry, into any) error {
	if err := json.Unmarshal([]byte(entry.Value.AsJSON), into); err != nil {
		return fmt.Errorf("report entry %q: %w", entry.Name, err)
	}
	return nil
}

// count takes a case into its requirement's verdict.
func count(judged map[string]*Requirement, c *Case) {
	requirement := judged[c.Requirement.ID]
	if requirement == nil {
		requirement = &Requirement{Requirement: c.Requirement, Cases: map[Verdict]int{}, NotChecked: map[string]int{}}
		judged[c.Requirement.ID] = requirement
	}
	verdict, reason := c.Verdict, c.Reason
	requirement.Cases[verdict]++
	if verdict == NotChecked {
		requirement.NotChecked[reason]++
	}
	// Which of equals comes first differs from run to run: the order of their commands decides, and of their reasons, as
	// one command may run several of them.
	worse := rank(verdict, reason) - rank(requirement.Verdict, requirement.Reason)
	if worse > 0 || worse == 0 && cmp.Or(strings.Compare(c.Reproduce, requirement.Reproduce), strings.Compare(reason, requirement.Reason)) < 0 {
		requirement.Verdict, requirement.Reason, requirement.Reproduce = verdict, reason, c.Reproduce
	}
}

// lacking are the reasons why places of the requirement could not be checked, but for what the run was not asked for.
func (r *Requirement) lacking() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.NotChecked)), func(reason string) bool { return reason == spec.LeftOut })
}
