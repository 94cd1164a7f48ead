// Package debian gets kernels, their source, User-Mode Linux and gVisor out of the distribution's packages, without installing any.
//
// It keeps an apt of its own in a cache folder: any user may have it, and the machine's is neither read for packages
// nor changed. The lists of packages are those that the archive's keyring signs; a package is used only with the
// SHA-256 that they name, whenever it is opened; what is extracted is whole or absent, and looked over at each use. What
// was had once is there without a network, and without apt.
//
// Nothing is fetched that nobody asks for: lists only where there are none, where a package is gone from the archive
// since, or by Refresh.
package debian

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"zerocopy-conformance/hack/matrix/flock"
)

// Store is a cache of packages, of what was extracted from them, and of lists of what can be had.
// Several processes may have the same folder.
type Store struct {
	cache, architecture string
	// mirror and security are the sites that the user has given, or empty.
	mirror, security string

	mu sync.Mutex
	// known is what the lists have, once they were read.
	known []listed
}

// Open makes the cache folder where it does not exist. What is got is of an architecture, which may be another than this
// machine's; each takes a cache of its own. mirror is the site of a Debian archive, such as http://HOST/debian, and security
// that of its security archive; with an empty mirror they are read from this machine's own apt configuration when first
// needed, and with an empty security only it is taken to be the mirror's sibling: mirror + "-security".
func Open(cache, architecture, mirror, security string) (*Store, error) {
	if !slices.Contains(Architectures, architecture) {
		return nil, fmt.Errorf("architecture %q: must be %s", architecture, strings.Join(Architectures, " or "))
	}
	for _, site := range []string{mirror, security} {
		if u, err := url.Parse(site); site != "" && (err != nil || u.Scheme == "" || strings.ContainsAny(site, " \t\n[]")) {
			return nil, fmt.Errorf("mirror %q: must be a site as apt's sources.list names it: http://HOST/debian or file:/FOLDER", site)
		}
	}
	if mirror == "" && security != "" {
		return nil, fmt.Errorf("security mirror %q without a mirror: give both, or the mirror alone", security)
	}
	cache, err := filepath.Abs(cache)
	if err != nil {
		return nil, err
	}
	// Its name stands in quotes in a file that apt reads.
	if strings.ContainsAny(cache, "\"\n") {
		return nil, fmt.Errorf("cache folder %q: its name must have no quote and no line break", cache)
	}
	for _, folder := range []string{"apt/lists/partial", "apt/state", "apt/cache", "debs/partial", "trees"} {
		if err := os.MkdirAll(filepath.Join(cache, folder), 0o755); err != nil {
			return nil, fmt.Errorf("cache folder: %w", roomless(err, cache))
		}
	}
	return &Store{cache: cache, architecture: architecture, mirror: strings.TrimSuffix(mirror, "/"), security: strings.TrimSuffix(security, "/")}, nil
}

// in is a path in the cache folder.
func (s *Store) in(parts ...string) string {
	return filepath.Join(append([]string{s.cache}, parts...)...)
}

// lock keeps all other users of the folder from fetching until unlock is called.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	return flock.Lock(ctx, s.in("lock"))
}

// roomless adds to an error that the disk is full what can be done about it.
func roomless(err error, folder string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if !strings.Contains(strings.ToLower(text), "no space left on device") && !strings.Contains(strings.ToLower(text), "quota exceeded") {
		return err
	}
	return fmt.Errorf("the disk of the cache folder %s is full: make room or choose another folder: %w", folder, err)
}
