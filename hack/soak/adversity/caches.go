package adversity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// caches: a run's program is in the page cache, usually, and what it has read a moment ago is. Neither is owed.
var caches = []Condition{
	{
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
	},
	{
		Name: "evicted", Says: "what a run's open files have in the page cache is dropped from it, again and again (posix_fadvise)",
		Beside: func(ctx context.Context, _ *Run, runner int, _ Random) error { Evict(ctx, runner); return nil },
	},
}

// Evict drops the pages of the regular files that a process, and those that it has made of its own program, have open, as the
// kernel is free to do at any moment, until ctx ends. Pages that are dirty, mapped or locked stay.
func Evict(ctx context.Context, runner int) {
	for ctx.Err() == nil {
		all := append(movers(runner), runner)
		for range 20 {
			for _, pid := range all {
				evict(pid)
			}
			time.Sleep(time.Millisecond / 2)
		}
	}
}

// evict drops the pages of what a process has open now. What it closes meanwhile, or what may not be opened, is left.
func evict(pid int) {
	descriptors, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, each := range descriptors {
		// A pipe that were opened would have one end more. So it is looked at first, by a descriptor that opens nothing.
		path, err := unix.Open(each, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		var stat unix.Stat_t
		if unix.Fstat(path, &stat) == nil && stat.Mode&unix.S_IFMT == unix.S_IFREG {
			if fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", path), unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
				_ = unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
				unix.Close(fd)
			}
		}
		unix.Close(path)
	}
}

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
