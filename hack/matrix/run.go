package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/kernels"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/progress"
)

// suites are run on each kernel, the longest first.
var suites = []string{"integrity", "cost", "copies", "contract", "safety", "textbook"}

// onCards are the suites that are run on a kernel's network cards as well, and what of them: what a driver has to do with
// is whether the device gathers.
var onCards = map[string][]string{
	"copies":   {"ZC_SINKS=nic-sg,nic-nosg", "ZC_SOURCES=tmp", "ZC_METHODS=read+write,mmap+write,sendfile,splice,zerocopy-send"},
	"textbook": {"ZC_SINKS=nic-sg,nic-nosg"},
}

// options are what a run is asked for.
type options struct {
	packages              debian.Place
	labels, owes, reports string
	guests, cpus          int
	patience              time.Duration
}

// runAll runs the suites on all kernels that are named.
func runAll(ctx context.Context, arguments []string) error {
	f := flags("run")
	var o options
	o.packages.Add(f)
	f.StringVar(&o.labels, "labels", "", "run what these labels select, as ginkgo's --label-filter has it")
	f.StringVar(&o.owes, "owes", "", "hold every kernel to the promises of this version instead of its own, such as 7.3")
	f.StringVar(&o.reports, "reports", "reports", "the folder for matrix.json, matrix.md and, in a folder for each kernel, its reports, logs and console")
	f.IntVar(&o.guests, "guests", 2, "how many kernels run at a time")
	f.IntVar(&o.cpus, "cpus", 0, "how many processors each of them has; 0: its share of this machine's")
	f.DurationVar(&o.patience, "patience", 15*time.Minute, "how long a kernel may take")
	if err := parse(f, arguments); err != nil {
		return err
	}
	if err := errors.Join(checkNames(f.Args()), o.check()); err != nil {
		return err
	}
	here, err := guest.Root()
	if err != nil {
		return misuse{err}
	}
	stores, err := o.packages.OpenAll()
	if err != nil {
		return err
	}
	catalogue := kernels.Catalogue{Stores: stores, Deviations: filepath.Join(here, "hack", "deviations"), CPUs: o.cpus, MemoryMiB: 1400}
	folder, err := os.MkdirTemp("", "zc-matrix-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	work, err := o.prepare(ctx, here, folder, f.Args())
	if err != nil {
		return err
	}
	matrix, err := o.columns(ctx, catalogue, work, f.Args())
	if err != nil {
		return err
	}
	return o.show(matrix)
}

// check says what is wrong with the options.
func (o *options) check() error {
	if o.guests < 1 || o.cpus < 0 || o.patience <= 0 {
		return misuse{errors.New("-guests and -patience must be positive, and -cpus not negative")}
	}
	if o.cpus == 0 {
		o.cpus = max(1, runtime.NumCPU()/o.guests)
	}
	if o.owes != "" {
		if _, err := kernel.ParseVersion(o.owes); err != nil {
			return misuse{fmt.Errorf("-owes: %w", err)}
		}
	}
	return nil
}

// prepare builds what the guests run, by the architecture of the kernels that are named.
func (o *options) prepare(ctx context.Context, here, folder string, names []string) (map[string]*guest.Run, error) {
	selected, err := o.selected(ctx, here)
	if err != nil {
		return nil, err
	}
	work := map[string]*guest.Run{}
	for _, name := range names {
		architecture := kernels.Architecture(name)
		if work[architecture] != nil {
			continue
		}
		own := filepath.Join(folder, architecture)
		if err := os.Mkdir(own, 0o755); err != nil {
			return nil, err
		}
		programs, err := guest.Build(ctx, here, own, architecture, selected)
		if err != nil {
			return nil, err
		}
		work[architecture] = o.work(selected, programs)
	}
	return work, nil
}

// work is what every guest has to do.
func (o *options) work(selected []string, programs *guest.Programs) *guest.Run {
	work := &guest.Run{Init: programs.Init, Results: filepath.Join(o.reports, "matrix"), SuitePatience: o.patience * 9 / 10, Patience: o.patience}
	if o.owes != "" {
		work.Environment = append(work.Environment, kernel.OwesVariable+"="+o.owes)
	}
	for _, name := range selected {
		s := job.Suite{Name: name, Program: programs.Suites[name], Report: true}
		if o.labels != "" {
			s.Arguments = []string{"--ginkgo.label-filter=" + o.labels}
		}
		work.Suites = append(work.Suites, s)
		if narrowed, also := onCards[name]; also {
			s.Environment = narrowed
			work.OnCards = append(work.OnCards, s)
		}
	}
	return work
}

// selected are the suites that have specs which the labels select: one that has none would fail.
func (o *options) selected(ctx context.Context, here string) ([]string, error) {
	if o.labels == "" {
		return suites, nil
	}
	list := exec.CommandContext(ctx, "go", "run", "./hack/requirements/list", "-suites", o.labels)
	list.Dir = here
	out, err := list.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, misuse{fmt.Errorf("-labels: %s", firstLine(exit.Stderr))}
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range suites {
		for _, path := range strings.Fields(string(out)) {
			if path == "./suites/"+name {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// firstLine is the first line of a text, which may be long.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}

// columns runs the kernels, so many at a time.
func (o *options) columns(ctx context.Context, catalogue kernels.Catalogue, work map[string]*guest.Run, names []string) (*table.Matrix, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	matrix := &table.Matrix{Columns: make([]table.Column, len(names))}
	slots, running := make(chan struct{}, o.guests), sync.WaitGroup{}
	under := &underWay{line: progress.On(os.Stderr), all: len(names), does: map[string]string{}}
	for i, name := range names {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			under.tell(name)("begins", false)
			column, err := oneColumn(ctx, catalogue, work[kernels.Architecture(name)], name, under.tell(name))
			if err != nil {
				cancel(err)
			}
			under.end(name)
			matrix.Columns[i] = column
		})
	}
	running.Wait()
	under.line.End()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return matrix, nil
}

// oneColumn runs one kernel. A kernel that cannot be had has a column that says so; the others are run all the same.
func oneColumn(ctx context.Context, catalogue kernels.Catalogue, work *guest.Run, name string, tell guest.Tell) (table.Column, error) {
	if ctx.Err() != nil {
		return table.Column{}, context.Cause(ctx)
	}
	k, err := catalogue.Open(ctx, name)
	if ctx.Err() != nil {
		return table.Column{}, context.Cause(ctx)
	}
	if err != nil {
		tell(err.Error(), true)
		return table.Column{Kernel: name, Broken: err.Error()}, nil
	}
	column, err := work.Column(ctx, k, tell)
	if err == nil && column.Broken != "" {
		tell(column.Broken, true)
	}
	return column, err
}

// show writes the matrix and prints it. That it is red is an error.
func (o *options) show(matrix *table.Matrix) error {
	if err := os.MkdirAll(o.reports, 0o755); err != nil {
		return err
	}
	if err := matrix.Write(filepath.Join(o.reports, "matrix.json")); err != nil {
		return err
	}
	page, err := os.Create(filepath.Join(o.reports, "matrix.md"))
	if err != nil {
		return err
	}
	err = matrix.Markdown(page)
	if closed := page.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := matrix.Terminal(os.Stdout); err != nil {
		return err
	}
	if lines := matrix.Red(); len(lines) > 0 {
		return fmt.Errorf("%w: %d lines", errRed, len(lines))
	}
	return nil
}
