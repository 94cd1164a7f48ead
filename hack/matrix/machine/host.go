package machine

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"zerocopy-conformance/hack/matrix/job"
)

// Host is no guest at all: the suites run on this machine, by the same init and the same job.
type Host struct{}

// Run implements Machine.
func (Host) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	root := filepath.Join(boot.Folder, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	if err := boot.Root.Folder(root); err != nil {
		return err
	}
	boot.Job.Suites = slices.Clone(boot.Job.Suites)
	for i := range boot.Job.Suites {
		boot.Job.Suites[i].Program = filepath.Join(root, boot.Job.Suites[i].Program)
	}
	if boot.Job.Deviations != "" {
		boot.Job.Deviations = filepath.Join(root, boot.Job.Deviations)
	}
	boot.Job.Line = "/proc/self/fd/3"
	path := filepath.Join(root, job.Path)
	if err := os.WriteFile(path, boot.Job.Text(), 0o644); err != nil {
		return err
	}
	return run(ctx, console, words, exec.Command(filepath.Join(root, "init"), path), manner{descriptor3: true})
}
