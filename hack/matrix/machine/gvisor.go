package machine

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"zerocopy-conformance/hack/matrix/job"
)

// GVisor runs gVisor's kernel, a program that answers system calls in user space (runsc).
type GVisor struct{ Program string }

// bundle is what the OCI runtime specification calls config.json, as far as it is needed: one process in a root folder.
type bundle struct {
	Version string            `json:"ociVersion"`
	Process bundleProcess     `json:"process"`
	Root    map[string]string `json:"root"`
	Mounts  []bundleMount     `json:"mounts"`
	Linux   struct{}          `json:"linux"`
}

type bundleProcess struct {
	User        map[string]int `json:"user"`
	Folder      string         `json:"cwd"`
	Arguments   []string       `json:"args"`
	Environment []string       `json:"env"`
}

type bundleMount struct {
	Folder     string `json:"destination"`
	Filesystem string `json:"type"`
}

// Run implements Machine.
func (g GVisor) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	boot.furnish()
	root := filepath.Join(boot.Folder, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	boot.Root.Folders = append(boot.Root.Folders, "/proc", "/tmp")
	boot.Root.AddBytes(job.Path, boot.Job.Text(), 0o644)
	if err := boot.Root.Folder(root); err != nil {
		return err
	}
	text, err := json.Marshal(bundle{
		Version: "1.0.0",
		Process: bundleProcess{User: map[string]int{"uid": 0, "gid": 0}, Folder: "/", Arguments: []string{"/init"}, Environment: boot.Job.Environment},
		Root:    map[string]string{"path": root},
		Mounts:  []bundleMount{{"/proc", "proc"}, {"/tmp", "tmpfs"}},
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(boot.Folder, "config.json"), text, 0o644); err != nil {
		return err
	}
	arguments := []string{"--ignore-cgroups", "--network=none", "--overlay2=none", "--root=" + filepath.Join(boot.Folder, "state")}
	if os.Geteuid() != 0 {
		arguments = append(arguments, "--rootless")
	}
	// Its name is that of its folder, which is nobody else's.
	arguments = append(arguments, "run", "--bundle", boot.Folder, filepath.Base(boot.Folder))
	return run(ctx, console, words, exec.Command(g.Program, arguments...), manner{})
}
