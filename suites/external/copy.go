package external

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// namedCopy is an empty file that a program is to make a copy of the source, where it takes a name alone: {to}.
type namedCopy struct {
	folder string
	file   *os.File
}

const copyName = "copy"

func newCopy() (*namedCopy, error) {
	folder, err := os.MkdirTemp("", "zerocopy-conformance-copy-")
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(folder, copyName), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &namedCopy{folder, file}, nil
}

// copyInto puts what is there by that name now into the sink, a file: it may be another file than at first.
func (c *namedCopy) copyInto(sink int) error {
	from, err := os.Open(filepath.Join(c.folder, copyName))
	if errors.Is(err, os.ErrNotExist) {
		// The program has taken it away, and nothing arrives.
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	own, err := unix.Dup(sink)
	if err != nil {
		return os.NewSyscallError("dup", err)
	}
	into := os.NewFile(uintptr(own), "the sink")
	defer into.Close()
	_, err = io.Copy(into, from)
	return err
}

func (c *namedCopy) remove() {
	c.file.Close()
	_ = os.RemoveAll(c.folder)
}
