package debian

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// cacheVariable names the folder in which packages are kept, and mirrorVariable where they come from: the address of a
// mirror and, if it is not beside that, of the one with the security updates.
const (
	cacheVariable  = "ZC_CACHE"
	mirrorVariable = "ZC_MIRROR"
)

// Place says where a command's packages are.
type Place struct {
	// Cache is the folder in which they are kept.
	Cache  string
	mirror string
}

// Add adds the flags that say so. What none says the environment does.
func (p *Place) Add(f *flag.FlagSet) {
	cache := os.Getenv(cacheVariable)
	if cache == "" {
		if own, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(own, "zerocopy-conformance")
		} else {
			cache = filepath.Join(os.TempDir(), fmt.Sprintf("zerocopy-conformance-%d", os.Getuid()))
		}
	}
	f.StringVar(&p.Cache, "cache", cache, "the folder in which packages are kept ("+cacheVariable+")")
	f.StringVar(&p.mirror, "mirror", os.Getenv(mirrorVariable), "the address of Debian's archive and, after a blank, of its security archive ("+mirrorVariable+"); those of this machine's own apt if there is none")
}

// Open opens the cache of an architecture: the first has the folder, and the others folders in there.
func (p *Place) Open(architecture string) (*Store, error) {
	mirror, security, _ := strings.Cut(strings.TrimSpace(p.mirror), " ")
	cache := p.Cache
	if architecture != Architectures[0] {
		cache = filepath.Join(cache, architecture)
	}
	store, err := Open(cache, architecture, mirror, strings.TrimSpace(security))
	if err != nil {
		return nil, fmt.Errorf("the cache of packages: %w", err)
	}
	return store, nil
}

// OpenAll opens the caches of all architectures.
func (p *Place) OpenAll() (map[string]*Store, error) {
	all := map[string]*Store{}
	for _, architecture := range Architectures {
		store, err := p.Open(architecture)
		if err != nil {
			return nil, err
		}
		all[architecture] = store
	}
	return all, nil
}
