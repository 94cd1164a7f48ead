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
	"path"
	"strings"

	"zerocopy-conformance/hack/report"
)

// The exit codes.
const (
	conformant = 0
	deviates   = 1
	unchecked  = 2
	broke      = 3
	misused    = 64
)

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
	g := gate{now: now}
	if *baseline != "" {
		if g.before, err = report.Read(*baseline); err != nil {
			return misused, err
		}
	}
	if g.patterns, err = patterns(*require, now); err != nil {
		return misused, err
	}
	return g.judge(out), nil
}

// patterns are what a list names: each has to name a requirement, or a misspelt one would be no gate.
func patterns(list string, r *report.Report) (all []string, err error) {
	for _, pattern := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		named := false
		for _, requirement := range r.Requirements {
			is, err := path.Match(pattern, requirement.ID)
			if err != nil {
				return nil, fmt.Errorf("-require: %q is no pattern: %w", pattern, err)
			}
			named = named || is
		}
		if !named {
			return nil, fmt.Errorf("-require: %q names no requirement of this report; make requirements lists them", pattern)
		}
		all = append(all, pattern)
	}
	return all, nil
}
