package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
	"zerocopy-conformance/hack/report/page"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

// suiteVariable has this program be one suite: each has a process of its own, as under the ginkgo command.
const suiteVariable = "ZC_CARRIED_SUITE"

// runSuite is one suite's process, as go test would make it: it does not return.
func runSuite(name string) {
	spec.CarriedBy("zerocopy-conformance")
	test := testing.InternalTest{Name: "TestCarried", F: func(t *testing.T) {
		for _, s := range catalogue.Suites {
			if s.Name == name {
				spec.Run(t, name, s.Specs, tellOfSpecs)
				return
			}
		}
		t.Fatalf("%s=%s is no suite", suiteVariable, name)
	}}
	testing.Main(func(pattern, name string) (bool, error) { return regexp.MatchString(pattern, name) }, []testing.InternalTest{test}, nil, nil)
}

// runSuites runs suites one after another, and gathers what they say; what they print goes out, and how far they are is told. A
// suite that selects nothing
// has nothing to say; that none of them does is an error.
func runSuites(ctx context.Context, names []string, filter string, out io.Writer, tell func(far)) (*report.Report, error) {
	folder, err := os.MkdirTemp("", "zerocopy-conformance-")
	if err != nil {
		return nil, fmt.Errorf("%w: set TMPDIR to a folder that can be written", err)
	}
	defer os.RemoveAll(folder)
	c := carrier{ctx, own(), folder, filter}
	// Without running anything first: a suite of which nothing is selected would be red.
	var selected []string
	so := far{}
	for _, name := range names {
		var words bytes.Buffer
		planned, err := c.run(name, &words, func(told) {}, "-ginkgo.dry-run")
		if err != nil {
			return nil, &misuse{fmt.Errorf("%w: %s", err, bytes.TrimSpace(words.Bytes()))}
		}
		if n := specs(planned); n > 0 {
			selected, so.Total = append(selected, name), so.Total+n
		}
	}
	if len(selected) == 0 {
		return nil, &misuse{fmt.Errorf("-filter %q selects no spec of %s", filter, strings.Join(names, ", "))}
	}
	var all []types.Report
	for _, name := range selected {
		so.Suite = name
		tell(so)
		said, err := c.run(name, out, func(one told) {
			so.add(one)
			tell(so)
		})
		if err != nil {
			return nil, err
		}
		all = append(all, said...)
	}
	return report.Gather(all)
}

// own is the path of the program that is the suites' processes.
var own = ownPath

// ownPath is this program's: where there is no /proc to tell, as it was called.
func ownPath() string {
	if own, err := os.Executable(); err == nil {
		return own
	}
	own, err := filepath.Abs(os.Args[0])
	if err != nil {
		return os.Args[0]
	}
	return own
}

// misuse is an error that is the user's to mend.
type misuse struct{ error }

// specs counts those of a run that was planned which are to be run.
func specs(planned []types.Report) (n int) {
	for _, suite := range planned {
		for _, s := range suite.SpecReports {
			if s.LeafNodeType == types.NodeTypeIt && s.State == types.SpecStatePassed {
				n++
			}
		}
	}
	return n
}

// carrier runs suites in processes of their own.
type carrier struct {
	ctx                 context.Context
	own, folder, filter string
}

// run runs one, tells of its specs as they end, and says what is in its report.
func (c carrier) run(name string, out io.Writer, tell func(told), further ...string) (said []types.Report, err error) {
	path := filepath.Join(c.folder, name+".json")
	arguments := append([]string{"-ginkgo.label-filter=" + c.filter, "-ginkgo.json-report=" + path, "-ginkgo.no-color", "-test.timeout=0"}, further...)
	command := exec.CommandContext(c.ctx, c.own, arguments...)
	command.Env = append(os.Environ(), suiteVariable+"="+name)
	command.Stdout, command.Stderr = out, out
	// It ends by itself, with a report, when it is asked to.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	ended := hear(command, tell)
	if c.ctx.Err() != nil {
		return nil, errors.New("it was interrupted")
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has said nothing: %w", name, cmp.Or(ended, err))
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return said, os.Remove(path)
}

// write puts a report into a folder, in the forms that people ask for.
func write(r *report.Report, folder string) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := r.Write(filepath.Join(folder, "report.json")); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, "report.html"))
	if err != nil {
		return err
	}
	defer file.Close()
	return page.Write(file, title(r), columns(r))
}

// columns are the one that a report is for those who read several, and title is its heading.
func columns(r *report.Report) []report.Column {
	return []report.Column{{Name: r.Kernel.Release, Report: r}}
}

func title(r *report.Report) string { return "Zero-copy I/O on Linux " + r.Kernel.Release }

// gate is what the result is held to.
func gate(baseline, require string, r *report.Report) (g judge.Gate, err error) {
	if baseline != "" {
		if g.Before, err = report.Read(baseline); err != nil {
			return g, err
		}
	}
	if g.Required, err = judge.Patterns(require, r); err != nil {
		return g, fmt.Errorf("-require: %w", err)
	}
	return g, nil
}
