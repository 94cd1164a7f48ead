// Command diff says what has changed from one run to another: what fails now, what is kept now, what else is answered
// otherwise, and what costs otherwise.
//
//	diff OLD.json NEW.json
//
// Each is a report.json. The exit code is 0 where nothing fails that did not before, 1 where something does, and 64 where the files
// are no two reports. Where a failure counts that is an old one, too, the gate is what to ask.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

const (
	worse   = 1
	misused = 64
)

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
	}
	os.Exit(code)
}

// kinds are of what changes are, in the order in which they are printed.
var kinds = []string{"fails now", "is kept now", "is answered otherwise", "costs otherwise"}

const (
	fails = iota
	kept
	otherwise
	costs
)

func run(arguments []string, out io.Writer) (code int, err error) {
	if len(arguments) != 2 {
		return misused, fmt.Errorf("two reports are needed, %d are named: diff OLD.json NEW.json", len(arguments))
	}
	var both [2]*report.Report
	for i, path := range arguments {
		if both[i], err = report.Read(path); err != nil {
			return misused, err
		}
	}
	before, now := verdicts(both[0]), verdicts(both[1])
	all := make([][]table.Change, len(kinds))
	for _, c := range table.Diff(both[0], both[1]) {
		kind := kindOf(before[c.What], now[c.What])
		all[kind] = append(all[kind], c)
	}
	var counts []string
	for kind, some := range all {
		counts = append(counts, fmt.Sprintf("%d %s", len(some), kinds[kind]))
		for _, c := range some {
			fmt.Fprintf(out, "%s: %s\n  before: %s\n  now:    %s\n", kinds[kind], c.What, c.A, c.B)
		}
	}
	fmt.Fprintf(out, "from %s to %s: %s\n", both[0].Kernel.Release, both[1].Kernel.Release, strings.Join(counts, ", "))
	if len(all[fails]) > 0 {
		return worse, nil
	}
	return 0, nil
}

// kindOf says of what kind a change is, by a requirement's verdicts: a place in the ledger has none.
func kindOf(before, now report.Verdict) int {
	switch {
	case before == "" && now == "":
		return costs
	case bad(now) && !bad(before):
		return fails
	case bad(before) && now == report.Pass:
		return kept
	}
	return otherwise
}

func bad(v report.Verdict) bool { return v == report.Fail || v == report.KitError }

func verdicts(r *report.Report) map[string]report.Verdict {
	all := map[string]report.Verdict{}
	for _, requirement := range r.Requirements {
		all[requirement.ID] = requirement.Verdict
	}
	return all
}
