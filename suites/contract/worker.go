package contract

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/suites/spec"
)

const role = "contract"

func init() { reexec.Register(role, serve) }

// asked is which clause a worker is to check next, and where.
type asked struct{ ID, Place string }

// about tells the kit, before each check, which thread does it.
type about struct{ TID int }

// serve is the worker's side: it checks clause after clause until the kit goes away.
func serve(conn *reexec.Conn) error {
	for {
		var next asked
		if _, err := conn.Receive(&next, time.Time{}); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		finding := Finding{Broken: fmt.Sprintf("there is no clause %s", next.ID)}
		if clause, known := clauses[next.ID]; known {
			started := make(chan int)
			ended := make(chan Finding, 1)
			go check(clause, next.Place, started, ended)
			if err := conn.Send(about{<-started}); err != nil {
				return err
			}
			finding = <-ended
		}
		if err := conn.Send(finding); err != nil {
			return err
		}
	}
}

// check does one check, on a thread that ends with it: what a check changes of its thread is gone then.
func check(clause Clause, place string, started chan<- int, ended chan<- Finding) {
	runtime.LockOSThread()
	started <- unix.Gettid()
	t := &T{place: place, shut: map[int]bool{}}
	defer func() {
		t.cleanUp()
		ended <- t.finding
	}()
	clause.Check(t)
	t.finding.Where = ""
}

// worker is the process that checks clauses, started when first needed and replaced when it is of no more use.
type worker struct {
	mu    sync.Mutex
	child *reexec.Child
}

// checker is the one of this process.
var checker worker

// patience is how long one check may take before it counts as hung, where its clause names no longer time.
var patience = agent.Patience()

// Close ends the process, and a check that is under way with it.
func (w *worker) Close() error {
	w.mu.Lock()
	child := w.child
	w.child = nil
	w.mu.Unlock()
	if child == nil {
		return nil
	}
	return child.Kill()
}

func (w *worker) serving() (*reexec.Child, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	if w.child == nil {
		w.child, err = reexec.Start(role, reexec.Options{})
	}
	return w.child, err
}

// drop ends a process that is of no more use.
func (w *worker) drop(child *reexec.Child) error {
	w.mu.Lock()
	if w.child == child {
		w.child = nil
	}
	w.mu.Unlock()
	return errors.Join(child.Kill(), child.Close())
}

// judge has a clause checked, and ends the spec by what was found.
func (w *worker) judge(c *spec.Case, clause Clause, place string) {
	finding, err := w.find(asked{clause.ID, place}, max(clause.Patience, patience))
	c.Check(err, "")
	c.Transfers += finding.Answers
	switch {
	case finding.Broken != "":
		c.KitBroke(errors.New(finding.Broken))
	case finding.Missing != nil:
		c.CannotCheck(finding.Missing)
	case finding.Owed != "":
		c.Deviates(finding.Owed, finding.Seen, finding.Where)
	}
}

func (w *worker) find(what asked, patience time.Duration) (*Finding, error) {
	child, err := w.serving()
	if err != nil {
		return nil, err
	}
	finding, err := ask(child, what, patience)
	if err != nil || finding.Spent {
		err = errors.Join(err, w.drop(child))
	}
	return finding, err
}

// ask has the worker do one check. That it dies in it, or hangs, is a finding.
func ask(child *reexec.Child, what asked, patience time.Duration) (*Finding, error) {
	deadline := time.Now().Add(patience)
	// What was before is none of this check's.
	child.Resumed()
	if err := child.Send(what); err != nil {
		return nil, err
	}
	var doing about
	if _, err := child.Receive(&doing, deadline); err != nil {
		return nil, fmt.Errorf("the worker does not begin: %w %s", err, child.LastWords())
	}
	var finding Finding
	_, err := child.Receive(&finding, deadline)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Finding{Answers: 1, Spent: true, Owed: "the call returns", Seen: "it hangs, in " + agent.Whereabouts(child.PID(), doing.TID)}, nil
	case errors.Is(err, io.EOF):
		return &Finding{Answers: 1, Spent: true, Owed: "the caller lives on", Seen: child.Obituary()}, nil
	}
	if finding.Owed != "" && child.Resumed() {
		// A stop cuts short what waits, and that is what was found.
		finding.Missing = agent.WasStopped
	}
	return &finding, err
}
