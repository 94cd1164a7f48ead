package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/mutants/kernel/defects"
	"zerocopy-conformance/hack/mutants/kernel/linux"
	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/report"
)

// run builds the kernels and runs them, so many at a time. While some run the next is built.
func (o options) run(ctx context.Context, some []defects.Defect) (*outcome, error) {
	store, err := o.packages.Open(debian.Architectures[0])
	if err != nil {
		return nil, err
	}
	tree, err := linux.Open(ctx, store, o.packages.Cache, say)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "zc-mutants-kernel-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	results := filepath.Join(o.reports, "mutants-kernel")
	// What an earlier run has left is not this one's.
	if err := os.RemoveAll(results); err != nil {
		return nil, err
	}
	g, err := build(ctx, folder, results)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	pristine, err := tree.Program(ctx)
	if err != nil {
		return nil, err
	}
	out := &outcome{Kernel: tree.Version, BuildSeconds: time.Since(began).Seconds(), killed: map[score.Spec]bool{}}
	if o.whole() {
		if err := out.asItIs(ctx, o, g, pristine); err != nil {
			return nil, err
		}
	}
	if err := out.mutated(ctx, o, g, tree, some); err != nil {
		return nil, err
	}
	return out, out.onlyHere(ctx, g)
}

// asItIs runs all suites in the kernel without a defect. That anything fails there is an error: what a defect then does
// cannot be told from what was wrong before.
func (out *outcome) asItIs(ctx context.Context, o options, g *guests, program string) error {
	began := time.Now()
	results := make([]result, len(halves))
	err := atOnce(ctx, o.guests, len(halves), func(ctx context.Context, i int) (err error) {
		results[i], err = g.run(ctx, work{name: fmt.Sprintf("as it is, %d of %d", i+1, len(halves)), machine: machine.UML{Program: program, Disks: disks}, deviations: g.deviations, filter: halves[i]})
		return err
	})
	if err != nil {
		return err
	}
	var all []report.Case
	for _, r := range results {
		if r.broken != "" {
			return fmt.Errorf("the kernel without a defect: %s", r.broken)
		}
		all = append(all, r.cases...)
	}
	s, err := score.New(all)
	if err != nil {
		return fmt.Errorf("the kernel without a defect: %w", err)
	}
	out.Specs, out.NotChecked, out.Seconds = s.Specs, len(s.NotChecked), time.Since(began).Seconds()
	say(fmt.Sprintf("Linux %s as it is: green, %d specs, %.0f s", out.Kernel, out.Specs, out.Seconds))
	return nil
}

// mutated runs the kernels with a defect each.
func (out *outcome) mutated(ctx context.Context, o options, g *guests, tree *linux.Tree, some []defects.Defect) error {
	out.Defects = make([]*tried, len(some))
	var mu sync.Mutex
	done := 0
	return atOnce(ctx, o.guests, len(some), func(ctx context.Context, i int) error {
		d := some[i]
		began := time.Now()
		program, err := tree.Mutated(ctx, d)
		if err != nil {
			return err
		}
		built := time.Since(began).Seconds()
		b := d.Batch()
		r, err := g.run(ctx, work{name: d.Name, machine: machine.UML{Program: program, Disks: disks}, deviations: g.deviations, filter: b.Filter, environment: append(b.Environment, hanging)})
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		out.Defects[i], err = out.judge(b, r)
		if err == nil {
			out.Defects[i].BuildSeconds = built
			done++
			say(fmt.Sprintf("%d of %d defects; %s: %s, %.1f s", done, len(some), d.Name, out.Defects[i].word(), r.seconds))
		}
		return err
	})
}

// judge says what became of a defect.
func (out *outcome) judge(b mutant.Batch, r result) (*tried, error) {
	s := &score.Score{}
	if err := s.Add(b, r.cases); err != nil {
		return nil, err
	}
	t := &tried{Tried: s.Mutants[0], Seconds: r.seconds}
	if r.broken != "" {
		t.Wrong = append(t.Wrong, "the guest did not come to its end: "+r.broken)
	}
	for _, c := range r.cases {
		if c.Verdict == report.Fail && t.Owns(c.Requirement.ID) {
			out.killed[score.SpecOf(c)] = true
		}
	}
	return t, nil
}

// onlyHere finds the requirements that were killed here and that this machine's own kernel cannot be asked for.
func (out *outcome) onlyHere(ctx context.Context, g *guests) error {
	ids := map[string]bool{}
	for s := range out.killed {
		ids[s.Requirement] = true
	}
	out.Requirements, out.OnlyHere = slices.Sorted(maps.Keys(ids)), []string{}
	out.Kills = slices.SortedFunc(maps.Keys(out.killed), func(a, b score.Spec) int { return strings.Compare(a.String(), b.String()) })
	if len(ids) == 0 {
		return nil
	}
	r, err := g.run(ctx, work{name: "host", machine: machine.Host{}, filter: anyOf(out.Requirements)})
	if err != nil {
		return err
	}
	if r.broken != "" {
		return errors.New("this machine's own kernel: " + r.broken)
	}
	for _, c := range r.cases {
		if c.Verdict != report.NotChecked {
			delete(ids, c.Requirement.ID)
		}
	}
	out.OnlyHere = slices.Sorted(maps.Keys(ids))
	return nil
}

// atOnce does something for each of a number of things, so many at a time, in their order. The first error ends it.
func atOnce(ctx context.Context, most, things int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots, running := make(chan struct{}, most), sync.WaitGroup{}
	for i := range things {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
