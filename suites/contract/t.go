package contract

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/suites/spec"
)

// T is one clause's check under way. Its methods that find something end the check: they do not return.
type T struct {
	place    string
	cleanups []cleanup
	shut     map[int]bool
	finding  Finding
}

// cleanup undoes something that a check has done.
type cleanup struct {
	undo func()
	// outlasts: it does not go with the process.
	outlasts bool
}

// Finding is what a check came to. All of it empty means that what is owed was seen.
type Finding struct {
	// Answers is how many answers of the interface were judged.
	Answers int
	// Owed and Seen are set where they differ, Where says in which of the check's steps.
	Owed, Seen, Where string
	// Missing is what the machine lacks.
	Missing *kernel.Unavailable
	// Broken is what went wrong with the kit.
	Broken string
	// Spent: the process that did the check is not as it was before.
	Spent bool
}

// Place is where the clause is to be kept this time: one of Clause.Places.
func (t *T) Place() string { return t.place }

// Cleanup has something undone when the check ends, however it does; the last thing first. A process that is spent takes
// it along instead.
func (t *T) Cleanup(undo func()) { t.cleanups = append(t.cleanups, cleanup{undo: undo}) }

// Undo is Cleanup, of what outlasts the process.
func (t *T) Undo(undo func()) { t.cleanups = append(t.cleanups, cleanup{undo, true}) }

// cleanUp undoes what the check has done. Where a call of the check's is still under way, the process is spent, and a
// descriptor that the call works on is left to its end: to close a pipe, say, that a splice(2) has locked while it waits
// for its other end, would wait for that.
func (t *T) cleanUp() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		if each := t.cleanups[i]; each.outlasts || !t.finding.Spent {
			each.undo()
		}
	}
}

// Spend says that the check changes its process for good: no other is to be done there.
func (t *T) Spend() { t.finding.Spent = true }

// Step names what the check does now, for who reads a failure.
func (t *T) Step(format string, args ...any) { t.finding.Where = fmt.Sprintf(format, args...) }

// Deviates ends the check: the interface does not do what is owed.
func (t *T) Deviates(owed, seen string) {
	t.finding.Answers++
	t.finding.Owed, t.finding.Seen = owed, seen
	runtime.Goexit()
}

// Must ends the check where the kit, or the machine, does not get as far as the interface.
func (t *T) Must(err error) {
	switch missing := spec.Lacks(err); {
	case err == nil:
		return
	case missing != nil:
		t.finding.Missing = missing
	default:
		t.finding.Broken = err.Error()
	}
	runtime.Goexit()
}

// Lacks ends the check as not checked: what is missing on this machine, why, and what would help.
func (t *T) Lacks(what, why, remedy string) {
	t.Must(&kernel.Unavailable{What: what, Why: why, Remedy: remedy})
}

// Equal holds something that was seen to what is owed.
func Equal[V comparable](t *T, what string, seen, owed V) {
	t.finding.Answers++
	if seen != owed {
		t.Deviates(fmt.Sprintf("%s %v", what, owed), fmt.Sprint(seen))
	}
}

// Holds holds a condition to be true: owed says what it is, seen what there was.
func (t *T) Holds(condition bool, owed, seen string) {
	t.finding.Answers++
	if !condition {
		t.Deviates(owed, seen)
	}
}

// Result is what a system call gave.
type Result struct {
	Call  string
	N     int64
	Errno unix.Errno
}

func (r Result) String() string {
	if r.Errno != 0 {
		return fmt.Sprintf("%s: %s", r.Call, errnoName(r.Errno))
	}
	return fmt.Sprintf("%s: %d", r.Call, r.N)
}

// answersItself ends the check as not checked where a call failed that something denies in the kernel's place, as filters do: that
// is none of the errors that its page speaks of. A clause asks first for the interface that it is about; it may use others.
func (t *T) answersItself(r Result) {
	// Any other error is an answer, and a wrong one is the kernel's.
	if r.Errno != unix.EPERM && r.Errno != unix.EACCES && r.Errno != unix.ENOSYS {
		return
	}
	for _, i := range probe.Behind([]string{r.Call}) {
		t.needs(i)
	}
}

// needs ends the check where the kernel does not have an interface, or where that cannot be told: that it is there is a
// requirement of its own.
func (t *T) needs(needed probe.Interface) {
	if answer, why := needed.Ask(); answer != kernel.Yes {
		t.Must(why)
	}
}

// Counts holds a call to have succeeded with this result.
func (t *T) Counts(r Result, n int64) int64 {
	t.answersItself(r)
	t.finding.Answers++
	if r.Errno != 0 || r.N != n {
		t.Deviates(fmt.Sprintf("%s: %d", r.Call, n), r.String())
	}
	return r.N
}

// Within holds a call to have succeeded with a result in a range, both ends included.
func (t *T) Within(r Result, least, most int64) int64 {
	t.answersItself(r)
	t.finding.Answers++
	if r.Errno != 0 || r.N < least || r.N > most {
		t.Deviates(fmt.Sprintf("%s: %d to %d", r.Call, least, most), r.String())
	}
	return r.N
}

// Fails holds a call to have failed with one of these errors.
func (t *T) Fails(r Result, errnos ...unix.Errno) {
	t.answersItself(r)
	t.finding.Answers++
	var names []string
	for _, errno := range errnos {
		if r.Errno == errno {
			return
		}
		names = append(names, errnoName(errno))
	}
	t.Deviates(r.Call+": "+strings.Join(names, " or "), r.String())
}

// Done ends the check where a call fails that only sets the stage.
func (t *T) Done(r Result) int64 {
	t.answersItself(r)
	if r.Errno != 0 {
		t.Must(fmt.Errorf("setting the stage: %w", errorOf(r)))
	}
	return r.N
}

func errorOf(r Result) error { return fmt.Errorf("%s: %w", r.Call, r.Errno) }

func errnoName(errno unix.Errno) string {
	if name := unix.ErrnoName(errno); name != "" {
		return name
	}
	// Some numbers of the kernel's own leak, and have no name.
	return fmt.Sprintf("errno %d", int(errno))
}
