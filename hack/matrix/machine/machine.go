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

// Machine runs guests.
type Machine interface {
	// Run runs one guest until it has ended. What it says as the package wire has it goes to words, what its kernel
	// and its init print to console. The error says why its end was not an ordinary one, as far as that is seen from
	// outside; what the guest has said of itself may tell more.
	Run(ctx context.Context, boot Boot, words, console io.Writer) error
}

// MissingError says that a program is not on this machine.
type MissingError struct {
	// Program is its name, and Package Debian's that it comes in.
	Program, Package string
}

func (m *MissingError) Error() string {
	return fmt.Sprintf("%s: not found; it comes in the package %s (apt-get install %s)", m.Program, m.Package, m.Package)
}

// Find finds a program on PATH, or where programs for administrators are, which need not be on it.
func Find(program, fromPackage string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, folder := range []string{"/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", &MissingError{program, fromPackage}
}

// killPatience is how long a process that was killed may take to go.
const killPatience = 10 * time.Second

// run runs a guest's process in a process group of its own, which is killed with it, and with the kit. What it writes to
// descriptor 3 are the guest's words, or, without one, what it writes to standard output. All else that it prints is the
// console.
func run(ctx context.Context, console, words io.Writer, command *exec.Cmd, descriptor3 bool) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	command.Stdout, command.Stderr = console, console
	if descriptor3 {
		command.ExtraFiles = []*os.File{write}
	} else {
		command.Stdout = write
	}
	// Pdeathsig: with the thread that starts it, see the guardian.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
	command.WaitDelay = killPatience
	if err := start(command); err != nil {
		write.Close()
		return err
	}
	write.Close()
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(words, read)
		// Whoever is in the middle of a sentence must not wait for a reader that has gone.
		read.Close()
		copied <- err
	}()
	ended := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() { _ = unix.Kill(-command.Process.Pid, unix.SIGKILL) })
	go func() {
		defer close(ended)
		err = command.Wait()
	}()
	<-ended
	stopped()
	// What it has started and left goes as well, and with it the last writer of its words.
	_ = unix.Kill(-command.Process.Pid, unix.SIGKILL)
	heard := <-copied
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(command.Path), err)
	}
	if heard != nil && !errors.Is(heard, os.ErrClosed) {
		return heard
	}
	return nil
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

func start(command *exec.Cmd) error {
	result := make(chan error)
	guardian <- func() { result <- command.Start() }
	return <-result
}
