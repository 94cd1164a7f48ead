package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"sync"
	"time"

	"zerocopy-conformance/hack/progress"
	"zerocopy-conformance/hack/soak/adversity"
	"zerocopy-conformance/hack/soak/tally"
)

// soak runs suites until the time is up, and prints the tally.
func (w *workshop) soak(ctx context.Context, o options) error {
	// Nothing that is built counts as time of the soak, but what only some runs need.
	for _, name := range o.suites {
		if o.program != "" {
			break
		}
		if _, err := w.suite(ctx, name, false); err != nil {
			return err
		}
	}
	t := &tally.Tally{}
	ahead := o.turns(t)
	fmt.Fprintf(os.Stderr, "soak: for %v, %d at a time, seed %d\n", o.limit, o.atOnce, o.seed)
	t.Begin = own()
	err := w.runAll(ctx, o, ahead, t)
	t.End = own()
	if err != nil {
		return err
	}
	var order []string
	for _, c := range adversity.All {
		order = append(order, c.Name)
	}
	if err := t.Print(os.Stdout, order); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New("it was interrupted: what is above was run until then")
	}
	if t.Red() {
		return fmt.Errorf("%w: %d runs failed, and %d left something behind", errRed, t.Reds(), t.Lefts())
	}
	return nil
}

// turns are the runs to come, of conditions that this machine allows; the others are told of in the tally.
func (o options) turns(t *tally.Tally) iter.Seq[turn] {
	if len(o.sets) > 0 {
		var can []adversity.Set
		for _, set := range o.sets {
			if err := set.Missing(); err != nil {
				t.Unposed = append(t.Unposed, tally.Unposed{Name: set.String(), Reason: err.Error()})
			} else {
				can = append(can, set)
			}
		}
		if len(can) == 0 {
			return func(func(turn) bool) {}
		}
		return listed(o.suites, can)
	}
	var can []adversity.Condition
	for _, c := range adversity.All {
		if err := (adversity.Set{c}).Missing(); err != nil {
			t.Unposed = append(t.Unposed, tally.Unposed{Name: c.Name, Reason: err.Error()})
		} else {
			can = append(can, c)
		}
	}
	return turns(o.suites, can, o.seed)
}

// runAll runs turns, so many at a time, and adds them to the tally. Its error is a defect of the soak.
func (w *workshop) runAll(ctx context.Context, o options, ahead iter.Seq[turn], t *tally.Tally) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		slots   = make(chan struct{}, o.atOnce)
		begin   = time.Now()
		line    = progress.On(os.Stderr)
		seed    = o.seed
	)
	for next := range ahead {
		slots <- struct{}{}
		if ctx.Err() != nil || time.Since(begin) >= o.limit || o.runs > 0 && seed-o.seed >= uint64(o.runs) {
			break
		}
		of := trial{turn: next, seed: seed, after: o.after, program: o.program}
		seed++
		mu.Lock()
		of.expected = t.Expected(next.suite)
		line.Show("%v of %v: %d runs, %d red, %d left; %s under %s", time.Since(begin).Round(time.Second), o.limit, t.Runs(), t.Reds(), t.Lefts(), next.suite, next.set)
		mu.Unlock()
		running.Go(func() {
			defer func() { <-slots }()
			result, err := w.run(ctx, of)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
			case err != nil:
				cancel(fmt.Errorf("%s under %s: %w", next.suite, next.set, err))
			default:
				t.Add(result)
			}
		})
	}
	running.Wait()
	line.End()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// own is what this process holds, when nothing is under way.
func own() (o tally.Own) {
	runtime.GC()
	entries, _ := os.ReadDir("/proc/self/fd")
	o.Descriptors = len(entries)
	var size, resident int64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		_, _ = fmt.Sscan(string(text), &size, &resident)
	}
	o.ResidentBytes = resident * int64(os.Getpagesize())
	return o
}
