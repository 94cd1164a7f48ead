// Command gate turns a run's result into an exit code, for a CI job to stop at.
//
//	gate [flags] REPORT.json
//
//	-baseline OLD.json   only what was kept there, or not asked, counts against the kernel; what else has changed is told
//	-require PATTERNS    requirements that have to be judged: TEXTBOOK-*,COPIES-SHARED-TCP
//
// The exit code is 0 where the kernel conforms, 1 where it deviates, 2 where not enough could be checked, 3 where the kit broke:
// the highest of those that hold, for nothing is known where the kit broke, and little where nothing was checked. It is 64
// where the gate itself was asked for something that does not exist.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
)

const misused = 64

func main() {
	code, err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
	}
	os.Exit(code)
}

func run(arguments []string, out, usage io.Writer) (code int, err error) {
	f := flag.NewFlagSet("gate", flag.ContinueOnError)
	f.SetOutput(usage)
	baseline := f.String("baseline", "", "an earlier report, which may fail what it fails")
	require := f.String("require", "", "requirements, by ID or pattern, that have to be judged")
	if err := f.Parse(arguments); err != nil {
		// The flag package has said what is wrong.
		return misused, nil
	}
	if f.NArg() != 1 {
		return misused, fmt.Errorf("one report is needed, %d are named: gate [flags] REPORT.json", f.NArg())
	}
	now, err := report.Read(f.Arg(0))
	if err != nil {
		return misused, err
	}
	var g judge.Gate
	if *baseline != "" {
		if g.Before, err = report.Read(*baseline); err != nil {
			return misused, err
		}
	}
	if g.Required, err = judge.Patterns(*require, now); err != nil {
		return misused, fmt.Errorf("-require: %w", err)
	}
	return g.Judge(now, out), nil
}
