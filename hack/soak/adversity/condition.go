// Package adversity is what a soak does to a run of a suite: conditions under which the kit must say the same as on a quiet
// machine, or say that it cannot. Each is posed to one run, by what that run inherits and by processes of the soak's own;
// none changes a setting that anybody else would notice.
package adversity

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
)

// Run is one run of a suite, as its conditions make it.
type Run struct {
	// Folder is the run's own, gone when it has ended; Temp, in which nobody else has files, is its TMPDIR.
	Folder, Temp string
	// Program is the compiled suite.
	Program string
	// Prefix is the command line before the suite's, whose programs become the suite: see execve(2).
	Prefix []string
	// Environment is added to the run's, as NAME=value.
	Environment []string
	// Processes is how many of them share the specs; 0: it is run without the ginkgo command.
	Processes int
	// Stop is the signal that ends the run before its time, 0 for none.
	Stop unix.Signal
	// Room, Network and Machine are the keeper's.
	Room    keeper.Room
	Network bool
	Machine keeper.Machine
}

// Condition is one thing that makes it hard for a run.
type Condition struct {
	// Name stands in the table and behind -conditions, Says in what lists them.
	Name, Says string
	// Of are what it takes for itself: two conditions of one are not posed together.
	Of []string
	// Missing is why it cannot be posed here, and what would let it; nil: it is always posed.
	Missing func() error
	// Pose changes a run before it begins; undo, where there is one, is called when it has ended.
	Pose func(*Run) (undo func() error, err error)
	// Beside is done while the run is under way, until ctx ends; runner is the process ID of the suite, or of the ginkgo
	// command. What it returns is a defect of the soak.
	Beside func(ctx context.Context, r *Run, runner int, random Random) error
}

// Random is where a run's chance comes from: a seed that is printed.
type Random interface {
	IntN(n int) int
	Int64N(n int64) int64
}

// All are the conditions there are. Those that decide who runs the suite come last: what is before them may take root.
var All = slices.Concat(orders, schedules, processors, limits, memories, folders, networks, caches, signals, stops, users)

// Set is conditions that are posed together.
type Set []Condition

// Parse reads names as they are printed: joined by a plus. No name is the machine as it is.
func Parse(text string) (set Set, err error) {
	if text == Plain {
		return nil, nil
	}
	for name := range strings.SplitSeq(text, "+") {
		i := slices.IndexFunc(All, func(c Condition) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no condition %q; there are: %s, %s", name, Plain, strings.Join(names(All), ", "))
		}
		set = append(set, All[i])
	}
	for i, one := range set {
		for _, other := range set[i+1:] {
			if !one.goesWith(other) {
				return nil, fmt.Errorf("%s and %s cannot be posed together", one.Name, other.Name)
			}
		}
	}
	return set.inOrder(), nil
}

// Plain is the name of the set of no condition.
const Plain = "plain"

func (s Set) String() string {
	if len(s) == 0 {
		return Plain
	}
	return strings.Join(names(s), "+")
}

func names(all []Condition) (of []string) {
	for _, c := range all {
		of = append(of, c.Name)
	}
	return of
}

// With is the set and one condition more; ok says whether they go together.
func (s Set) With(c Condition) (more Set, ok bool) {
	for _, one := range s {
		if !one.goesWith(c) {
			return nil, false
		}
	}
	return append(slices.Clone(s), c).inOrder(), true
}

// inOrder sorts the set as All is.
func (s Set) inOrder() Set {
	all := names(All)
	slices.SortFunc(s, func(a, b Condition) int { return slices.Index(all, a.Name) - slices.Index(all, b.Name) })
	return s
}

func (c Condition) goesWith(other Condition) bool {
	return c.Name != other.Name && !slices.ContainsFunc(c.Of, func(of string) bool { return slices.Contains(other.Of, of) })
}

// Missing is why the set cannot be posed.
func (s Set) Missing() error {
	for _, c := range s {
		if c.Missing == nil {
			continue
		}
		if err := c.Missing(); err != nil {
			return err
		}
	}
	return nil
}

// Pose makes the run what the conditions make it.
func (s Set) Pose(r *Run) (undo func() error, err error) {
	var done []func() error
	undo = func() (err error) {
		for _, one := range slices.Backward(done) {
			if failed := one(); err == nil {
				err = failed
			}
		}
		return err
	}
	for _, c := range s {
		if c.Pose == nil {
			continue
		}
		back, err := c.Pose(r)
		if back != nil {
			done = append(done, back)
		}
		if err != nil {
			_ = undo()
			return nil, fmt.Errorf("posing %s: %w", c.Name, err)
		}
	}
	return undo, nil
}

// always poses a condition that needs no undoing.
func always(change func(*Run)) func(*Run) (func() error, error) {
	return func(r *Run) (func() error, error) {
		change(r)
		return nil, nil
	}
}

func asRoot() error {
	if os.Geteuid() != 0 {
		return missing("another user", "this is user "+fmt.Sprint(os.Geteuid()), "run it as root")
	}
	return nil
}
