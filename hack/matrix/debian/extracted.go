package debian

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// extracted makes files of a build.
func (s *Store) extracted(ctx context.Context, b build) (*Kernel, error) {
	release := strings.TrimPrefix(b.Packages[0].Name, "linux-image-")
	root, err := s.tree(ctx, b.manifest, func(root string) error {
		if firstOf(root, "lib/modules/"+release+"/kernel", "usr/lib/modules/"+release+"/kernel") == "" {
			return nil
		}
		return s.depmod(ctx, root, release)
	})
	if err != nil {
		return nil, err
	}
	k := &Kernel{Name: s.join(b.version(), b.flavour), Version: b.version(), Release: release, Lacks: b.Lacks}
	k.Image = firstOf(root, "boot/vmlinuz-"+release, "usr/lib/modules/"+release+"/vmlinuz")
	k.Config = firstOf(root, "boot/config-"+release, "usr/lib/modules/"+release+"/config")
	if dep := firstOf(root, "usr/lib/modules/"+release+"/modules.dep"); dep != "" {
		k.Modules = filepath.Dir(dep)
	}
	if k.Image == "" || len(k.Lacks) == 0 && (k.Config == "" || k.Modules == "") {
		return nil, fmt.Errorf("the packages of %s hold a kernel in a way that is not known: image %q, configuration %q, modules %q in %s", k.Name, k.Image, k.Config, k.Modules, root)
	}
	return k, nil
}

// depmod describes the modules. They lie in lib/modules or, since 2024, in usr/lib/modules; programs look for them in
// the one or the other, so the missing one is a link.
func (s *Store) depmod(ctx context.Context, root, release string) error {
	for _, pair := range [][2]string{{"lib/modules", "usr/lib/modules"}, {"usr/lib/modules", "lib/modules"}} {
		there, link := filepath.Join(root, pair[0]), filepath.Join(root, pair[1])
		if _, err := os.Stat(there); err != nil {
			continue
		}
		if _, err := os.Lstat(link); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return err
		}
		target, err := filepath.Rel(filepath.Dir(link), there)
		if err != nil {
			return err
		}
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	return s.do(ctx, "depmod", "--basedir", root, release)
}

// firstOf is the first path that exists, or nothing.
func firstOf(root string, names ...string) string {
	for _, name := range names {
		if path := filepath.Join(root, name); exists(path) {
			return path
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
