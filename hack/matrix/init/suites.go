package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/wire"
)

// runSuites runs the suites, so many at a time, in the order of the job. Its error is that nothing could be said any
// more.
func runSuites(j *job.Job, out *wire.Writer) error {
	suites := make(chan job.Suite)
	errs := make(chan error, max(1, j.AtOnce))
	var running sync.WaitGroup
	for worker := range max(1, j.AtOnce) {
		running.Go(func() {
			err := stay(j, worker)
			for suite := range suites {
				if err == nil {
					err = runSuite(j, suite, out)
				}
			}
			errs <- err
		})
	}
	for _, suite := range j.Suites {
		suites <- suite
	}
	close(suites)
	running.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}

// stay keeps what a worker starts on a processor of its own, in a guest that has several: two threads that wait for each
// other, as a tracer and its tracee do, are woken across processors at a price that doubles the run under emulation.
func stay(j *job.Job, worker int) error {
	if !j.Own || j.AtOnce < 2 {
		return nil
	}
	// The thread ends with the worker.
	runtime.LockOSThread()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return os.NewSyscallError("sched_getaffinity", err)
	}
	for cpu, skip := 0, worker%all.Count(); ; cpu++ {
		if !all.IsSet(cpu) {
			continue
		}
		if skip == 0 {
			one.Set(cpu)
			return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &one))
		}
		skip--
	}
}

// runSuite runs one suite and says how it went.
func runSuite(j *job.Job, s job.Suite, out *wire.Writer) error {
	if err := out.Send(wire.Began, s.Name, nil); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "zc-suite-")
	if err != nil {
		return ended(out, s, job.Ended{Exit: -1, Why: err.Error()})
	}
	defer os.RemoveAll(folder)
	report := filepath.Join(folder, "report.json")
	lent, giveBack, err := lend(s.Cards)
	if err != nil {
		return ended(out, s, job.Ended{LeftOut: err.Error()})
	}
	defer giveBack()
	s.Environment = append(lent, s.Environment...)
	arguments := s.Arguments
	if s.Report {
		arguments = append([]string{"--ginkgo.no-color", "--ginkgo.succinct", "--ginkgo.json-report=" + report}, arguments...)
	}
	how := attempt(j, s, arguments, out)
	if s.Report {
		packed, err := pack(report)
		switch {
		case err == nil:
			if err := out.Send(wire.Report, s.Name, packed); err != nil {
				return err
			}
		case how.Why == "":
			how.Why = fmt.Sprintf("it ended with exit code %d and left no report: %v", how.Exit, err)
		}
	}
	return ended(out, s, how)
}

// quitPatience is how long a suite may take to quit that is told to.
const quitPatience = 5 * time.Second

// attempt runs the suite's program and waits for its end, or ends it when its time is over.
func attempt(j *job.Job, s job.Suite, arguments []string, out *wire.Writer) job.Ended {
	patience := j.SuitePatience
	if patience <= 0 {
		patience = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	program := exec.CommandContext(ctx, s.Program, arguments...)
	program.Env = environment(j, s)
	program.Stdout = &output{out: out, name: s.Name}
	program.Stderr = program.Stdout
	// A stack of all goroutines is what SIGQUIT makes of a Go program: it says where it hangs.
	program.Cancel = func() error { return program.Process.Signal(unix.SIGQUIT) }
	program.WaitDelay = quitPatience
	began := time.Now()
	err := program.Run()
	how := job.Ended{Exit: -1, Elapsed: time.Since(began)}
	if program.ProcessState != nil {
		how.Exit = program.ProcessState.ExitCode()
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		how.Why = fmt.Sprintf("it did not end within %v, and was ended", patience)
	case errors.As(err, &exit) && exit.Exited():
	case err != nil:
		how.Why = err.Error()
	}
	return how
}

func ended(out *wire.Writer, s job.Suite, how job.Ended) error {
	body, err := json.Marshal(how)
	if err != nil {
		return err
	}
	return out.Send(wire.Ended, s.Name, body)
}

// pack reads a report and makes it small: of the JSON nine tenths are said again and again.
func pack(report string) ([]byte, error) {
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}

// output passes on what a suite prints.
type output struct {
	out  *wire.Writer
	name string
}

func (o *output) Write(text []byte) (int, error) {
	if err := o.out.Send(wire.Output, o.name, text); err != nil {
		return 0, err
	}
	return len(text), nil
}
