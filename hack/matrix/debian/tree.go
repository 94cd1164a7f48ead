package debian

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// manifest tells of a tree from which packages it was made, and what is in it.
type manifest struct {
	// Packages have been extracted, the one that the tree is named after first.
	Packages []Package
	// Lacks are packages that belong to it, and that no list has.
	Lacks []string `json:",omitempty"`
	Files map[string]file
}

// file is a regular file, or a symbolic link if Link is set.
type file struct {
	Size     int64
	Modified time.Time
	SHA256   string `json:",omitempty"`
	Link     string `json:",omitempty"`
}

// name is that of a tree in the cache, made of its first package.
func (m manifest) name() string { return strings.TrimSuffix(m.Packages[0].file(), ".deb") }

// tree extracts packages together, with what finish does to them, and returns the root. It is there whole or not at
// all: it gets its name when it is finished, and is looked over each time. The packages stay, so that a damaged tree
// is made anew without a network.
func (s *Store) tree(ctx context.Context, m manifest, finish func(root string) error) (root string, err error) {
	folder := s.in("trees", m.name())
	root = filepath.Join(folder, "root")
	if intact(folder) == nil {
		return root, nil
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	// Another process may have made it in the meantime.
	damage := intact(folder)
	if damage == nil {
		return root, nil
	}
	defer func() {
		if err != nil && !errors.Is(damage, fs.ErrNotExist) {
			err = fmt.Errorf("%w (what was extracted is damaged: %v)", err, damage)
		}
		err = roomless(err, s.cache)
	}()
	var debs []string
	for _, p := range m.Packages {
		deb, err := s.deb(ctx, p)
		if err != nil {
			return "", err
		}
		debs = append(debs, deb)
	}
	unfinished := s.in("trees", "unfinished")
	// Left by a process that was killed: whoever has the lock is alone here.
	if err := os.RemoveAll(unfinished); err != nil {
		return "", err
	}
	defer os.RemoveAll(unfinished)
	if err := os.MkdirAll(filepath.Join(unfinished, "root"), 0o755); err != nil {
		return "", err
	}
	for _, deb := range debs {
		if err := s.do(ctx, "dpkg-deb", "--extract", deb, filepath.Join(unfinished, "root")); err != nil {
			return "", err
		}
	}
	if err := finish(filepath.Join(unfinished, "root")); err != nil {
		return "", err
	}
	if err := m.record(unfinished); err != nil {
		return "", err
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	return root, os.Rename(unfinished, folder)
}

// record writes down what a folder's root holds. A crash after the tree got its name may leave files of it empty: that is
// damage like any other. To wait for the disk here would be to wait for whatever else this machine has to write.
func (m manifest) record(folder string) error {
	m.Files = map[string]file{}
	root := filepath.Join(folder, "root")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		m.Files[name], err = look(path, true)
		return err
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "manifest.json"), text, 0o644)
}

// intact says what of a tree is not as it was extracted. A file of the same size and time is taken for the same; of
// any other the contents are read.
func intact(folder string) error {
	m, err := readManifest(folder)
	if err != nil {
		return err
	}
	for name, was := range m.Files {
		path := filepath.Join(folder, "root", name)
		is, err := look(path, false)
		if err == nil && is.Size == was.Size && is.Link == was.Link && !is.Modified.Equal(was.Modified) {
			is, err = look(path, true)
			is.Modified = was.Modified
		}
		// A missing file is damage; only a missing manifest says that there is no tree.
		if err != nil {
			return errors.New(err.Error())
		}
		if is.Size != was.Size || is.Link != was.Link || is.SHA256 != "" && is.SHA256 != was.SHA256 {
			return fmt.Errorf("%s has been altered: %d bytes, and %d when extracted", path, is.Size, was.Size)
		}
	}
	return nil
}

func readManifest(folder string) (m manifest, err error) {
	path := filepath.Join(folder, "manifest.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil || len(m.Packages) == 0 || len(m.Files) == 0 {
		return m, fmt.Errorf("%s is no manifest: %v", path, err)
	}
	return m, nil
}

func look(path string, read bool) (file, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return file{}, err
	}
	f := file{Size: info.Size(), Modified: info.ModTime()}
	if info.Mode()&fs.ModeSymlink != 0 {
		// A link has nothing but its text, and the time of its making.
		f.Modified = time.Time{}
		f.Link, err = os.Readlink(path)
	} else if read {
		f.SHA256, err = sha256Of(path)
	}
	return f, err
}

// cached are the manifests of what is extracted, by the name of its first package.
func (s *Store) cached() (all []manifest, err error) {
	folders, err := filepath.Glob(s.in("trees", "*_*"))
	for _, folder := range folders {
		if m, err := readManifest(folder); err == nil {
			for i := range m.Packages {
				m.Packages[i].architecture = s.architecture
			}
			all = append(all, m)
		}
	}
	return all, err
}
