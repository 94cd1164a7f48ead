// Package machine starts guests: kernels under QEMU's emulation, User-Mode Linux, gVisor's, and the host itself.
//
// It promises that a guest ends: when its work is done, when it is told to (the context), and when the kit dies,
// however. And that nothing of it is left: no process, no file but those in the folder that it was given.
package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/tree"
)

// Boot is what a guest is started with.
type Boot struct {
	// Root is its root folder, without the job, and Job what it has to do: a machine adds to both what only it knows.
	Root tree.Tree
	Job  job.Job
	// Folder is an empty one of its own on the host, the caller's to remove.
	Folder string
	// CPUs and MemoryMiB are what it gets.
	CPUs, MemoryMiB int
}

// furnish gives the suites of a guest the environment that those on the host have from their user. A guest has memory to
// spare, and no time: garbage is collected less often. What is the machine's own comes before what the user has chosen.
func (b *Boot) furnish(own ...string) {
	b.Job.Environment = slices.Concat([]string{"PATH=/bin", "HOME=/tmp", "GOGC=400"}, own, b.Job.Environment)
}

// Machine runs guests.
type Machine interface {
	// Run runs one guest until it has ended. What it says as the package wire has it goes to words, what its kernel
	// and its init print to console. The error says why its end was not an ordinary one, as far as that is seen from
	// outside; what the guest has said of itself may tell more.
	Run(ctx context.Context, boot Boot, words, console io.Writer) error
}

// goPatience is how long processes that were killed may take to go.
const goPatience = 10 * time.Second

// manner is how a guest's process is run: whether it has a descriptor 3, and whether it stays on one processor.
type manner struct{ descriptor3, oneCPU bool }

// run runs a guest's process in a process group of its own, which is killed with it, and with the kit. What it writes to
// descriptor 3 are the guest's words, or, without one, what it writes to standard output. All else that it prints is the
// console.
func run(ctx context.Context, console, words io.Writer, command *exec.Cmd, how manner) error {
	printed, err := pipeTo(console)
	if err != nil {
		return err
	}
	defer printed.close()
	said, err := pipeTo(words)
	if err != nil {
		return err
	}
	defer said.close()
	command.Stdout, command.Stderr = printed.in, printed.in
	if how.descriptor3 {
		command.ExtraFiles = []*os.File{said.in}
	} else {
		command.Stdout = said.in
	}
	// Pdeathsig: with the thread that starts it, see the guardian.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
	if err := start(command, how.oneCPU); err != nil {
		return err
	}
	group := -command.Process.Pid
	stop := context.AfterFunc(ctx, func() { _ = unix.Kill(group, unix.SIGKILL) })
	err = command.Wait()
	stop()
	// What it has started and left goes as well, and with it the last writers of the pipes.
	_ = unix.Kill(group, unix.SIGKILL)
	heard := errors.Join(said.end(), printed.end())
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%s: %w", filepath.Base(command.Path), err)
	}
	return heard
}

// stream is a pipe whose writers are a guest's processes, and that is read to its end.
type stream struct {
	in, out *os.File
	copied  chan error
}

func pipeTo(to io.Writer) (*stream, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{in: in, out: out, copied: make(chan error, 1)}
	go func() {
		_, err := io.Copy(to, out)
		// Whoever is in the middle of a sentence must not wait for a reader that has gone.
		out.Close()
		s.copied <- err
	}()
	return s, nil
}

// end waits until the last writer has gone.
func (s *stream) end() error {
	s.in.Close()
	select {
	case err := <-s.copied:
		return err
	case <-time.After(goPatience):
		return fmt.Errorf("a process that the guest has started does not go: its pipe is still open after %v", goPatience)
	}
}

func (s *stream) close() {
	s.in.Close()
	s.out.Close()
}

// guardian starts all guests: a process is told of the end of the thread that has started it, not of the process that
// the thread belongs to (prctl(2), PR_SET_PDEATHSIG), and threads of a Go program come and go.
var guardian = func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for each := range work {
			each()
		}
	}()
	return work
}()

// start starts a guest's process. One that panics leaves no core.
func start(command *exec.Cmd, oneCPU bool) error {
	result := make(chan error)
	guardian <- func() {
		if !oneCPU {
			result <- command.Start()
			return
		}
		result <- onNextCPU(command.Start)
	}
	if err := <-result; err != nil {
		return err
	}
	_ = unix.Prlimit(command.Process.Pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	return nil
}

// turns counts what was kept on one processor: each takes the next.
var turns int

// onNextCPU starts a process on one of the processors that this one may use, for its life. It is called on the
// guardian's thread alone.
func onNextCPU(start func() error) error {
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return os.NewSyscallError("sched_getaffinity", err)
	}
	left := turns % max(1, all.Count())
	turns++
	for cpu := range len(all) * 64 {
		if !all.IsSet(cpu) {
			continue
		}
		if left == 0 {
			one.Set(cpu)
			break
		}
		left--
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return os.NewSyscallError("sched_setaffinity", err)
	}
	err := start()
	return errors.Join(err, os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &all)))
}
