package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/soak/adversity"
	"zerocopy-conformance/hack/soak/tally"
)

const (
	// patience is how long a run may take before it counts as stuck. It is no measure of speed.
	patience = 10 * time.Minute
	// grace is how long what a run has left may take to go.
	grace = 20 * time.Second
	// guess is how long a suite takes that has not been run yet.
	guess = 2 * time.Second
)

// trial is one run.
type trial struct {
	turn
	seed     uint64
	after    time.Duration
	expected time.Duration
	program  string
}

// ended is a run that has ended.
type ended struct {
	trial
	run *adversity.Run
	// signalled says that it was ended before its time, at which moment, and how long it took then.
	signalled bool
	at        time.Time
	// alone says that the ginkgo command had no suite yet to be signalled: the one that it starts does not hear of it.
	alone  bool
	took   time.Duration
	stuck  atomic.Bool
	code   int
	output string
	left   keeper.Left
}

func (r *ended) report() string { return filepath.Join(r.run.Folder, "out", "report.json") }

// run does one run to its end, and judges it. Its error is a defect of the soak.
func (w *workshop) run(ctx context.Context, t trial) (tally.Result, error) {
	folder, err := os.MkdirTemp(w.folder, "run-")
	if err != nil {
		return tally.Result{}, err
	}
	defer os.RemoveAll(folder)
	r := &ended{trial: t, run: &adversity.Run{Folder: folder, Temp: filepath.Join(folder, "tmp"), Room: w.room, Program: t.program}}
	if r.run.Program == "" {
		if r.run.Program, err = w.suite(ctx, t.suite, t.set.Race()); err != nil {
			return tally.Result{}, err
		}
	}
	if err := r.folders(); err != nil {
		return tally.Result{}, err
	}
	undo, err := t.set.Pose(r.run)
	if err != nil {
		return tally.Result{}, err
	}
	random := rand.New(rand.NewPCG(t.seed, 1))
	if r.run.Stop != 0 && r.after < 0 {
		if t.expected == 0 {
			t.expected = guess
		}
		r.after = time.Duration(random.Int64N(int64(t.expected))).Round(time.Millisecond)
	}
	begin := time.Now()
	peak, err := w.under(ctx, r, random)
	seconds := time.Since(begin).Seconds()
	if err = errors.Join(err, undo()); err != nil {
		return tally.Result{}, err
	}
	result := r.judge()
	result.Seconds, result.PeakBytes = seconds, peak
	return result, nil
}

// folders makes those of a run, in which any user may write.
func (r *ended) folders() error {
	err := os.Chmod(r.run.Folder, 0o755)
	for _, name := range []string{"tmp", "cwd", "out"} {
		path := filepath.Join(r.run.Folder, name)
		err = errors.Join(err, os.Mkdir(path, 0o755), os.Chmod(path, os.ModeSticky|0o777))
	}
	return errors.Join(err, os.Mkdir(filepath.Join(r.run.Folder, "notes"), 0o700))
}

// command is the run's, by which a suite's specs come in an order that the seed makes.
func (w *workshop) command(ctx context.Context, r *ended) ([]string, error) {
	if r.run.Processes == 0 {
		return append(r.run.Prefix, r.run.Program, "--ginkgo.no-color", "--ginkgo.randomize-all",
			fmt.Sprintf("--ginkgo.seed=%d", r.seed), "--ginkgo.json-report="+r.report()), nil
	}
	ginkgo, err := w.ginkgo(ctx)
	return append(r.run.Prefix, ginkgo, "run", "-p", fmt.Sprintf("--procs=%d", r.run.Processes), "--no-color", "--randomize-all",
		fmt.Sprintf("--seed=%d", r.seed), "--output-dir="+filepath.Dir(r.report()), "--json-report="+filepath.Base(r.report()), r.run.Program), err
}

