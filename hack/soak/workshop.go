package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"zerocopy-conformance/hack/keeper"
)

// workshop is the folder in which everything lies that a soak makes, and the programs that are made there, once.
type workshop struct {
	folder string
	room   keeper.Room
	mu     sync.Mutex
	made   map[string]func() error
}

// open makes it. Who runs the suites may be any user.
func open() (*workshop, error) {
	folder, err := os.MkdirTemp("", "zc-soak-")
	if err != nil {
		return nil, err
	}
	w := &workshop{folder: folder, room: room(), made: map[string]func() error{}}
	return w, os.Chmod(folder, 0o755)
}

func (w *workshop) close() error { return os.RemoveAll(w.folder) }

// room is where mounts can be counted: root's, or one of an ordinary user's own; nowhere, where there can be none.
func room() keeper.Room {
	switch {
	case os.Geteuid() == 0 && keeper.RootsRefused() == nil:
		return keeper.Roots
	case os.Geteuid() != 0 && keeper.OwnRefused() == nil:
		return keeper.Own
	}
	return keeper.Open
}

// suite is a compiled suite, with the race detector or without.
func (w *workshop) suite(ctx context.Context, name string, race bool) (string, error) {
	// In a folder of its own: the ginkgo command tells suites apart by their folders.
	folder, arguments := "plain", []string{"test", "-c"}
	if race {
		folder, arguments = "race", append(arguments, "-race")
	}
	program := filepath.Join(w.folder, folder, name, name+".test")
	return w.once(program, func() error {
		_, err := goCommand(ctx, append(arguments, "-o", program, "zerocopy-conformance/suites/"+name)...)
		return err
	})
}

// ginkgo is a copy of the ginkgo command, of the version that go.mod names: the go command's own lies where another user may
// not come.
func (w *workshop) ginkgo(ctx context.Context) (string, error) {
	program := filepath.Join(w.folder, "ginkgo")
	return w.once(program, func() error {
		line, err := goCommand(ctx, "tool", "-n", "ginkgo")
		if err != nil {
			return err
		}
		text, err := os.ReadFile(strings.TrimSpace(line))
		if err != nil {
			return err
		}
		return os.WriteFile(program, text, 0o755)
	})
}

// once makes a program, for whoever asks first.
func (w *workshop) once(program string, make func() error) (string, error) {
	w.mu.Lock()
	made := w.made[program]
	if made == nil {
		made = sync.OnceValue(make)
		w.made[program] = made
	}
	w.mu.Unlock()
	return program, made()
}

func goCommand(ctx context.Context, arguments ...string) (printed string, err error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(arguments, " "), err, &complaints)
	}
	return string(out), nil
}
