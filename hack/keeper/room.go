package keeper

import (
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// OwnRefused says why no user and mount namespaces can be had, in which a machine is made poorer by an ordinary user.
var OwnRefused = sync.OnceValue(func() error { return Own.refused("user and mount namespaces") })

// RootsRefused says why no mount namespace can be had without a user namespace.
var RootsRefused = sync.OnceValue(func() error { return Roots.refused("a mount namespace") })

func (r Room) refused(what string) error {
	folder, err := os.MkdirTemp("", "zc-room-")
	if err != nil {
		return err
	}
	defer os.Remove(folder)
	// The notes go where the tmpfs is: nobody needs them.
	k := Keeper{Command: []string{"true"}, Notes: folder, Room: r, Machine: Machine{Covered: []Cover{{Folder: folder}}}}
	command, err := k.Cmd()
	if err != nil {
		return err
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", what, err, out)
	}
	return nil
}

// OwnTemporaries gives the command, which has a room, a /dev/shm and a /var/tmp of its own: what is in them is then left
// by nobody else. The caller removes them after the run.
func (k *Keeper) OwnTemporaries() (remove func() error) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		k.Covered = append(k.Covered, Cover{Folder: "/dev/shm"})
		k.Folders = append(k.Folders, "/dev/shm")
	}
	// One on the same filesystem: it may be the only disk.
	own, err := os.MkdirTemp("/var/tmp", "zc-keeper-")
	if err == nil {
		// Whoever the command runs as may write there, as in the one that it covers.
		err = os.Chmod(own, os.ModeSticky|0o777)
	}
	if err != nil {
		return func() error { return nil }
	}
	k.Covered = append(k.Covered, Cover{Folder: "/var/tmp", By: own})
	k.Folders = append(k.Folders, "/var/tmp")
	return func() error { return os.RemoveAll(own) }
}

// raiseLoopback brings up the loopback of this process's network namespace, which a new one has, and down.
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(request))); errno != 0 {
		return fmt.Errorf("raising the loopback (SIOCSIFFLAGS): %w", errno)
	}
	return nil
}
