package kernels

import (
	"context"
	"strings"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/machine"
)

// uml and gvisor of the distribution's packages. The programs are run where the cache has them.
func (c Catalogue) uml(ctx context.Context, _, version string) (guest.Kernel, error) {
	if strings.HasPrefix(version, "/") {
		return guest.Kernel{Machine: machine.UML{Program: version}}, isFile(version)
	}
	p, err := c.Store.Program(ctx, "user-mode-linux", version, "usr/bin/linux.uml")
	if err != nil {
		return guest.Kernel{}, err
	}
	return guest.Kernel{Machine: machine.UML{Program: p.Path}}, nil
}

func (c Catalogue) gvisor(ctx context.Context, _, version string) (guest.Kernel, error) {
	p, err := c.Store.Program(ctx, "runsc", version, "usr/bin/runsc")
	if err != nil {
		return guest.Kernel{}, err
	}
	return guest.Kernel{Machine: machine.GVisor{Program: p.Path}}, nil
}
