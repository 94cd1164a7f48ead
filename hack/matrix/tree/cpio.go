package tree

import (
	"bufio"
	"fmt"
	"io"
)

// The parts of a file's mode that say what it is (inode(7)).
const (
	folderMode  = 0o040000
	regularMode = 0o100000
)

// Initramfs writes the tree as a cpio archive of the kind that the kernel unpacks (newc: Documentation/driver-api/
// early-userspace/buffer-format.rst). It is the same to the byte for the same tree.
func (t *Tree) Initramfs(w io.Writer) error {
	a := &archive{to: bufio.NewWriterSize(w, 1<<20)}
	for _, folder := range t.folders() {
		a.header(clean(folder), folderMode|0o755, 0)
	}
	for _, f := range t.Files {
		if err := a.file(f); err != nil {
			return err
		}
	}
	a.header("TRAILER!!!", 0, 0)
	if a.err != nil {
		return a.err
	}
	return a.to.Flush()
}

// archive is a cpio archive under way.
type archive struct {
	to    *bufio.Writer
	at    int64
	inode int
	err   error
}

func (a *archive) header(name string, mode uint32, bytes int64) {
	a.inode++
	links := 1
	if mode&folderMode != 0 {
		links = 2
	}
	// ino, mode, uid, gid, nlink, mtime, filesize, dev major and minor, rdev major and minor, namesize, check
	a.write(fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		a.inode, mode, 0, 0, links, 0, bytes, 0, 0, 0, 0, len(name)+1, 0, name))
	a.pad()
}

func (a *archive) file(f File) error {
	contents, bytes, err := f.open()
	if err != nil {
		return err
	}
	defer contents.Close()
	if bytes > 1<<32-1 {
		return fmt.Errorf("%s: %d bytes are too many for a cpio archive", f.Name, bytes)
	}
	a.header(clean(f.Name), regularMode|uint32(f.Mode.Perm()), bytes)
	if a.err != nil {
		return a.err
	}
	n, err := io.Copy(a.to, contents)
	if err == nil && n != bytes {
		err = fmt.Errorf("%s has changed while it was read", f.From)
	}
	if err != nil {
		return err
	}
	a.at += n
	a.pad()
	return a.err
}

func (a *archive) write(text []byte) {
	if a.err != nil {
		return
	}
	_, a.err = a.to.Write(text)
	a.at += int64(len(text))
}

// pad fills up to a multiple of four bytes, as headers and contents begin there.
func (a *archive) pad() { a.write(make([]byte, -a.at&3)) }
