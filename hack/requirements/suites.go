package requirements

import (
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2/types"
)

// Suites are the names of the suites that have specs which a label filter selects, in the order of the report. That
// there are none is an error.
func Suites(filter string, report types.Report) (names []string, err error) {
	selects, err := types.ParseLabelFilter(filter)
	if err != nil {
		return nil, err
	}
	for _, s := range report.SpecReports {
		if s.LeafNodeType != types.NodeTypeIt || !selects(s.Labels()) {
			continue
		}
		if suite := s.ContainerHierarchyTexts[0]; !slices.Contains(names, suite) {
			names = append(names, suite)
		}
	}
	if names == nil {
		return nil, fmt.Errorf("no spec of any suite has labels that %q selects; with ZC_SLOW=1 there are more specs", filter)
	}
	return names, nil
}
