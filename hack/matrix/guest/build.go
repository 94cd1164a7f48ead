package guest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are what every guest runs: static, and the same on all kernels.
type Programs struct {
	Init string
	// Suites are the suites' programs by name.
	Suites map[string]string
}

// Build builds the guests' init and those suites, in a folder that exists, out of the module that lies at root.
func Build(ctx context.Context, root, folder string, suites []string) (*Programs, error) {
	p := &Programs{Init: filepath.Join(folder, "init"), Suites: map[string]string{}}
	if err := goCommand(ctx, root, "build", "-trimpath", "-ldflags=-s -w", "-o", p.Init, "./hack/matrix/init"); err != nil {
		return nil, err
	}
	for _, suite := range suites {
		path := filepath.Join(folder, suite+".test")
		if err := goCommand(ctx, root, "test", "-c", "-ldflags=-s -w", "-o", path, "./suites/"+suite); err != nil {
			return nil, err
		}
		p.Suites[suite] = path
	}
	return p, nil
}

// goCommand runs the go command so that what it builds needs nothing but a kernel.
func goCommand(ctx context.Context, root string, arguments ...string) error {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}
