// Command gather turns Ginkgo's JSON report of a run into the kit's own, and prints what a reader wants to know
// after the run: each requirement that is no plain pass, and what was not checked and why.
//
//	gather GINKGO-JSON REPORT-JSON
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/report"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gather GINKGO-JSON REPORT-JSON")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gather:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var suites []types.Report
	if err := json.Unmarshal(text, &suites); err != nil {
		return fmt.Errorf("%s is no JSON report of Ginkgo: %w", from, err)
	}
	gathered, err := report.Gather(suites)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if err := gathered.Write(to); err != nil {
		return err
	}
	show(os.Stdout, gathered, to)
	return nil
}

// show prints a line for each requirement that is no plain pass, and the counts.
func show(w io.Writer, r *report.Report, path string) {
	for _, requirement := range r.Requirements {
		if requirement.Reason == "" {
			continue
		}
		verdict := string(requirement.Verdict)
		if requirement.Verdict == report.Pass {
			verdict = fmt.Sprintf("not-checked in %d of %d places", requirement.Cases[report.NotChecked], sum(requirement.Cases))
		}
		fmt.Fprintf(w, "%s: %s: %s\n", verdict, requirement.ID, strings.ReplaceAll(requirement.Reason, "\n", "\n    "))
	}
	var counts []string
	for _, verdict := range report.Verdicts {
		counts = append(counts, fmt.Sprintf("%d %s", r.Summary[verdict], verdict))
	}
	fmt.Fprintf(w, "%d requirements: %s; %d ledger rows in %s\n", len(r.Requirements), strings.Join(counts, ", "), len(r.Ledger), path)
}

func sum(cases map[report.Verdict]int) (all int) {
	for _, n := range cases {
		all += n
	}
	return all
}
