package debian

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// releases are the names that Debian's own releases go by in a sources.list, with what they are followed by.
var releases = regexp.MustCompile(`^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(-updates|-backports|-security)?$`)

// discover returns the sites of the Debian archive and of its security archive that this machine's apt is told to
// use; no security archive where it names none. Others, too, have suites that they call bookworm; only Debian has updates and backports of them.
func (s *Store) discover(ctx context.Context) (mirror, security string, err error) {
	apt, err := find("apt-get")
	if err != nil {
		return "", "", err
	}
	// Without --no-release-info apt names only what it has lists of: on a fresh machine, nothing.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, apt, "indextargets", "--no-release-info", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
	command.Env = append(os.Environ(), "LC_ALL=C")
	output, err := command.Output()
	if err != nil {
		return "", "", fmt.Errorf("this machine's apt configuration cannot be read: apt-get indextargets: %w", err)
	}
	return sites(string(output))
}

// sites chooses from what apt is told to use: lines of a site, a suite and a component.
func sites(lines string) (mirror, security string, err error) {
	var sure, likely, secure string
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) != 3 || words[2] != "main" {
			continue
		}
		match := releases.FindStringSubmatch(words[1])
		if match == nil {
			continue
		}
		site := words[0]
		var place *string
		switch match[2] {
		case "-security":
			place = &secure
		case "":
			if !strings.HasSuffix(site, "/debian") && !strings.HasPrefix(site, "mirror+file:") {
				continue
			}
			place = &likely
		default:
			place = &sure
		}
		if *place == "" {
			if *place, err = first(site); err != nil {
				return "", "", err
			}
		}
	}
	if mirror = sure; mirror == "" {
		mirror = likely
	}
	if mirror == "" {
		return "", "", fmt.Errorf("this machine's apt configuration names no Debian archive: give a mirror")
	}
	return mirror, secure, nil
}

// first is the site itself, or the first in a list of mirrors (apt-transport-mirror(1)).
func first(site string) (string, error) {
	list, isList := strings.CutPrefix(site, "mirror+file:")
	if !isList {
		return site, nil
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return "", fmt.Errorf("this machine's list of mirrors: %w: give a mirror", err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			return strings.TrimSuffix(words[0], "/"), nil
		}
	}
	return "", fmt.Errorf("this machine's list of mirrors %s names none: give a mirror", list)
}
