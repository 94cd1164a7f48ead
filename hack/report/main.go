// Command report turns Ginkgo's JSON report of a run into the kit's own, and says in a line per requirement that
// is no plain pass what it is.
//
//	report GINKGO-JSON REPORT-JSON
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/suites/report"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: report GINKGO-JSON REPORT-JSON")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
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
	for _, r := range gathered.Requirements {
		if r.Reason != "" {
			fmt.Printf("%-11s %s: %s\n", r.Verdict, r.ID, r.Reason)
		}
	}
	fmt.Printf("%d requirements: %d pass, %d fail, %d not-checked, %d kit-error; %d ledger rows in %s\n", len(gathered.Requirements),
		gathered.Summary[report.Pass], gathered.Summary[report.Fail], gathered.Summary[report.NotChecked], gathered.Summary[report.KitError], len(gathered.Ledger), to)
	return nil
}
