// Command gather turns Ginkgo's JSON report of a run into the kit's own, and prints the digest of it.
//
//	gather GINKGO-JSON REPORT-JSON
package main

import (
	"encoding/json"
	"fmt"
	"os"

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
	gathered.Digest(os.Stdout)
	fmt.Printf("in full, and the ledger's %d rows: %s\n", len(gathered.Ledger), to)
	return nil
}
