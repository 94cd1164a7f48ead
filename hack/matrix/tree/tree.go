// Package tree is a guest's root folder as a list of files, and what it is made into: an initramfs, for a guest that is
// a kernel of its own, or a folder.
package tree

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// File is a regular file of the tree.
type File struct {
	// Name is its absolute path there.
	Name string
	// Mode are its permissions.
	Mode os.FileMode
	// From is the file that it is a copy of; where that is empty, Bytes are its contents.
	From  string
	Bytes []byte
}

// Tree is a root folder. Its folders are those that its files need, and Folders.
type Tree struct {
	Files   []File
	Folders []string
}

// Add adds a copy of a file.
func (t *Tree) Add(name, from string, mode os.FileMode) {
	t.Files = append(t.Files, File{Name: name, From: from, Mode: mode})
}

// AddBytes adds a file with these contents.
func (t *Tree) AddBytes(name string, contents []byte, mode os.FileMode) {
	t.Files = append(t.Files, File{Name: name, Bytes: contents, Mode: mode})
}

// folders are all folders but the root itself, parents first.
func (t *Tree) folders() []string {
	var all []string
	add := func(folder string) {
		for ; folder != "/" && folder != "."; folder = path.Dir(folder) {
			if !slices.Contains(all, folder) {
				all = append(all, folder)
			}
		}
	}
	for _, folder := range t.Folders {
		add(path.Clean(folder))
	}
	for _, file := range t.Files {
		add(path.Dir(file.Name))
	}
	slices.Sort(all)
	return all
}

// open is the file's contents and how long they are, in bytes.
func (f File) open() (io.ReadCloser, int64, error) {
	if f.From == "" {
		return io.NopCloser(bytes.NewReader(f.Bytes)), int64(len(f.Bytes)), nil
	}
	file, err := os.Open(f.From)
	if err != nil {
		return nil, 0, err
	}
	stat, err := file.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", f.From)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, stat.Size(), nil
}

// Folder makes the tree in a folder, which exists.
func (t *Tree) Folder(root string) error {
	for _, folder := range t.folders() {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	for _, f := range t.Files {
		if err := f.copy(filepath.Join(root, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (f File) copy(to string) (err error) {
	contents, _, err := f.open()
	if err != nil {
		return err
	}
	defer contents.Close()
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, contents)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		// Whatever the umask has taken away.
		err = os.Chmod(to, f.Mode)
	}
	return err
}

// clean is a file's name as an archive has it.
func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }
