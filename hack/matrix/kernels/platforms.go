package kernels

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/machine"
)

// series is the branch that a version is of.
var series = regexp.MustCompile(`^\d+\.\d+`)

// uml is a kernel that is a program, out of the distribution's package or of the user's own making.
func (c Catalogue) uml(ctx context.Context, _, version string) (guest.Kernel, error) {
	k := guest.Kernel{CPUs: 1}
	if strings.HasPrefix(version, "/") {
		k.Machine = machine.UML{Program: version, Disks: disks}
		return k, isFile(version)
	}
	store, err := c.store(runtime.GOARCH)
	if err != nil {
		return guest.Kernel{}, err
	}
	p, err := store.Program(ctx, "user-mode-linux", version, "usr/bin/linux.uml")
	if err != nil {
		return guest.Kernel{}, err
	}
	k.Machine = machine.UML{Program: p.Path, Disks: disks}
	k.Deviations = "uml-" + series.FindString(p.Version)
	folders, err := filepath.Glob(filepath.Join(p.Root, "usr/lib/uml/modules/*"))
	if err != nil || len(folders) != 1 {
		return k, err
	}
	k.Modules, err = load(folders[0])
	return k, err
}

// gvisor is no guest with processors of its own: it uses this machine's.
func (c Catalogue) gvisor(ctx context.Context, _, version string) (guest.Kernel, error) {
	store, err := c.store(runtime.GOARCH)
	if err != nil {
		return guest.Kernel{}, err
	}
	p, err := store.Program(ctx, "runsc", version, "usr/bin/runsc")
	if err != nil {
		return guest.Kernel{}, err
	}
	return guest.Kernel{Machine: machine.GVisor{Program: p.Path}, CPUs: runtime.NumCPU(), Deviations: "gvisor"}, nil
}

func (c Catalogue) host(context.Context, string, string) (guest.Kernel, error) {
	return guest.Kernel{Machine: machine.Host{}, CPUs: runtime.NumCPU()}, nil
}

func isFile(path string) error {
	stat, err := os.Stat(path)
	if err == nil && !stat.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: os.ErrInvalid}
	}
	return err
}
