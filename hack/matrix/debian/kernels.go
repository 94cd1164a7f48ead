package debian

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Flavours are the kinds of kernel that the distribution builds: the common one, one for virtual machines, one with
// PREEMPT_RT, and, of arm64, one whose pages are of 16 KiB.
var Flavours = []string{"", "cloud", "rt", "16k"}

// Architectures are those whose kernels can be had, by the distribution's names, which are Go's. What is named without one
// is of the first.
var Architectures = []string{"amd64", "arm64"}

// Available is a kernel that can be had.
type Available struct {
	// Name is the shortest that it is got by: "debian:6.12" for the newest 6.12, "debian:6.12.101-cloud-arm64".
	Name string
	// Version and Flavour are what Kernel takes to get exactly this one: "6.12.101-1", "cloud".
	Version, Flavour string
	// Package is the one that it is named after.
	Package string
	// Lacks are packages that belong to it and that the archive has no longer. Without linux-modules-… it has no modules.
	Lacks []string
	// Cached ones need no network.
	Cached bool
}

// Kernel is one that is there, as files.
type Kernel struct {
	Name, Version string
	// Release is what uname(2) says of it.
	Release string
	// Image is the vmlinuz.
	Image string
	// Config is its configuration, and Modules the folder lib/modules/RELEASE with what depmod(8) has made of it. Either is
	// empty where the archive has no longer the package that holds it: Lacks names it.
	Config, Modules string
	Lacks           []string
}

// build is a kernel as lists or a manifest know it.
type build struct {
	manifest
	flavour string
	cached  bool
}

func (b build) version() string { return b.Packages[0].Version }

var (
	// images are the packages that a kernel is named after. The same with -unsigned or -dbg behind it are others.
	images = regexp.MustCompile(`^linux-image-([0-9][^-]*(?:-[^-]+)*?)(?:-(cloud|rt))?-(?:` + strings.Join(Architectures, "|") + `)(?:-(16k))?$`)
	// series is where a kernel's version names the branch it is of, and upstream where it names the kernel.
	series   = regexp.MustCompile(`^\d+\.\d+`)
	upstream = regexp.MustCompile(`^\d+(\.\d+)*`)
)

// Split takes a name apart into the version and the flavour that Kernel takes, and the architecture of the store that it is
// got from: "debian:6.12-rt-arm64" has "6.12", "rt" and "arm64".
func Split(name string) (version, flavour, architecture string) {
	cut := func(word string) (found bool) {
		name, found = strings.CutSuffix(name, "-"+word)
		return found
	}
	architecture = Architectures[0]
	if i := slices.IndexFunc(Architectures, cut); i >= 0 {
		architecture = Architectures[i]
	}
	if i := slices.IndexFunc(Flavours[1:], cut); i >= 0 {
		flavour = Flavours[1+i]
	}
	return strings.TrimPrefix(name, "debian:"), flavour, architecture
}

// join is the name of a kernel of the store.
func (s *Store) join(version, flavour string) string {
	name := "debian:" + version
	if flavour != "" {
		name += "-" + flavour
	}
	if s.architecture != Architectures[0] {
		name += "-" + s.architecture
	}
	return name
}

// Kernels is everything that can be had, the newest first: what the lists name and what is cached; without lists, what
// is cached.
func (s *Store) Kernels(ctx context.Context) ([]Available, error) {
	builds, err := s.builds(ctx)
	if err != nil && len(builds) == 0 {
		return nil, err
	}
	all := []Available{}
	for _, b := range builds {
		version := b.version()
		for _, shorter := range []string{upstream.FindString(version), series.FindString(version)} {
			if best := choose(builds, shorter, b.flavour); best != nil && best.name() == b.name() {
				version = shorter
			}
		}
		all = append(all, Available{s.join(version, b.flavour), b.version(), b.flavour, b.Packages[0].Name, b.Lacks, b.cached})
	}
	return all, nil
}

// Kernel gets a kernel into the cache, if it is not there yet. version is one that the kernel's begins with in whole
// numbers, "6.12", "6.12.101", of which the newest is taken that lacks nothing; or exactly Debian's, "6.12.101-1".
func (s *Store) Kernel(ctx context.Context, version, flavour string) (*Kernel, error) {
	if !slices.Contains(Flavours, flavour) {
		return nil, fmt.Errorf("flavour %q: must be empty, cloud, rt or 16k", flavour)
	}
	var kernel *Kernel
	err := s.settled(ctx, func() (found bool, err error) {
		builds, listsErr := s.builds(ctx)
		b := choose(builds, version, flavour)
		if b == nil {
			if len(builds) == 0 || listsErr != nil {
				return false, listsErr
			}
			return false, unknown(builds, version, flavour)
		}
		kernel, err = s.extracted(ctx, *b)
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.join(version, flavour), err)
	}
	return kernel, nil
}

