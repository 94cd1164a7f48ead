package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// gone is the error of a package that the archive has no longer.
type gone struct {
	Package
	err error
}

func (g *gone) Error() string {
	return fmt.Sprintf("%s %s is gone from the archive: %v", g.Name, g.Version, g.err)
}

func (g *gone) Unwrap() error { return g.err }

// deb is the path of a package's file in the cache, fetched if it is not there as the lists know it. The caller has
// the lock. What a fetch has left unfinished the next one goes on with, where the mirror allows it.
func (s *Store) deb(ctx context.Context, p Package) (string, error) {
	name := p.file()
	path, partial := s.in("debs", name), s.in("debs", "partial", name)
	sum, err := sha256Of(path)
	if err == nil && sum == p.SHA256 {
		return path, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// apt would link to a file: it, and not copy it.
	url := p.URL
	if rest, local := strings.CutPrefix(url, "file:"); local {
		url = "copy:" + rest
	}
	if err := s.do(ctx, "apt-helper", "download-file", url, partial, "SHA256:"+p.SHA256); err != nil {
		if text := err.Error(); strings.Contains(text, "404  Not Found") || strings.Contains(text, "No such file or directory") {
			return "", &gone{p, err}
		}
		return "", fmt.Errorf("%s %s is not in the cache and cannot be fetched: %w", p.Name, p.Version, err)
	}
	if sum, err := sha256Of(partial); err != nil {
		return "", err
	} else if sum != p.SHA256 {
		os.Remove(partial)
		return "", fmt.Errorf("%s %s: what was fetched has the SHA-256 %s, not %s", p.Name, p.Version, sum, p.SHA256)
	}
	return path, os.Rename(partial, path)
}

// file is the name of a package's file. Versions may have a colon, which apt takes for that of a URL's scheme.
func (p Package) file() string {
	return fmt.Sprintf("%s_%s_%s.deb", p.Name, strings.ReplaceAll(p.Version, ":", "%3a"), p.architecture)
}

func sha256Of(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
