// Package requirements lists what the kit holds kernels to, out of the code: each requirement, where it comes from,
// since when it is owed, and which specs assert it.
package requirements

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/suites/spec"
)

// Listed is one requirement and what asserts it.
type Listed struct {
	spec.Requirement
	// Specs is how many specs there are, and Where in which suites and files they are declared.
	Specs int      `json:"specs"`
	Where []string `json:"where"`
}

// List pairs requirements with the specs of a report, which need not have been run. A requirement without a spec is an
// error, and so is a spec without one.
func List(known []spec.Requirement, report types.Report) ([]Listed, error) {
	all := make([]Listed, len(known))
	index := map[string]*Listed{}
	for i, r := range known {
		all[i] = Listed{Requirement: r, Where: []string{}}
		index[r.ID] = &all[i]
	}
	var wrong []string
	for _, s := range report.SpecReports {
		if s.LeafNodeType != types.NodeTypeIt {
			continue
		}
		asserted := 0
		for _, label := range s.Labels() {
			listed := index[label]
			if listed == nil {
				continue
			}
			asserted++
			listed.Specs++
			if where := place(s); !slices.Contains(listed.Where, where) {
				listed.Where = append(listed.Where, where)
			}
		}
		if asserted != 1 {
			wrong = append(wrong, fmt.Sprintf("a spec asserts %d requirements, not one: %s (%s)", asserted, s.FullText(), place(s)))
		}
	}
	for _, listed := range all {
		if listed.Specs == 0 {
			wrong = append(wrong, fmt.Sprintf("no spec asserts %s: %s", listed.ID, listed.Text))
		}
	}
	if wrong != nil {
		return nil, fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return all, nil
}

// place is the suite that declares a spec, and its file there.
func place(s types.SpecReport) string {
	suite := ""
	if len(s.ContainerHierarchyTexts) > 0 {
		suite = s.ContainerHierarchyTexts[0] + ": "
	}
	return suite + filepath.Base(s.LeafNodeLocation.FileName)
}

// Print writes the list for a person.
func Print(w io.Writer, all []Listed) error {
	for _, r := range all {
		since := "since Linux " + r.Since
		if r.Since == "" {
			since = "owed by no kernel: what is seen is recorded"
		}
		if _, err := fmt.Fprintf(w, "%s\n    %s\n    %s; %s\n    %d %s in %s\n", r.ID, r.Text, r.Source, since, r.Specs, plural("spec", r.Specs), strings.Join(r.Where, ", ")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%d requirements\n", len(all))
	return err
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
