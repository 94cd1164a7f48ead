package contract

import (
	"errors"
	"os"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// age gives a file's times of access and modification an old value, and returns when its time of change lies in the
// past: times are taken from a clock that ticks only so often, and a change within the same tick is not seen.
func (t *T) age(fd int) {
	times := [2]unix.Timespec{{Sec: 1_000_000_000}, {Sec: 1_000_000_000}}
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	t.Done(Result{Call: "utimensat", Errno: errno})
	changed := unix.TimespecToNsec(t.Stat(fd).Ctim)
	for deadline := time.Now().Add(stepPatience); ; runtime.Gosched() {
		var now unix.Timespec
		t.Must(os.NewSyscallError("clock_gettime", unix.ClockGettime(unix.CLOCK_REALTIME_COARSE, &now)))
		if unix.TimespecToNsec(now) > changed {
			return
		}
		if time.Now().After(deadline) {
			t.Must(errors.New("the clock does not go on"))
		}
	}
}

// without takes a capability away from the check's thread, which ends with the check.
func (t *T) without(capability int) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	t.Must(os.NewSyscallError("capget", unix.Capget(&header, &sets[0])))
	sets[capability/32].Effective &^= 1 << (capability % 32)
	t.Must(os.NewSyscallError("capset", unix.Capset(&header, &sets[0])))
}

// immutable is FS_IMMUTABLE_FL of linux/fs.h.
const immutable = 0x10

// Immutable has nobody change a file, root neither, until the check ends (FS_IOC_SETFLAGS(2const)). The file must have
// no name: one that is left immutable could not be removed.
func (t *T) Immutable(fd int) {
	flags, err := unix.IoctlGetUint32(fd, unix.FS_IOC_GETFLAGS)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, int(flags|immutable))
	}
	switch err {
	case nil:
	case unix.EPERM:
		t.Lacks("an immutable file", "it takes CAP_LINUX_IMMUTABLE: "+err.Error(), "run as root")
	case unix.ENOTTY, unix.EOPNOTSUPP, unix.EINVAL, unix.ENOSYS:
		t.Lacks("an immutable file", "the temp directory's filesystem has none: "+err.Error(), "set TMPDIR to a folder on ext4, xfs or btrfs")
	default:
		t.Must(os.NewSyscallError("ioctl FS_IOC_SETFLAGS", err))
	}
	t.Undo(func() { unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, int(flags)) })
}

// sharedExtent is FIEMAP_EXTENT_SHARED of linux/fiemap.h, syncFirst FIEMAP_FLAG_SYNC.
const (
	sharedExtent = 0x2000
	syncFirst    = 1
	fsIocFiemap  = 0xc020660b
)

// extents is struct fiemap of linux/fiemap.h, with room for some extents.
type extents struct {
	start, length            uint64
	flags, mapped, room, pad uint32
	extent                   [32]struct {
		logical, physical, length uint64
		pad1                      [2]uint64
		flags                     uint32
		pad2                      [3]uint32
	}
}

// Shared is how many bytes of a file lie in blocks that others refer to as well (FS_IOC_FIEMAP).
func (t *T) Shared(fd int) (bytes int64) {
	question := extents{length: 1 << 40, flags: syncFirst}
	question.room = uint32(len(question.extent))
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), fsIocFiemap, uintptr(unsafe.Pointer(&question)))
	t.Done(Result{Call: "ioctl FS_IOC_FIEMAP", Errno: errno})
	for _, e := range question.extent[:question.mapped] {
		if e.flags&sharedExtent != 0 {
			bytes += int64(e.length)
		}
	}
	return bytes
}

// Fallocate takes up the space of a file's filesystem, until there is none left.
func (t *T) Fallocate(fd int) {
	var size int64
	for piece := int64(1 << 30); piece >= int64(pageBytes); {
		switch err := unix.Fallocate(fd, 0, size, piece); err {
		case nil:
			size += piece
		case unix.EINTR:
		case unix.ENOSPC:
			piece /= 2
		default:
			t.Must(os.NewSyscallError("fallocate", err))
		}
	}
}
