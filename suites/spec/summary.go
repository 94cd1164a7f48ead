package spec

import (
	"fmt"
	"sort"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/fixtures/kernel"
)

// summarise says at a suite's end what it could not check and why, and turns a run that checked nothing red.
func summarise(report ginkgo.Report) {
	ginkgo.AddReportEntry(EnvironmentEntry, kernel.Gather(), ginkgo.ReportEntryVisibilityNever)
	checked := 0
	reasons := map[string]int{}
	for _, s := range report.SpecReports {
		switch {
		case s.LeafNodeType != types.NodeTypeIt:
		case s.State == types.SpecStatePassed || s.State.Is(types.SpecStateFailureStates):
			checked++
		case s.State == types.SpecStateSkipped && s.Failure.Message != "":
			reasons[s.Failure.Message]++
		}
	}
	if len(reasons) > 0 {
		var lines []string
		for reason, n := range reasons {
			lines = append(lines, fmt.Sprintf("%d × %s", n, reason))
		}
		sort.Strings(lines)
		ginkgo.AddReportEntry("not checked", strings.Join(lines, "\n"), ginkgo.ReportEntryVisibilityAlways)
	}
	if checked == 0 {
		ginkgo.Fail(fmt.Sprintf("nothing was checked: %d specs were declared, none was selected and could be run; see the filters and the reasons above", len(report.SpecReports)))
	}
}
