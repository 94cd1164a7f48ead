package liar

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// tracerVariable names, in the environment of a tracer, the process that it is to lie to, which has started it.
const tracerVariable = "ZC_LIAR"

// IsTracer says whether this process was started by Tell, to do the lying.
func IsTracer() bool { return os.Getenv(tracerVariable) != "" }

var errUnsupported = errors.New("liar: which registers hold a system call is known on amd64 alone: run on that")

// attached is what a tracer says when it has all threads.
const attached = "attached"

// Tell has this process lied to, by these rules, from now on. It starts its own binary once more, with the same
// arguments, and that one must come to this same call: there it does the lying, and never returns.
//
// It must come before the process does anything that matters, and is an error where processes may not be traced.
func Tell(rules ...Rule) error {
	if IsTracer() {
		err := serve(rules)
		if err != nil {
			fmt.Fprintln(os.Stderr, "liar:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if !supported {
		return errUnsupported
	}
	// What this process has inherited may lack the mark, a connection for instance: nobody must hold that but itself.
	if err := unix.CloseRange(firstOwn, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("liar: close_range: %w", err)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("liar: %w", err)
	}
	tracer := exec.Command(program, os.Args[1:]...)
	tracer.Env = append(os.Environ(), fmt.Sprintf("%s=%d", tracerVariable, os.Getpid()))
	tracer.Stderr = os.Stderr
	allow, err := tracer.StdinPipe()
	if err != nil {
		return fmt.Errorf("liar: %w", err)
	}
	answer, err := tracer.StdoutPipe()
	if err != nil {
		return fmt.Errorf("liar: %w", err)
	}
	if err := tracer.Start(); err != nil {
		return fmt.Errorf("liar: starting the tracer: %w", err)
	}
	// Yama has a process traced by its ancestors alone, or by whom it names. Where there is no Yama, nobody has to be named.
	_ = unix.Prctl(unix.PR_SET_PTRACER, uintptr(tracer.Process.Pid), 0, 0, 0)
	allow.Close()
	defer answer.Close()
	said, err := io.ReadAll(answer)
	if err == nil && string(said) != attached {
		err = errors.New(strings.TrimSpace(string(said)))
	}
	if err != nil {
		_ = tracer.Wait()
		return fmt.Errorf("liar: the tracer does not attach: %w", err)
	}
	return nil
}

// firstOwn is the first descriptor behind the standard ones.
const firstOwn = 3

// serve is the tracer's side. It returns when the process that it lies to has ended.
func serve(rules []Rule) error {
	pid, err := strconv.Atoi(os.Getenv(tracerVariable))
	if err != nil || pid != os.Getppid() {
		return fmt.Errorf("%s=%q is not the process that has started this one: unset it", tracerVariable, os.Getenv(tracerVariable))
	}
	// It is started before it is allowed to trace. From then on it does nothing but that.
	_, _ = io.ReadAll(os.Stdin)
	t, err := attach(pid, rules)
	if err != nil {
		fmt.Print(err)
		return nil
	}
	fmt.Print(attached)
	for _, done := range []*os.File{os.Stdin, os.Stdout} {
		if err := done.Close(); err != nil {
			return err
		}
	}
	return t.run()
}
