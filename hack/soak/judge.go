package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/soak/tally"
	"zerocopy-conformance/suites/spec"
)

// interrupted is how Ginkgo says in a report that a signal has ended the run.
const interrupted = "Interrupted by User"

// judge says what became of a run.
func (r *ended) judge() (result tally.Result) {
	result = tally.Result{
		Suite: r.suite, Conditions: r.set.Names(), Again: r.again(),
		NotChecked: map[string]int{}, Left: r.left.All(), EndSeconds: r.took.Seconds(),
	}
	red := func(format string, arguments ...any) {
		result.Reds = append(result.Reds, fmt.Sprintf(format, arguments...))
	}
	races, _ := filepath.Glob(filepath.Join(r.run.Folder, "out", "race.*"))
	for _, path := range races {
		text, _ := os.ReadFile(path)
		red("%s", text)
	}
	if r.stuck.Load() {
		red("the run had not ended after %v: %s", patience, r.tail())
		return result
	}
	suites, err := r.read()
	killed := r.signalled && r.run.Stop == unix.SIGKILL && r.code == 128+int(unix.SIGKILL)
	if killed {
		// What it had written by then says nothing.
		return result
	}
	if err != nil {
		red("its report: %v: exit code %d: %s", err, r.code, r.tail())
		return result
	}
	for _, suite := range suites {
		r.count(suite, &result, red)
	}
	if len(result.Reds) == 0 {
		r.end(suites, &result, red)
	}
	return result
}

// count counts the specs of one suite.
func (r *ended) count(suite types.Report, result *tally.Result, red func(string, ...any)) {
	for _, s := range suite.SpecReports {
		switch {
		case s.State.Is(types.SpecStateInterrupted|types.SpecStateAborted) && r.signalled:
			// It was in the way.
		case s.State.Is(types.SpecStateFailureStates):
			red("%s: %s: %s", strings.Join(append(s.ContainerHierarchyTexts, s.LeafNodeText), " "), s.State, s.Failure.Message)
		}
	}
	cases, err := report.Cases([]types.Report{suite})
	if err != nil {
		red("its report: %v", err)
		return
	}
	for _, c := range cases {
		switch {
		case c.Verdict == report.NotChecked && c.NotChecked != spec.LeftOut:
			result.NotChecked[c.NotChecked]++
		case c.Verdict != report.NotChecked:
			result.Specs++
		}
	}
}

// end judges how it has ended, where no spec is red.
func (r *ended) end(suites []types.Report, result *tally.Result, red func(string, ...any)) {
	told := slices.ContainsFunc(suites, func(s types.Report) bool { return slices.Contains(s.SpecialSuiteFailureReasons, interrupted) })
	byDefault := r.signalled && r.code == 128+int(r.run.Stop)
	switch {
	case r.signalled && !told && r.alone:
		result.Early = true
	case r.signalled && !told && r.code == 0 && r.wentOn(suites):
		red("it went on after the signal, and is green")
	case r.run.Stop != 0 && r.code == 0 && !told:
		// All specs had been run when the signal came, if it did.
		result.Late = true
	case (byDefault || r.signalled && r.run.Processes > 0 && r.code != 0) && len(suites) == 0 && !strings.Contains(r.output, "Running Suite"):
		// Nobody had asked for the signal yet.
		result.Early = true
	case byDefault && len(suites) > 0 && !told:
		// Nobody asked for it any more: the report was written.
		result.Late = true
	case r.signalled && told && r.code != 0 && r.code < 128:
	case r.code != 0 || len(suites) == 0:
		red("it ended with exit code %d and %d reports, for no spec: %s", r.code, len(suites), r.tail())
	}
}

// wentOn says whether specs have begun long after the signal.
func (r *ended) wentOn(suites []types.Report) bool {
	const long = time.Second
	return slices.ContainsFunc(suites, func(suite types.Report) bool {
		return slices.ContainsFunc(suite.SpecReports, func(s types.SpecReport) bool {
			return s.State == types.SpecStatePassed && s.StartTime.After(r.at.Add(long))
		})
	})
}

// read is Ginkgo's report, none where it wrote none.
func (r *ended) read() (suites []types.Report, err error) {
	text, err := os.ReadFile(r.report())
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &suites)
	return suites, err
}

// tail is the end of what it has printed.
func (r *ended) tail() string {
	const lines = 40
	all := strings.Split(strings.TrimSpace(r.output), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// again is the command that does the same run once more.
func (r *ended) again() string {
	command := fmt.Sprintf("go run ./hack/soak -runs=1 -suites=%s -conditions=%s -seed=%d", r.suite, r.set, r.seed)
	if r.trial.program != "" {
		command = strings.Replace(command, "-suites="+r.suite, "-program="+r.trial.program, 1)
	}
	if r.run.Stop != 0 {
		command += fmt.Sprintf(" -after=%v", r.after)
	}
	return command
}
