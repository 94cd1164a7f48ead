package spec

import (
	"fmt"
	"sort"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/fixtures/kernel"
)

// NothingChecked is what the failure of a suite begins with that has checked nothing.
const NothingChecked = "nothing was checked: "

// summarise says at a suite's end what it could not check and why, and turns a run that checked nothing red.
func summarise(report ginkgo.Report) {
	ginkgo.AddReportEntry(EnvironmentEntry, kernel.Gather(), ginkgo.ReportEntryVisibilityNever)
	specs, checked := 0, 0
	reasons := map[string]int{}
	if leftOut > 0 {
		reasons[LeftOut] = leftOut
	}
	if withoutNICs > 0 {
		reasons[noNICs.Error()] = withoutNICs
	}
	var deviating []string
	for _, s := range report.SpecReports {
		if s.LeafNodeType != types.NodeTypeIt {
			continue
		}
		specs++
		reason, missing := strings.CutPrefix(s.Failure.Message, notChecked)
		switch {
		case s.State == types.SpecStatePassed || s.State.Is(types.SpecStateFailureStates):
			checked++
		case s.State == types.SpecStateSkipped && (strings.HasPrefix(s.Failure.Message, notRequired) || strings.HasPrefix(s.Failure.Message, deviation)):
			// It was run, and what was seen is in its case: only the judgement is spared.
			checked++
			if text, listed := strings.CutPrefix(s.Failure.Message, deviation); listed {
				deviating = append(deviating, text)
			}
		case s.State == types.SpecStateSkipped && missing:
			reasons[reason]++
		}
	}
	if len(reasons) > 0 {
		ginkgo.AddReportEntry("not checked", listed(reasons), ginkgo.ReportEntryVisibilityAlways)
	}
	if len(deviating) > 0 {
		ginkgo.AddReportEntry("known deviations", strings.Join(deviating, "\n"), ginkgo.ReportEntryVisibilityAlways)
	}
	if ids := outlived(report); len(ids) > 0 {
		ginkgo.Fail(fmt.Sprintf("%s lists %s, which this kernel meets: take the line away", deviationsVariable, strings.Join(ids, ", ")))
	}
	// One that was ended before its first spec is red as it is, and says why.
	if checked == 0 && len(report.SpecialSuiteFailureReasons) == 0 {
		ginkgo.Fail(fmt.Sprintf(NothingChecked+"of %d specs, none was selected by the filters and could be run on this machine\n%s", specs, listed(reasons)))
	}
}

func listed(reasons map[string]int) string {
	var lines []string
	for reason, n := range reasons {
		lines = append(lines, fmt.Sprintf("%d × %s", n, reason))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
