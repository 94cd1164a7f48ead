package adversity

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// caches: a run's program is in the page cache, usually. Files of the suites themselves have no names by which anybody
// else could drop them; under little memory the kernel does.
var caches = []Condition{{
	Name: "cold", Says: "the suite's program is its own copy, and is not in the page cache (posix_fadvise)",
	Pose: func(r *Run) (func() error, error) {
		copied := filepath.Join(r.Folder, "program", filepath.Base(r.Program))
		if err := os.Mkdir(filepath.Dir(copied), 0o755); err != nil {
			return nil, err
		}
		if err := copyFile(r.Program, copied); err != nil {
			return nil, err
		}
		r.Program = copied
		return nil, nil
	},
}}

// copyFile copies a program, and drops the copy from the page cache.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	copied, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, source)
	if err == nil {
		// What is not on the disk yet is not dropped.
		err = copied.Sync()
	}
	if err == nil {
		err = os.NewSyscallError("posix_fadvise", unix.Fadvise(int(copied.Fd()), 0, 0, unix.FADV_DONTNEED))
	}
	return errors.Join(err, copied.Close())
}
