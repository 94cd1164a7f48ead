package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/mutants/kernel/linux"
	"zerocopy-conformance/hack/report"
)

const (
	// patience is how long a guest may take that runs all suites, on a machine that has other work.
	patience = 15 * time.Minute
	// memoryMiB is a guest's memory.
	memoryMiB = 1000
	// hanging is how long a transfer may hang in a kernel with a defect.
	hanging = "ZC_PATIENCE=10s"
)

// disks are a guest's scratch disks: what is cold has to be read from one.
var disks = []machine.Disk{{Filesystem: "ext4", Folder: "/var/tmp"}}

// guests is what all guests run, and where their results go.
type guests struct {
	init, program, results, deviations string
}

// build builds it, in a folder that exists.
func build(ctx context.Context, folder, results string) (*guests, error) {
	root, err := guest.Root()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMisuse, err)
	}
	programs, err := guest.Build(ctx, root, folder, runtime.GOARCH, nil)
	if err != nil {
		return nil, err
	}
	g := &guests{programs.Init, filepath.Join(folder, "mutated.test"), results, filepath.Join(root, "hack", "deviations", "uml-"+linux.Branch)}
	return g, guest.BuildTest(ctx, root, g.program, runtime.GOARCH, "./hack/mutants/testdata/mutated")
}

// work is what one guest has to do.
type work struct {
	name    string
	machine machine.Machine
	// deviations is the file that lists what its kernel is known to fail, or empty.
	deviations  string
	filter      string
	environment []string
}

// result is what a guest has answered.
type result struct {
	cases []report.Case
	// broken is why the guest did not come to an ordinary end; empty where it did.
	broken  string
	seconds float64
}

// run runs one guest. An error is that it could not be run, or that the context is done.
func (g *guests) run(ctx context.Context, w work) (result, error) {
	suite := job.Suite{Name: "mutated", Program: g.program, Report: true, Arguments: []string{"--ginkgo.label-filter=" + w.filter}, Environment: w.environment}
	r := guest.Run{Init: g.init, Suites: []job.Suite{suite}, Results: g.results, SuitePatience: patience * 9 / 10, Patience: patience}
	k := guest.Kernel{Name: w.name, Machine: w.machine, CPUs: 1, MemoryMiB: memoryMiB, Deviations: w.deviations}
	column, err := r.Column(ctx, k, func(string, bool) {})
	if err != nil {
		return result{}, err
	}
	answer := result{broken: column.Broken, seconds: column.Seconds}
	path := filepath.Join(g.results, guest.FolderName(w.name), "ginkgo.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && answer.broken != "" {
		return answer, nil
	}
	if err != nil {
		return result{}, err
	}
	var reports []types.Report
	if err := json.Unmarshal(text, &reports); err != nil {
		return result{}, fmt.Errorf("what %s reported: %w", w.name, err)
	}
	if answer.cases, err = report.Cases(reports); err != nil {
		return result{}, err
	}
	// It names every spec that was not selected, too: megabytes, of a hundred guests. What counts is in report.json.
	return answer, os.Remove(path)
}

// halves split all specs in two that take about as long.
var halves = []string{"/^(INTEGRITY|COST)-/", "!/^(INTEGRITY|COST)-/"}

// anyOf is the filter of the specs of any of these requirements.
func anyOf(ids []string) string {
	var words []string
	for _, id := range ids {
		words = append(words, regexp.QuoteMeta(id))
	}
	return "/^(" + strings.Join(words, "|") + ")$/"
}
