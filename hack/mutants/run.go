package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/report"
)

// program is the mutated program, and where its runs may leave what they write.
type program struct{ path, folder string }

// build builds the mutated program in a folder that exists.
func build(ctx context.Context, folder string) (*program, error) {
	p := &program{filepath.Join(folder, "mutated.test"), folder}
	command := exec.CommandContext(ctx, "go", "test", "-c", "-o", p.path, "zerocopy-conformance/hack/mutants/testdata/mutated")
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -c: %w\n%s", err, bytes.TrimSpace(said))
	}
	return p, nil
}

const (
	// batchPatience is how long a batch may take: much longer than those whose mutants hang, one after the other.
	batchPatience = 10 * time.Minute
	// leavingPatience is how long one may take that was interrupted.
	leavingPatience = 30 * time.Second
)

// run has a batch's specs judged. An error is a run that did not come to its end.
func (p *program) run(ctx context.Context, b mutant.Batch) ([]report.Case, error) {
	folder, err := os.MkdirTemp(p.folder, "batch-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(ctx, batchPatience)
	defer cancel()
	path := filepath.Join(folder, "report.json")
	command := exec.CommandContext(ctx, p.path, "--ginkgo.no-color", "--ginkgo.json-report="+path, "--ginkgo.label-filter="+b.Filter)
	command.Dir = folder
	command.Env = append(environment(), b.Environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = leavingPatience
	said, err := command.CombinedOutput()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("batch %s: %w", b.Name, ctx.Err())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("batch %s: %w", b.Name, err)
	}
	text, missing := os.ReadFile(path)
	if missing != nil {
		return nil, fmt.Errorf("batch %s has not reported: %w\n%s", b.Name, errors.Join(err, missing), lastLines(said))
	}
	var suites []types.Report
	if err := json.Unmarshal(text, &suites); err != nil {
		return nil, fmt.Errorf("batch %s: %w", b.Name, err)
	}
	return report.Cases(suites)
}

// environment is this process's own, without what selects or forgives anything.
func environment() (all []string) {
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, "ZC_") {
			all = append(all, each)
		}
	}
	return all
}

// lastLines are the last lines of what a program has said.
func lastLines(said []byte) string {
	const most = 20
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// result is what became of a batch.
type result struct {
	batch mutant.Batch
	cases []report.Case
	took  time.Duration
	err   error
}

// runAll runs batches, so many at a time, and hands over each one's result, in their order. The first error ends it.
func (p *program) runAll(ctx context.Context, batches []mutant.Batch, jobs int, use func(result) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]chan result, len(batches))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	next, running := make(chan int), sync.WaitGroup{}
	for range jobs {
		running.Go(func() {
			for i := range next {
				began := time.Now()
				cases, err := p.run(ctx, batches[i])
				results[i] <- result{batches[i], cases, time.Since(began), err}
			}
		})
	}
	go func() {
		defer close(next)
		for i := range batches {
			next <- i
		}
	}()
	defer running.Wait()
	for i := range results {
		r := <-results[i]
		if r.err == nil {
			r.err = use(r)
		}
		if r.err != nil {
			// Those that are under way end soon, and those after them at once.
			cancel(r.err)
			return r.err
		}
	}
	return nil
}
