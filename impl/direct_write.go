package impl

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// DirectWrite goes around the page cache: O_DIRECT has the device put the source's blocks into user memory, write(2)
// takes them from there. Offset, length and memory of such a read are whole blocks; so it reads whole pages here, into
// memory of the method's own, and skips what lies before the range.
//
// The flag is the open file description's, which all who hold the source share: it is there from Prepare to release. A
// filesystem without direct I/O is EINVAL from Prepare. So is one that takes the flag and copies nevertheless: tmpfs,
// since 6.6, and overlayfs, which goes by its layers, and they may be that.
var DirectWrite = Method{
	Name: "direct+write",
	Claim: Claim{
		Source:     "open(2): O_DIRECT, pread(2), write(2)",
		Calls:      map[string]int{"pread64": 1, "write": 1},
		UserCopies: 1,
		Direct:     true,
	},
	Into: AnySink,
	Prepare: func(t *Transfer) (release func() error, err error) {
		flags, err := unix.FcntlInt(uintptr(t.Source), unix.F_GETFL, 0)
		if err != nil {
			return nil, err
		}
		var filesystem unix.Statfs_t
		if err := unix.Fstatfs(t.Source, &filesystem); err != nil {
			return nil, err
		}
		if filesystem.Type == unix.TMPFS_MAGIC || filesystem.Type == unix.OVERLAYFS_SUPER_MAGIC {
			return nil, unix.EINVAL
		}
		// What is not on the disk yet is read from the cache: by btrfs, while it is being written.
		if _, err := again(func() (int, error) { return 0, unix.Fdatasync(t.Source) }); err != nil {
			return nil, err
		}
		page := os.Getpagesize()
		buffer, err := unix.Mmap(-1, 0, roundUp(t.Chunk, page)+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_POPULATE)
		if err != nil {
			return nil, err
		}
		if err := setFlags(t.Source, flags|unix.O_DIRECT); err != nil {
			_ = unix.Munmap(buffer)
			return nil, err
		}
		t.Own = buffer
		return func() error { return errors.Join(setFlags(t.Source, flags), unix.Munmap(buffer)) }, nil
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		buffer, page := t.Own.([]byte), os.Getpagesize()
		skip := int(offset % int64(page))
		n, err := pread(t.Source, buffer[:roundUp(skip+length, page)], offset-int64(skip))
		if err != nil || n <= skip {
			return 0, err
		}
		return write(t.Sink, buffer[skip:min(n, skip+length)])
	}),
}

// setFlags sets the status flags of a descriptor.
func setFlags(fd, flags int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags)
	return err
}
