package liar

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// With lends a rule what one of the caller's descriptors stands for: the same open file, with its position and its
// flags. A descriptor that the caller does not have is lent to nobody.
func (c *Call) With(descriptor int, use func(fd int)) {
	if descriptor < 0 {
		return
	}
	fd, err := unix.PidfdGetfd(c.thread.tracer.pidfd, descriptor, 0)
	if err == unix.EBADF {
		return
	}
	if err != nil {
		c.thread.tracer.fail(fmt.Errorf("pidfd_getfd: %w", err))
		return
	}
	defer unix.Close(fd)
	use(fd)
}

// Position is where a file is read or written next; no place has -1.
func (c *Call) Position(descriptor int) (at int64) {
	at = -1
	c.With(descriptor, func(fd int) {
		if now, err := unix.Seek(fd, 0, unix.SEEK_CUR); err == nil {
			at = now
		}
	})
	return at
}

// Seek puts a file's position somewhere else.
func (c *Call) Seek(descriptor int, to int64) {
	c.With(descriptor, func(fd int) { _, _ = unix.Seek(fd, to, unix.SEEK_SET) })
}

// Flags are those of an open file (F_GETFL), 0 where there is none.
func (c *Call) Flags(descriptor int) (flags int) {
	c.With(descriptor, func(fd int) { flags, _ = unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0) })
	return flags
}

// SetFlags gives an open file other flags (F_SETFL): O_APPEND, O_DIRECT, O_NONBLOCK.
func (c *Call) SetFlags(descriptor, flags int) {
	c.With(descriptor, func(fd int) { _, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags) })
}

// Is says whether a descriptor is of such a file: unix.S_IFIFO, S_IFSOCK, S_IFREG, …
func (c *Call) Is(descriptor int, kind uint32) (is bool) {
	c.With(descriptor, func(fd int) {
		var stat unix.Stat_t
		is = unix.Fstat(fd, &stat) == nil && stat.Mode&unix.S_IFMT == kind
	})
	return is
}
