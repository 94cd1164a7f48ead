package debian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"zerocopy-conformance/hack/matrix/program"
)

// patience is how long one program may take, a fetch of some hundred megabytes among them.
const patience = 30 * time.Minute

// distribution is the package that has a program.
var distribution = map[string]string{"apt-get": "apt", "apt-helper": "apt", "dpkg-deb": "dpkg", "depmod": "kmod", "getconf": "libc-bin"}

func find(name string) (string, error) { return program.Find(name, distribution[name]) }

// failure is what a program said before it failed.
type failure struct {
	name, said string
	err        error
}

func (f *failure) Error() string {
	text := fmt.Sprintf("%s: %v", f.name, f.err)
	if f.said != "" {
		text += ": " + f.said
	}
	return text
}

func (f *failure) Unwrap() error { return f.err }

// run runs a program to its end, in the private apt's environment, and hands its output to read.
func (s *Store) run(ctx context.Context, read func(io.Reader) error, name string, arguments ...string) error {
	path, err := find(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, path, arguments...)
	command.Env = append(os.Environ(), "LC_ALL=C", "APT_CONFIG="+s.in("apt", "first.conf"))
	var said bytes.Buffer
	command.Stderr = &said
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	// apt leaves fetching to processes of its own, and dpkg-deb to a tar. A first SIGTERM lets apt note how far it has
	// come, so that it can go on from there.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		return err
	}
	readErr := read(output)
	if readErr != nil {
		cancel()
	}
	err = command.Wait()
	if ctx.Err() != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}
	switch {
	case readErr != nil:
		return fmt.Errorf("%s: %w", name, readErr)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &failure{name, complaints(said.String()), fmt.Errorf("did not end in time: %w", ctx.Err())}
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", name, ctx.Err())
	case err != nil:
		return roomless(&failure{name, complaints(said.String()), err}, s.cache)
	}
	return nil
}

// do runs a program whose output says nothing.
func (s *Store) do(ctx context.Context, name string, arguments ...string) error {
	return s.run(ctx, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }, name, arguments...)
}

// lines runs a program and returns the lines of its output.
func (s *Store) lines(ctx context.Context, name string, arguments ...string) (all []string, err error) {
	err = s.run(ctx, func(r io.Reader) error {
		output, err := io.ReadAll(r)
		if text := strings.TrimSpace(string(output)); text != "" {
			all = strings.Split(text, "\n")
		}
		return err
	}, name, arguments...)
	return all, err
}

// complaints puts what a program said on one line, each thing once, and not more than a reader takes in.
func complaints(said string) string {
	var all []string
	seen := map[string]bool{}
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line == "" || seen[line] {
			continue
		}
		if seen[line] = true; len(all) == 3 {
			all = append(all, "…")
			break
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}
