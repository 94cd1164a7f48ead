// Command mutants shows what the kit catches: it runs the suites on methods that go wrong and under a tracer that lies in
// the kernel's name, and prints who killed which, which mutants live, and which specs kill nothing.
//
//	mutants [flags]
//
// It needs no privileges. Its exit code is 0 when every mutant was killed, for the right reason, and every spec kills one;
// 1 when not; and 2 when it was asked for something that does not exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"zerocopy-conformance/hack/mutants/lies"
	"zerocopy-conformance/hack/mutants/methods"
	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/progress"
	"zerocopy-conformance/hack/report"
)

// The exit codes.
const (
	green = iota
	red
	misused
)

var (
	errRed    = errors.New("the score is red")
	errMisuse = errors.New("misuse")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := do(ctx, os.Args[1:])
	if err == nil {
		os.Exit(green)
	}
	if !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mutants:", err)
	}
	if errors.Is(err, errMisuse) || errors.Is(err, flag.ErrHelp) {
		os.Exit(misused)
	}
	os.Exit(red)
}

// options are what a run is asked for.
type options struct {
	only    *regexp.Regexp
	list    bool
	jobs    int
	reports string
}

func parse(arguments []string) (o options, err error) {
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	only := f.String("only", "", "try the mutants whose name matches this regular expression; what specs kill nothing is then not asked")
	f.BoolVar(&o.list, "list", false, "list the mutants, and what each does wrong")
	// Some wait for what hangs, and leave their processor to others.
	f.IntVar(&o.jobs, "jobs", 2*runtime.NumCPU(), "how many runs there are at a time")
	f.StringVar(&o.reports, "reports", "reports", "the folder for mutants.json")
	if err := f.Parse(arguments); err != nil {
		return o, errors.Join(errMisuse, err)
	}
	if f.NArg() > 0 || o.jobs < 1 {
		return o, fmt.Errorf("%w: it takes flags alone, and -jobs of 1 at least", errMisuse)
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("%w: -only: %w", errMisuse, err)
	}
	return o, nil
}

func do(ctx context.Context, arguments []string) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	batches := selected(append(methods.Batches(), lies.Batches()...), o.only)
	if len(batches) == 0 {
		return fmt.Errorf("%w: no mutant's name matches %q; mutants -list lists them", errMisuse, o.only)
	}
	if o.list {
		list(batches)
		return nil
	}
	folder, err := os.MkdirTemp("", "zc-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	p, err := build(ctx, folder)
	if err != nil {
		return err
	}
	s, err := o.score(ctx, p, batches)
	if err != nil {
		return err
	}
	return o.show(s)
}

// list names each mutant once, in how many batches it may be.
func list(batches []mutant.Batch) {
	listed := map[string]bool{}
	for _, b := range batches {
		for _, m := range b.Mutants {
			if !listed[m.Name] {
				fmt.Printf("%s %s (%s)\n", m.Name, m.Says, strings.Join(m.Violates, " "))
			}
			listed[m.Name] = true
		}
	}
}

// selected are the batches with those of their mutants whose name matches.
func selected(batches []mutant.Batch, only *regexp.Regexp) (some []mutant.Batch) {
	for _, b := range batches {
		if b = b.Only(only.MatchString); len(b.Mutants) > 0 {
			some = append(some, b)
		}
	}
	return some
}

// score runs the program as it is, and then every batch.
func (o options) score(ctx context.Context, p *program, batches []mutant.Batch) (s *score.Score, err error) {
	whole := o.only.String() == ""
	// Alone: a batch beside it would make a machine that is slow slower, and what passes here is what mutants are held to.
	began := time.Now()
	unmutated, err := p.run(ctx, mutant.Batch{Name: "nothing mutated"})
	if err != nil {
		return nil, err
	}
	if s, err = score.New(unmutated); err != nil {
		return nil, err
	}
	line := progress.On(os.Stderr)
	defer line.End()
	show := func(done int, last string) {
		line.Show("%d of %d runs, %v: %s", done, len(batches), time.Since(began).Round(time.Second), last)
	}
	show(0, fmt.Sprintf("nothing mutated: %d specs, %.0f s", s.Specs, time.Since(began).Seconds()))
	done := 0
	err = p.runAll(ctx, batches, o.jobs, func(r result) error {
		done++
		show(done, fmt.Sprintf("%s: %d mutants, %.1f s", r.batch.Name, len(r.batch.Mutants), r.took.Seconds()))
		return s.Add(r.batch, r.cases)
	})
	if err != nil {
		return nil, err
	}
	if whole {
		s.Conclude(exceptions)
	}
	return s, nil
}

// show prints the score and writes it. That it is red is an error.
func (o options) show(s *score.Score) error {
	if err := os.MkdirAll(o.reports, 0o755); err != nil {
		return err
	}
	if err := report.WriteFile(filepath.Join(o.reports, "mutants.json"), "mutants", s); err != nil {
		return err
	}
	if err := s.Print(os.Stdout); err != nil {
		return err
	}
	lines := s.Red()
	for _, line := range lines {
		fmt.Println(line)
	}
	if len(lines) > 0 {
		return fmt.Errorf("%w: %d lines", errRed, len(lines))
	}
	return nil
}