// under runs the command under a keeper and the conditions beside it, and returns the run's largest resident set in bytes.
func (w *workshop) under(ctx context.Context, r *ended, random *rand.Rand) (peak int64, err error) {
	notes := filepath.Join(r.run.Folder, "notes")
	k := keeper.Keeper{
		Notes: notes, Folders: []string{r.run.Temp, filepath.Join(r.run.Folder, "cwd")}, Grace: grace,
		Room: r.run.Room, Network: r.run.Network, Machine: r.run.Machine,
	}
	if k.Command, err = w.command(ctx, r); err != nil {
		return 0, err
	}
	if k.Room != keeper.Open && !strings.HasPrefix(r.run.Temp, "/var/tmp/") {
		remove := k.OwnTemporaries()
		defer func() { err = errors.Join(err, remove()) }()
	}
	command, err := k.Cmd()
	if err != nil {
		return 0, err
	}
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.Dir = filepath.Join(r.run.Folder, "cwd")
	// What the race detector of a child says is lost with the child's standard error.
	command.Env = append(command.Env, "TMPDIR="+r.run.Temp, "GORACE=log_path="+filepath.Join(r.run.Folder, "out", "race"))
	command.Env = append(command.Env, r.run.Environment...)
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	// The kernel knows a process's parent by the thread that started it: see Pdeathsig in prctl(2).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := command.Start(); err != nil {
		return 0, err
	}
	beside, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- r.beside(beside, notes, random) }()
	limit := time.AfterFunc(patience, func() {
		r.stuck.Store(true)
		_ = command.Process.Kill()
	})
	cancelled := context.AfterFunc(ctx, func() { _ = command.Process.Kill() })
	waited := command.Wait()
	stop()
	limit.Stop()
	cancelled()
	err = <-done
	if exit := new(exec.ExitError); waited != nil && !errors.As(waited, &exit) {
		err = errors.Join(err, waited)
	}
	r.output, r.code = output.String(), command.ProcessState.ExitCode()
	if err != nil || ctx.Err() != nil || r.stuck.Load() {
		return 0, err
	}
	if r.left, err = keeper.Remains(notes); err != nil {
		return 0, fmt.Errorf("%w: %s", err, r.output)
	}
	return command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10, nil
}

// beside does what is done while a run is under way, until ctx ends.
func (r *ended) beside(ctx context.Context, notes string, random *rand.Rand) error {
	pid := 0
	for pid == 0 {
		if ctx.Err() != nil {
			return nil
		}
		got, err := keeper.PID(notes)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		pid = got
		if pid == 0 {
			// Nobody tells of a file: look again.
			time.Sleep(time.Millisecond)
		}
	}
	// By this handle no other process can be meant, whatever becomes of the number.
	runner, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer func() { _ = runner.Release() }()
	errs := make(chan error)
	under := 0
	for _, c := range r.set {
		if c.Beside != nil {
			under++
			own := rand.New(rand.NewPCG(random.Uint64(), 2))
			go func() { errs <- c.Beside(ctx, r.run, pid, own) }()
		}
	}
	if r.run.Stop != 0 {
		err = r.stop(ctx, runner)
	}
	for range under {
		err = errors.Join(err, <-errs)
	}
	return err
}

// stop ends the run at its moment, if it is not over before.
func (r *ended) stop(ctx context.Context, runner *os.Process) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(r.after):
	}
	r.at = time.Now()
	if r.run.Processes > 0 && r.run.Stop != unix.SIGKILL {
		// As a terminal does: the ginkgo command passes nothing on, and waits for its suites.
		suites := keeper.ChildrenOf(runner.Pid)
		for _, pid := range suites {
			_ = unix.Kill(pid, r.run.Stop)
		}
		r.alone = len(suites) == 0
	}
	if err := runner.Signal(r.run.Stop); err != nil {
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err
	}
	r.signalled = true
	<-ctx.Done()
	r.took = time.Since(r.at)
	return nil
}
