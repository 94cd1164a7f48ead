package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
)

// interruptGrace is how long a program that was interrupted may take to clean up before it is killed.
const interruptGrace = 10 * time.Second

// MeasureDefaultRun compiles the suites of the module that a folder belongs to, and runs them one after another,
// as `ginkgo ./suites/...` does. Only the runs are measured. What it compiled is gone when it returns, however that
// comes about. A suite that fails is a number like any other, with its exit beside it.
func MeasureDefaultRun(ctx context.Context, here string) (*DefaultRun, error) {
	result := &DefaultRun{Suites: []Suite{}}
	err := result.measure(ctx, here)
	if missing := kernel.AsUnavailable(err); missing != nil {
		return &DefaultRun{Suites: []Suite{}, NotChecked: missing.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (d *DefaultRun) measure(ctx context.Context, here string) error {
	module, err := ModuleFolder(here)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "zerocopy-conformance-bench-")
	if err != nil {
		return &kernel.Unavailable{What: "a temp folder", Why: err.Error(), Remedy: "set TMPDIR to a folder that can be written"}
	}
	defer os.RemoveAll(folder)
	suites, err := compile(ctx, module, folder)
	if err != nil {
		return err
	}
	for _, path := range suites {
		suite, err := runSuite(ctx, filepath.Join(folder, filepath.Base(path)+".test"), path)
		if err != nil {
			return fmt.Errorf("running suite %s: %w", filepath.Base(path), err)
		}
		d.Suites = append(d.Suites, suite)
		d.Seconds += suite.Seconds
		d.PeakBytes = max(d.PeakBytes, suite.PeakBytes)
	}
	return nil
}

// compile puts a program for each suite into folder, and returns the suites' own folders.
func compile(ctx context.Context, module, folder string) ([]string, error) {
	if err := compiler(ctx); err != nil {
		return nil, err
	}
	list, err := goCommand(ctx, module, folder, "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}", "./suites/...")
	if err != nil {
		return nil, err
	}
	suites := strings.FieldsFunc(list, func(c rune) bool { return c == '\n' })
	if len(suites) == 0 {
		return nil, fmt.Errorf("no suites in %s", module)
	}
	// With a slash at its end it is a folder, whatever the number of suites.
	_, err = goCommand(ctx, module, folder, append([]string{"test", "-c", "-o", folder + "/"}, suites...)...)
	return suites, err
}

// compiler says what keeps the go command from being of use.
func compiler(ctx context.Context) error {
	command := interruptible(ctx, "go", "env", "GOCACHE")
	var cache bytes.Buffer
	command.Stdout = &cache
	err := run(command)
	if errors.Is(err, exec.ErrNotFound) {
		return &kernel.Unavailable{What: "the go command", Why: "it is not in PATH", Remedy: "install Go, or extend PATH"}
	}
	if err != nil {
		return fmt.Errorf("go env GOCACHE: %w", err)
	}
	path := strings.TrimSpace(cache.String())
	if err = os.MkdirAll(path, 0o755); err == nil {
		err = kernel.Inspect(path).NotWritable
	}
	if err != nil {
		return &kernel.Unavailable{What: "Go's build cache " + path, Why: err.Error(), Remedy: "set GOCACHE to a folder that can be written"}
	}
	return nil
}

// goCommand runs the go command in the module and returns what it prints. Its temp files go into that folder.
func goCommand(ctx context.Context, module, folder string, args ...string) (string, error) {
	command := interruptible(ctx, "go", args...)
	command.Dir = module
	command.Env = append(os.Environ(), "GOTMPDIR="+folder)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := run(command); err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(complaints.String())))
	}
	return out.String(), nil
}

// runSuite runs a suite's program in the suite's folder, as go test does, and measures it.
func runSuite(ctx context.Context, program, folder string) (Suite, error) {
	suite := Suite{Name: filepath.Base(folder)}
	command := interruptible(ctx, program, "-test.timeout=5m")
	command.Dir = folder
	command.Env = defaults(os.Environ())
	start := time.Now()
	err := run(command)
	suite.Seconds = time.Since(start).Seconds()
	if ctx.Err() != nil {
		return suite, ctx.Err()
	}
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		suite.Exit = failed.Error()
	case errors.Is(err, unix.EACCES):
		return suite, &kernel.Unavailable{What: "a folder to run programs from", Why: err.Error(), Remedy: "set TMPDIR to one that is not mounted noexec"}
	case err != nil:
		return suite, err
	}
	own, err := ownPeak()
	suite.PeakBytes = peak(command.ProcessState.SysUsage().(*syscall.Rusage))
	// The kernel counts pages for each CPU apart, and adds them up now and then: near is as good as the same.
	suite.PeakIsBound = suite.PeakBytes <= own+own/8
	return suite, err
}

// peak is the largest resident set of a process and of those children that it has waited for, in bytes: not their
// sum (getrusage(2), which counts in KiB).
func peak(usage *syscall.Rusage) int64 { return int64(usage.Maxrss) << 10 }

// ownPeak is this process's. A child's begins with it: until its execve(2) the child runs in its parent's memory,
// which the kernel puts down to it.
func ownPeak() (int64, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return peak(&usage), os.NewSyscallError("getrusage", err)
}

// interruptible is a command that is interrupted when ctx ends, and killed when it then takes too long.
//
// It is in a process group of its own. Ctrl-C reaches all processes of the terminal's group, and Ginkgo takes a
// second interrupt as leave not to clean up: so that only one is sent, it is sent from here, to all of the
// command's processes. Should this process be killed, the kernel sends it to the command.
func interruptible(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = interruptGrace
	return command
}

// run runs an interruptible command. The kernel knows its parent by the thread that started it, and would
// interrupt it as soon as that one ends.
func run(command *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return command.Run()
}

// defaults is an environment without the kit's own variables, which would narrow the run.
func defaults(environment []string) (kept []string) {
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "ZC_") {
			kept = append(kept, variable)
		}
	}
	return kept
}
