// Package kernels turns a kernel's name, as a user gives it, into what runs the suites on it.
package kernels

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/machine"
)

// Catalogue knows kernels by name.
type Catalogue struct {
	// Stores have the distribution's packages, by architecture.
	Stores map[string]*debian.Store
	// Deviations is the folder with a file for each kernel that is known to fail something.
	Deviations string
	// CPUs and MemoryMiB are what a guest gets.
	CPUs, MemoryMiB int
}

// form is one way to name kernels.
type form struct {
	// word is what the name begins with, before the colon, and usage says what follows it, for a person.
	word, usage string
	more        more
	open        func(c Catalogue, ctx context.Context, name, rest string) (guest.Kernel, error)
}

// more says whether something follows the word.
type more int

const (
	none more = iota
	allowed
	needed
)

var forms = []form{
	{"debian", "debian:VERSION[-cloud|-rt|-16k][-arm64], such as debian:5.10, debian:6.12-cloud or debian:6.12.101-arm64: a kernel of the distribution under QEMU", needed, Catalogue.debian},
	{"uml", "uml[:VERSION|:PROGRAM]: User-Mode Linux, of the distribution's package or of your own making, such as uml:6.12 or uml:/home/me/linux", allowed, Catalogue.uml},
	{"gvisor", "gvisor[:VERSION]: gVisor, of the distribution's package runsc", allowed, Catalogue.gvisor},
	{"host", "host: this machine, as it is", none, Catalogue.host},
	{"file", "file:IMAGE[,modules=FOLDER]: a kernel of your own under QEMU, with its lib/modules/RELEASE", needed, Catalogue.file},
}

// Usage lists the ways to name a kernel, a line each.
func Usage() string {
	var lines []string
	for _, f := range forms {
		lines = append(lines, "  "+f.usage)
	}
	return strings.Join(lines, "\n")
}

// Check says what is wrong with a kernel's name, without looking for the kernel.
func Check(name string) error {
	_, _, err := formOf(name)
	return err
}

func formOf(name string) (f form, rest string, err error) {
	word, rest, colon := strings.Cut(name, ":")
	for _, f := range forms {
		if f.word != word {
			continue
		}
		if colon && (rest == "" || f.more == none) || !colon && f.more == needed {
			return form{}, "", fmt.Errorf("kernel %q is not whole: %s", name, f.usage)
		}
		return f, rest, nil
	}
	return form{}, "", fmt.Errorf("unknown kernel %q; a kernel is one of\n%s", name, Usage())
}

// Architecture is that of a kernel's programs, by Go's name: its own, or this machine's where it is no guest with a processor.
func Architecture(name string) string {
	word, rest, _ := strings.Cut(name, ":")
	switch word {
	case "debian":
		_, _, architecture := debian.Split(rest)
		return architecture
	case "file":
		image, _, _ := strings.Cut(rest, ",modules=")
		// An image that cannot be read is told when it is opened.
		architecture, _ := machine.ArchitectureOf(image)
		return cmp.Or(architecture, runtime.GOARCH)
	}
	return runtime.GOARCH
}

// Open gets what the kernel needs, and says how it is run.
func (c Catalogue) Open(ctx context.Context, name string) (guest.Kernel, error) {
	f, rest, err := formOf(name)
	if err != nil {
		return guest.Kernel{}, err
	}
	k, err := f.open(c, ctx, name, rest)
	if err != nil && !strings.HasPrefix(err.Error(), name+": ") {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return guest.Kernel{}, err
	}
	k.Name, k.MemoryMiB = name, c.MemoryMiB
	k.CPUs = cmp.Or(k.CPUs, c.CPUs)
	k.Deviations = filepath.Join(c.Deviations, cmp.Or(k.Deviations, guest.FolderName(name)))
	return k, nil
}

func (c Catalogue) debian(ctx context.Context, _, rest string) (guest.Kernel, error) {
	version, flavour, architecture := debian.Split(rest)
	store, err := c.store(architecture)
	if err != nil {
		return guest.Kernel{}, err
	}
	k, err := store.Kernel(ctx, version, flavour)
	if err != nil {
		return guest.Kernel{}, err
	}
	return emulated(k.Image, k.Modules)
}

// store has the packages of an architecture, which may be one of this machine's that nothing is got for.
func (c Catalogue) store(architecture string) (*debian.Store, error) {
	if store, there := c.Stores[architecture]; there {
		return store, nil
	}
	return nil, fmt.Errorf("no packages are got for %s", architecture)
}

func (c Catalogue) file(_ context.Context, _, rest string) (guest.Kernel, error) {
	image, modules, _ := strings.Cut(rest, ",modules=")
	if err := isFile(image); err != nil {
		return guest.Kernel{}, err
	}
	return emulated(image, modules)
}
