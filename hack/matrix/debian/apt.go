package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// suites are where kernels are looked for: each release with its security updates and backports. What a mirror does
// not have, or no longer, is told and does no harm.
var suites = []struct {
	name     string
	security bool
}{
	{"bullseye", false}, {"bullseye-security", true},
	{"bookworm", false}, {"bookworm-backports", false}, {"bookworm-security", true},
	{"trixie", false}, {"trixie-backports", false}, {"trixie-security", true},
	{"sid", false}, {"experimental", false},
}

// trust is how apt is to know that lists are the archive's.
var trust = "signed-by=" + keyring

// settings are read after the machine's own, whose proxies and certificates hold for the private apt, too. Its hooks
// must not: they tell the desktop of new packages. Of lists that were frozen some time ago, as a mirror's of a release that
// is no longer kept, a kernel is as good as ever: they are signed all the same.
const settings = `APT::Architecture "%[2]s";
APT::Architectures { "%[2]s"; };
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Dir::State "%[1]s/apt/state";
Dir::State::lists "%[1]s/apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "%[1]s/apt/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "%[1]s/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "-";
pkgCacheFile::Generate "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Check-Valid-Until "false";
Acquire::PDiffs "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`

// Incomplete is the error of lists that were had in part. What was had can be used.
type Incomplete struct {
	// Suites are the parts of the archive that there are no lists of.
	Suites []string
	// Err is what apt says.
	Err error
}

func (i *Incomplete) Error() string {
	if len(i.Suites) == 0 {
		return fmt.Sprintf("lists of packages may be old: %v", i.Err)
	}
	return fmt.Sprintf("no lists of packages from %s: %v", strings.Join(i.Suites, ", "), i.Err)
}

func (i *Incomplete) Unwrap() error { return i.Err }

// Refresh gets the lists of packages anew, some 40 megabytes. Where only some could be had the error is an Incomplete.
func (s *Store) Refresh(ctx context.Context) error {
	if _, err := os.Stat(keyring); err != nil && strings.Contains(trust, keyring) {
		return fmt.Errorf("without the archive's keys no list can be trusted: %w: install the package debian-archive-keyring", err)
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	mirror, security := s.mirror, s.security
	if mirror == "" {
		if mirror, security, err = s.discover(ctx); err != nil {
			return err
		}
	}
	if err := errors.Join(s.configure(), s.name(mirror, security)); err != nil {
		return err
	}
	s.mu.Lock()
	s.known = nil
	s.mu.Unlock()
	updateErr := s.do(ctx, "apt-get", "update")
	if updateErr == nil || ctx.Err() != nil {
		return updateErr
	}
	targets, err := s.targets(ctx)
	if err != nil || len(targets) == 0 {
		return errors.Join(fmt.Errorf("no lists of packages could be had: %w: see whether there is a network, or give another mirror", updateErr), err)
	}
	incomplete := &Incomplete{Err: updateErr}
	for _, suite := range suites {
		if !slices.ContainsFunc(targets, func(t target) bool { return t.suite == suite.name }) {
			incomplete.Suites = append(incomplete.Suites, suite.name)
		}
	}
	return incomplete
}

// configure writes the private apt's settings. apt reads the file that APT_CONFIG names before the machine's
// (apt.conf(5)), so that one only says which is to be read last.
func (s *Store) configure() error {
	last := fmt.Sprintf(settings, s.cache, s.architecture)
	if exists("/etc/apt/apt.conf") {
		last = "#include \"/etc/apt/apt.conf\";\n" + last
	}
	return errors.Join(
		s.write("first.conf", fmt.Sprintf("Dir::Etc::main \"%s\";\n", s.in("apt", "last.conf"))),
		s.write("last.conf", last))
}

// name writes which sites and suites the lists are of.
func (s *Store) name(mirror, security string) error {
	if security == "" {
		security = mirror + "-security"
	}
	var sources strings.Builder
	for _, suite := range suites {
		site := mirror
		if suite.security {
			site = security
		}
		fmt.Fprintf(&sources, "deb [arch=%s %s] %s %s main\n", s.architecture, trust, site, suite.name)
	}
	return s.write("sources.list", sources.String())
}

// write makes a file of the private apt's have a text, at once: another process may be reading it.
func (s *Store) write(name, text string) error {
	path := s.in("apt", name)
	if old, err := os.ReadFile(path); err == nil && string(old) == text {
		return nil
	}
	unfinished, err := os.CreateTemp(s.in("apt"), name+".*")
	if err != nil {
		return roomless(err, s.cache)
	}
	defer os.Remove(unfinished.Name())
	_, err = unfinished.WriteString(text)
	if err := errors.Join(err, unfinished.Close()); err != nil {
		return roomless(err, s.cache)
	}
	return os.Rename(unfinished.Name(), path)
}