// settled tries to get something. It tries again with new lists where there were none to find it in, or where the
// archive is no longer what they say.
func (s *Store) settled(ctx context.Context, try func() (found bool, err error)) error {
	found, err := try()
	var left *gone
	if err == nil && found || err != nil && found && !errors.As(err, &left) {
		return err
	}
	none := errors.New("the lists of packages name none")
	if known, listsErr := s.lists(ctx); !found && listsErr == nil && len(known) > 0 {
		return cmp.Or(err, none)
	}
	refreshErr := s.Refresh(ctx)
	var incomplete *Incomplete
	if refreshErr != nil && !errors.As(refreshErr, &incomplete) {
		return errors.Join(fmt.Errorf("it is not in the cache %s: %w", s.cache, refreshErr), err)
	}
	found, err = try()
	if err == nil && !found {
		err = none
	}
	if err != nil && refreshErr != nil {
		return fmt.Errorf("%w (%v)", err, refreshErr)
	}
	return err
}

// builds are all kernels of the lists and of the cache. With an error they are only what is cached.
func (s *Store) builds(ctx context.Context) ([]build, error) {
	var all []build
	at := map[string]int{}
	add := func(m manifest, cached bool) {
		match := images.FindStringSubmatch(m.Packages[0].Name)
		if match == nil {
			return
		}
		if i, known := at[m.name()]; known {
			all[i].cached = all[i].cached || cached
			return
		}
		at[m.name()] = len(all)
		all = append(all, build{m, match[2] + match[3], cached})
	}
	cached, err := s.cached()
	if err != nil {
		return nil, err
	}
	for _, m := range cached {
		add(m, true)
	}
	known, err := s.lists(ctx)
	for _, m := range assembled(known) {
		add(m, false)
	}
	slices.SortStableFunc(all, func(a, b build) int {
		return cmp.Or(compare(b.version(), a.version()), slices.Index(Flavours, a.flavour)-slices.Index(Flavours, b.flavour), cmp.Compare(b.name(), a.name()))
	})
	return all, err
}

// assembled are the kernels that the lists have all parts of, or at least the image. Since 6.19 the package of a kernel
// holds nothing: what it did lies in others of the same name but for image, which it depends on. Names without a
// number of their own, linux-image-6.12-amd64, only lead to others.
func assembled(known []listed) (all []manifest) {
	type id struct{ name, version string }
	by := map[id]listed{}
	for _, p := range known {
		by[id{p.Name, p.Version}] = p
	}
	for _, p := range known {
		if !images.MatchString(p.Name) || strings.Contains(p.depends, "linux-image-") {
			continue
		}
		m, whole := manifest{Packages: []Package{p.Package}}, true
		release := strings.TrimPrefix(p.Name, "linux-image-")
		for _, kind := range []string{"linux-binary-", "linux-modules-", "linux-base-"} {
			if !strings.Contains(p.depends, kind+release+" ") {
				continue
			}
			if part, found := by[id{kind + release, p.Version}]; found {
				m.Packages = append(m.Packages, part.Package)
			} else {
				m.Lacks = append(m.Lacks, kind+release)
				whole = whole && kind != "linux-binary-"
			}
		}
		if whole {
			all = append(all, m)
		}
	}
	return all
}

// choose is the newest build of a version that lacks nothing, or else the newest.
func choose(builds []build, version, flavour string) (best *build) {
	for i, b := range builds {
		if b.flavour != flavour || !within(b.version(), version) {
			continue
		}
		if best == nil || len(best.Lacks) > 0 && len(b.Lacks) == 0 {
			best = &builds[i]
		}
	}
	return best
}

// unknown says what there is instead: the other kernels of the same branch, or else the branches.
func unknown(builds []build, version, flavour string) error {
	var near, branches []string
	for _, b := range builds {
		branch := series.FindString(b.version())
		if b.flavour == flavour && branch == series.FindString(version) {
			near = append(near, b.version())
		}
		if b.flavour == flavour {
			branches = append(branches, branch)
		}
	}
	if len(branches) == 0 {
		return fmt.Errorf("there is no kernel of this flavour, %q", flavour)
	}
	if len(near) == 0 {
		near = branches
	}
	return fmt.Errorf("there is no such kernel; there are %s", strings.Join(slices.Compact(near), ", "))
}
