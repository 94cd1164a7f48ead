package spec

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// deviationsVariable names a file that lists what a platform is known to fail: a requirement's ID and the reason, a
// line each. Empty lines and those that begin with # say nothing.
const deviationsVariable = "ZC_DEVIATIONS"

// deviations are the reasons that the user's file gives, by ID.
var deviations map[string]string

// readDeviations reads the user's file, if one is named. An error says at which line the file is wrong, and what is
// valid there.
func readDeviations() (map[string]string, error) {
	name := os.Getenv(deviationsVariable)
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", deviationsVariable, err)
	}
	defer file.Close()
	listed, lines := map[string]string{}, bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		wrong := func(what string) (map[string]string, error) {
			return nil, fmt.Errorf("%s: %s:%d: %q %s; a line is a requirement's ID, a blank, and the reason why it is not met", deviationsVariable, name, number, line, what)
		}
		reason = strings.TrimSpace(reason)
		switch _, twice := listed[id]; {
		case reason == "":
			return wrong("gives no reason")
		case twice:
			return wrong("names a requirement for the second time")
		case requirements[id] == Requirement{}:
			return wrong("names no requirement" + nearest(id))
		}
		listed[id] = reason
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", deviationsVariable, name, err)
	}
	return listed, nil
}

// nearest names the requirements that begin as an unknown ID does.
func nearest(id string) string {
	family, _, _ := strings.Cut(id, "-")
	var near []string
	for known := range requirements {
		if strings.HasPrefix(known, family+"-") {
			near = append(near, known)
		}
	}
	if len(near) == 0 {
		return "; `make requirements` lists all"
	}
	slices.Sort(near)
	return "; there are: " + strings.Join(near, ", ")
}

// outlived are the listed requirements that this run has seen kept everywhere: their lines have to go.
func outlived(report ginkgo.Report) (ids []string) {
	if narrowed() {
		// Where a part was left out, it may be the one that deviates.
		return nil
	}
	for id := range deviations {
		passed, other := 0, 0
		for _, s := range report.SpecReports {
			if !slices.Contains(s.Labels(), id) {
				continue
			}
			if s.State == types.SpecStatePassed {
				passed++
			} else {
				other++
			}
		}
		if passed > 0 && other == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// narrowed says whether the user has had a part of the specs left out.
func narrowed() bool {
	for _, name := range []string{methodsVariable, sinksVariable, sourcesVariable, sizesVariable, offsetsVariable} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	suite, _ := ginkgo.GinkgoConfiguration()
	return suite.LabelFilter != "" || len(suite.FocusStrings)+len(suite.SkipStrings)+len(suite.FocusFiles)+len(suite.SkipFiles) > 0
}
