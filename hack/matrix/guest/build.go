package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are what every guest of an architecture runs: static, and the same on all its kernels.
type Programs struct {
	Init string
	// Suites are the suites' programs by name.
	Suites map[string]string
}

// Build builds the guests' init and those suites for an architecture, as Go names it, in a folder that exists, out of the
// module that lies at root.
func Build(ctx context.Context, root, folder, architecture string, suites []string) (*Programs, error) {
	p := &Programs{Init: filepath.Join(folder, "init"), Suites: map[string]string{}}
	if err := goCommand(ctx, root, architecture, "build", "-trimpath", "-ldflags=-s -w", "-o", p.Init, "./hack/matrix/init"); err != nil {
		return nil, err
	}
	for _, suite := range suites {
		path := filepath.Join(folder, suite+".test")
		if err := BuildTest(ctx, root, path, architecture, "./suites/"+suite); err != nil {
			return nil, err
		}
		p.Suites[suite] = path
	}
	return p, nil
}

// BuildTest builds the tests of a package as a program that a guest can run, out of the module that lies at root.
func BuildTest(ctx context.Context, root, path, architecture, pkg string) error {
	return goCommand(ctx, root, architecture, "test", "-c", "-ldflags=-s -w", "-o", path, pkg)
}

// Root is the folder of the kit's module, which is searched for from the working directory upwards.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module zerocopy-conformance\n") {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("run it in a folder of the kit")
		}
		folder = filepath.Dir(folder)
	}
}

// goCommand runs the go command so that what it builds needs nothing but a kernel.
func goCommand(ctx context.Context, root, architecture string, arguments ...string) error {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}
