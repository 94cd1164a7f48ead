// Package linux builds User-Mode Linux out of the distribution's source: as it is, and with defects.
//
// The whole is compiled once, with a configuration that has what the suites ask for. For a defect only what it edits is
// compiled anew: the edited file lies in the folder of objects, where the kernel's own make looks before it does in the
// source (make(1), VPATH), and is gone afterwards. The source stays as it was. Each program is kept, by what it was made
// of: made once, it needs no compiler.
package linux

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/flock"
	"zerocopy-conformance/hack/matrix/program"
	"zerocopy-conformance/hack/mutants/kernel/defects"
)

// Branch is that of the kernel: its first two numbers.
const Branch = "6.12"

//go:embed config
var config string

// onThisMachine is a patch without which the source's programs do not run on machines that are newer than it.
//
//go:embed machine.patch
var onThisMachine []byte

// Tree is the source of a kernel, its objects, and the programs that were made of them.
type Tree struct {
	// Version is the distribution's.
	Version string

	folder, tarball string
	say             func(string)
}

// Open finds the source, and gets it into the store where it is not there yet. What is made of it lies in the cache. What
// a person may want to know of what takes minutes goes to say.
func Open(ctx context.Context, store *debian.Store, cache string, say func(string)) (*Tree, error) {
	source, err := store.Source(ctx, Branch)
	if err != nil {
		return nil, err
	}
	compiler, err := version(ctx)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache, "linux", strings.ReplaceAll(source.Version, ":", "%3a")+"-"+sum(config, string(onThisMachine), strings.Join(leftOut, " "), compiler))
	if err := os.MkdirAll(filepath.Join(folder, "programs"), 0o755); err != nil {
		return nil, err
	}
	return &Tree{Version: source.Version, folder: folder, tarball: source.Path, say: say}, nil
}

// version is what the compiler calls itself: another one makes other objects.
func version(ctx context.Context) (string, error) {
	gcc, err := program.Find("gcc", "gcc")
	if err != nil {
		return "", err
	}
	said, err := exec.CommandContext(ctx, gcc, "-dumpfullversion").Output()
	if err != nil {
		return "", fmt.Errorf("gcc -dumpfullversion: %w", err)
	}
	return strings.TrimSpace(string(said)), nil
}

// sum stands for texts in the name of a file.
func sum(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d %s", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Program is the kernel without a defect.
func (t *Tree) Program(ctx context.Context) (path string, err error) {
	return t.program(ctx, defects.Defect{})
}

// Mutated is the kernel with a defect. One that does not fit this source is an error.
func (t *Tree) Mutated(ctx context.Context, d defects.Defect) (path string, err error) {
	path, err = t.program(ctx, d)
	if err != nil {
		return "", fmt.Errorf("defect %s in linux-source-%s %s: %w", d.Name, Branch, t.Version, err)
	}
	return path, nil
}

func (t *Tree) program(ctx context.Context, d defects.Defect) (string, error) {
	path := filepath.Join(t.folder, "programs", sum(string(d.Diff)))
	if exists(path) {
		return path, nil
	}
	unlock, err := flock.Lock(ctx, filepath.Join(t.folder, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(path) {
		return path, nil
	}
	return path, t.make(ctx, d, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
