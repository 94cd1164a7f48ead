package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
)

// place is something to mount.
type place struct {
	source, folder, filesystem string
	flags                      uintptr
	data                       string
}

// places are what programs expect of a root folder, in the order in which they are mounted.
var places = []place{
	{"proc", "/proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"sysfs", "/sys", "sysfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"devtmpfs", "/dev", "devtmpfs", unix.MS_NOSUID, ""},
	{"tmpfs", "/dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
	{"tmpfs", "/tmp", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
	{"tmpfs", "/run", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=755"},
	{"tracefs", "/sys/kernel/tracing", "tracefs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
}

func (p place) mount() error {
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(p.source, p.folder, p.filesystem, p.flags, p.data); err != nil {
		return fmt.Errorf("mounting %s (%s) on %s: %w", p.source, p.filesystem, p.folder, err)
	}
	return nil
}

// mountDisks mounts the job's disks, and has the suites use those that could be mounted.
func mountDisks(j *job.Job) error {
	var mounted []string
	var errs []error
	for _, d := range j.Disks {
		err := place{d.Device, d.Folder, d.Filesystem, 0, ""}.mount()
		if err == nil {
			err = os.Chmod(d.Folder, 0o1777)
		}
		if err == nil {
			mounted = append(mounted, d.Filesystem+"="+d.Folder)
		}
		errs = append(errs, err)
	}
	if mounted != nil {
		j.Environment = append(j.Environment, "ZC_FOLDERS="+strings.Join(mounted, ","))
	}
	return errors.Join(errs...)
}

// load loads a kernel module. One that is there already is no error.
func load(file string) error {
	module, err := os.Open(file)
	if err != nil {
		return err
	}
	defer module.Close()
	if err := unix.FinitModule(int(module.Fd()), "", 0); err != nil && err != unix.EEXIST {
		return fmt.Errorf("loading %s: %w", file, err)
	}
	return nil
}

// raiseLoopback brings lo up: IPv4 and IPv6 get their addresses from the kernel itself.
func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bringing lo up: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("bringing lo up: %w", err)
	}
	return nil
}
