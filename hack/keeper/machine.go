package keeper

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Machine is how a machine differs from the one that this test runs on.
type Machine struct {
	// Covered are folders over which something else is mounted.
	Covered []Cover
	// Settings are kernel settings, by their path under /proc/sys.
	Settings map[string]string
	// Refused are system calls, by number, that fail with EPERM, and so are sockets of the Families.
	Refused, Families []uint32
}

// Cover is an empty tmpfs over a folder, or another folder.
type Cover struct {
	Folder   string
	By       string
	Full     bool
	ReadOnly bool
}

// NeedsRoom says whether it takes a room to make it.
func (m Machine) NeedsRoom() bool { return len(m.Covered)+len(m.Settings) > 0 }

// make turns this machine, as the keeper and its children see it, into that one.
func (m Machine) make() error {
	for _, c := range m.Covered {
		if err := c.mount(); err != nil {
			return fmt.Errorf("covering %s: %w", c.Folder, err)
		}
	}
	for name, value := range m.Settings {
		if err := os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0); err != nil {
			return err
		}
	}
	return refuse(m.Refused, m.Families)
}

func (c Cover) mount() error {
	if c.By != "" {
		return os.NewSyscallError("mount", unix.Mount(c.By, c.Folder, "", unix.MS_BIND, ""))
	}
	options, flags := "", uintptr(0)
	if c.Full {
		options = "size=64k"
	}
	if c.ReadOnly {
		flags = unix.MS_RDONLY
	}
	if err := unix.Mount("tmpfs", c.Folder, "tmpfs", flags, options); err != nil {
		return os.NewSyscallError("mount", err)
	}
	if c.Full {
		err := os.WriteFile(filepath.Join(c.Folder, "full"), make([]byte, 1<<20), 0o600)
		if !errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("it is not full: %v", err)
		}
	}
	return nil
}
