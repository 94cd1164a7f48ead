// Package kernels turns a kernel's name, as a user gives it, into what runs the suites on it.
package kernels

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/guest"
)

// Catalogue knows kernels by name.
type Catalogue struct {
	// Store has the distribution's packages.
	Store *debian.Store
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
	{"debian", "debian:VERSION[-cloud|-rt], such as debian:5.10, debian:6.12-cloud or debian:6.12.101: a kernel of the distribution under QEMU", needed, Catalogue.debian},
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

// flavours are the distribution's builds of one version, by what follows the version.
var flavours = []string{"cloud", "rt"}

func (c Catalogue) debian(ctx context.Context, _, rest string) (guest.Kernel, error) {
	version, flavour := rest, ""
	for _, each := range flavours {
		if cut, found := strings.CutSuffix(rest, "-"+each); found {
			version, flavour = cut, each
		}
	}
	k, err := c.Store.Kernel(ctx, version, flavour)
	if err != nil {
		return guest.Kernel{}, err
	}
	return emulated(k.Image, k.Modules)
}

func (c Catalogue) file(_ context.Context, _, rest string) (guest.Kernel, error) {
	image, modules, _ := strings.Cut(rest, ",modules=")
	if err := isFile(image); err != nil {
		return guest.Kernel{}, err
	}
	return emulated(image, modules)
}
