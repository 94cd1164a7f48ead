package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"zerocopy-conformance/hack/keeper"
)

// workshop is the folder in which everything lies that a soak makes, and the programs that are built there, once.
type workshop struct {
	folder string
	room   keeper.Room
	mu     sync.Mutex
	built  map[string]func() (string, error)
}

// open makes it. Who runs the suites may be any user.
func open() (*workshop, error) {
	folder, err := os.MkdirTemp("", "zc-soak-")
	if err != nil {
		return nil, err
	}
	w := &workshop{folder: folder, room: room(), built: map[string]func() (string, error){}}
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
	return w.build(ctx, program, append(arguments, "-o", program, "zerocopy-conformance/suites/"+name)...)
}

// ginkgo is the ginkgo command, of the version that go.mod names.
func (w *workshop) ginkgo(ctx context.Context) (string, error) {
	program := filepath.Join(w.folder, "ginkgo")
	return w.build(ctx, program, "build", "-o", program, "github.com/onsi/ginkgo/v2/ginkgo")
}

func (w *workshop) build(ctx context.Context, program string, arguments ...string) (string, error) {
	w.mu.Lock()
	once := w.built[program]
	if once == nil {
		once = sync.OnceValues(func() (string, error) {
			if out, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput(); err != nil {
				return "", fmt.Errorf("go %s: %w: %s", strings.Join(arguments, " "), err, out)
			}
			return program, nil
		})
		w.built[program] = once
	}
	w.mu.Unlock()
	return once()
}
