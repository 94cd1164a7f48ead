package debian

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Package is a package of one version, and how it is had and known.
type Package struct {
	Name, Version string
	// SHA256 is of the package's file, in hex.
	SHA256 string
	// URL is where the file lies.
	URL string
	// architecture is the store's.
	architecture string
}

// listed is a package with what a list says of its needs.
type listed struct {
	Package
	depends string
	// unreleased: the list is of a suite that packages are still tried in.
	unreleased bool
}

// kept are the packages that anything is got from; lists name some hundred thousand others.
var kept = regexp.MustCompile(`^(linux-(image|binary|modules|base)-[0-9].*|` + sourcePrefix + `\d+\.\d+|` + strings.Join(programs, "|") + `)$`)

// sourcePrefix is what the name of a kernel's source package begins with, before the branch.
const sourcePrefix = "linux-source-"

// programs are the packages that Program takes.
var programs = []string{"user-mode-linux", "runsc"}

// target is a list of packages of a suite, as apt has it.
type target struct{ suite, file, site string }

// targets are the lists that apt has. Those of another mirror than the one that was given are none.
func (s *Store) targets(ctx context.Context) (all []target, err error) {
	if s.mirror != "" {
		err = s.name(s.mirror, s.security)
	}
	if err := errors.Join(err, s.configure()); err != nil {
		return nil, err
	}
	if !exists(s.in("apt", "sources.list")) {
		return nil, nil
	}
	// indextargets would say the same, after it has made a cache of a hundred megabytes.
	lines, err := s.lines(ctx, "apt-get", "update", "--print-uris")
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		match := indexes.FindStringSubmatch(line)
		if match == nil || match[4] != s.architecture {
			continue
		}
		// As it was fetched, or compressed anew.
		if files, err := filepath.Glob(s.in("apt", "lists", match[5]+"*")); err == nil && len(files) > 0 {
			all = append(all, target{match[2], files[0], match[1]})
		}
	}
	return all, nil
}

// indexes are lists of packages, as apt-get --print-uris names them: the site, the suite, the component and the
// architecture in quotes, and after them the name of the file that apt keeps.
var indexes = regexp.MustCompile(`^'(.+)/dists/(.+)/([^/]+)/binary-([^/]+)/Packages[^']*' (\S+)`)

// lists is what all lists have of the packages that are kept; nothing where there are no lists. A list that cannot be
// read is removed: apt would take it for a good one.
func (s *Store) lists(ctx context.Context) ([]listed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known != nil {
		return s.known, nil
	}
	targets, err := s.targets(ctx)
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, target := range targets {
		err := s.run(ctx, func(r io.Reader) error {
			return parse(r, func(p listed, file string) {
				p.URL, p.architecture = target.site+"/"+file, s.architecture
				p.unreleased = target.suite == "sid" || target.suite == "experimental"
				all = append(all, p)
			})
		}, "apt-helper", "cat-file", target.file)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var failed *failure
		if err != nil && !errors.As(err, &failed) {
			return nil, err
		}
		if err != nil {
			os.Remove(target.file)
			return nil, fmt.Errorf("the list of packages of %s is damaged and was removed: %w", target.suite, err)
		}
	}
	s.known = all
	return all, nil
}

// parse reads a Packages file (deb822(5)) and finds what is kept of it, with the path of its file in the archive.
func parse(r io.Reader, found func(p listed, file string)) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 1<<16), 1<<24)
	var p listed
	var file string
	end := func() {
		if kept.MatchString(p.Name) && p.Version != "" && p.SHA256 != "" && file != "" {
			found(p, file)
		}
		p, file = listed{}, ""
	}
	for scanner.Scan() {
		line := scanner.Text()
		if line == "" {
			end()
			continue
		}
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "Package":
			p.Name = value
		case "Version":
			p.Version = value
		case "Depends":
			p.depends = value
		case "SHA256":
			p.SHA256 = value
		case "Filename":
			file = value
		}
	}
	end()
	return scanner.Err()
}
