package debian

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Program is a program, or a tarball of source, out of a package, which is not installed.
type Program struct {
	Version string
	// Path is the file, and Root the folder that its package is extracted to: user-mode-linux has its modules in
	// usr/lib/uml/modules below it.
	Path, Root string
}

// Program gets a file of a package into the cache, if it is not there yet: "runsc" has usr/bin/runsc, "user-mode-linux"
// usr/bin/linux.uml. Of the versions within the asked one, as with Kernel, it is the newest whose libc6 this machine
// has: one for a newer libc does not start. Where none is asked for, it is one of a release: of sid's, some do not either.
func (s *Store) Program(ctx context.Context, pkg, version, name string) (*Program, error) {
	if !slices.Contains(programs, pkg) {
		return nil, fmt.Errorf("package %q: programs are taken from %s", pkg, strings.Join(programs, ", "))
	}
	return s.member(ctx, pkg, version, name, s.libc(ctx))
}

// Source gets the source of the newest released kernel of a branch, "6.12", into the cache, if it is not there yet: a
// tarball, as Path, with the distribution's patches applied. Its folder in there is linux-source- and the branch.
func (s *Store) Source(ctx context.Context, branch string) (*Program, error) {
	pkg := sourcePrefix + branch
	if !kept.MatchString(pkg) {
		return nil, fmt.Errorf("branch %q: must be a kernel's first two numbers, such as 6.12", branch)
	}
	return s.member(ctx, pkg, "", "usr/src/"+pkg+".tar.xz", "")
}

// member gets a file of a package that this machine's libc can run, or of any where none is named.
func (s *Store) member(ctx context.Context, pkg, version, name, libc string) (*Program, error) {
	var program *Program
	err := s.settled(ctx, func() (found bool, err error) {
		m, err := s.candidate(ctx, pkg, version, libc)
		if m == nil {
			return false, err
		}
		root, err := s.tree(ctx, *m, func(root string) error {
			if !exists(filepath.Join(root, name)) {
				return fmt.Errorf("it has no file %s", name)
			}
			return nil
		})
		program = &Program{m.Packages[0].Version, filepath.Join(root, name), root}
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(pkg+" "+version), err)
	}
	return program, nil
}

// libcNeeded is where a package names the libc that its programs are linked to.
var libcNeeded = regexp.MustCompile(`\blibc6 \(>= ([^)]+)\)`)

// libc is the version of this machine's, or empty where it is another than glibc, or not known.
func (s *Store) libc(ctx context.Context) (version string) {
	words, err := s.lines(ctx, "getconf", "GNU_LIBC_VERSION")
	if err != nil || len(words) == 0 {
		return ""
	}
	version, _ = strings.CutPrefix(words[0], "glibc ")
	return version
}

// candidate is the newest package of a version that this machine can run, of the lists and of the cache; nil where there
// is none.
func (s *Store) candidate(ctx context.Context, pkg, version, libc string) (best *manifest, err error) {
	cached, err := s.cached()
	if err != nil {
		return nil, err
	}
	known, err := s.lists(ctx)
	released, untried := map[string]bool{}, map[string]bool{}
	for _, p := range known {
		if p.unreleased {
			untried[p.SHA256] = true
		} else {
			released[p.SHA256] = true
		}
	}
	var others []string
	offer := func(m manifest, needs string) {
		switch p := m.Packages[0]; {
		case p.Name != pkg:
		case version == "" && untried[p.SHA256] && !released[p.SHA256]:
			others = append(others, p.Version+" (unreleased)")
		case !within(p.Version, version):
			others = append(others, p.Version)
		case libc != "" && compare(needs, libc) > 0:
			others = append(others, fmt.Sprintf("%s (for libc6 %s; this machine has %s)", p.Version, needs, libc))
		case best == nil || compare(p.Version, best.Packages[0].Version) > 0:
			best = &m
		}
	}
	for _, m := range cached {
		offer(m, "")
	}
	for _, p := range known {
		needs := ""
		if match := libcNeeded.FindStringSubmatch(p.depends); match != nil {
			needs = match[1]
		}
		offer(manifest{Packages: []Package{p.Package}}, needs)
	}
	if best == nil && err == nil && len(others) > 0 {
		err = fmt.Errorf("there is no such version for this machine; there are %s", strings.Join(slices.Compact(slices.Sorted(slices.Values(others))), ", "))
	}
	return best, err
}
