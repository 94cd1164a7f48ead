package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
)

// openChannel opens what the guest's words go to: the virtio port of that name, or the line, or standard output.
func openChannel(j *job.Job) (*os.File, error) {
	if j.Port == "" && j.Line == "" {
		return os.Stdout, nil
	}
	if device := port(j.Port); device != "" {
		return os.OpenFile(device, os.O_WRONLY, 0)
	}
	if j.Line == "" {
		return nil, fmt.Errorf("there is no virtio port %q", j.Port)
	}
	line, err := os.OpenFile(j.Line, os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	return line, raw(line)
}

// port finds the device of a virtio port by the name that the machine outside has given it.
func port(name string) string {
	folders, _ := filepath.Glob("/sys/class/virtio-ports/*")
	for _, folder := range folders {
		if text, err := os.ReadFile(folder + "/name"); err == nil && strings.TrimSpace(string(text)) == name {
			return "/dev/" + filepath.Base(folder)
		}
	}
	return ""
}

// raw keeps a terminal's driver from changing what is written: a newline would become two bytes (termios(3), OPOST).
// What is no terminal changes nothing.
func raw(line *os.File) error {
	settings, err := unix.IoctlGetTermios(int(line.Fd()), unix.TCGETS)
	if err == unix.ENOTTY {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("TCGETS", err)
	}
	settings.Oflag &^= unix.OPOST
	settings.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	settings.Cflag = settings.Cflag&^(unix.CBAUD|unix.CSIZE|unix.PARENB) | unix.B115200 | unix.CS8
	return os.NewSyscallError("TCSETS", unix.IoctlSetTermios(int(line.Fd()), unix.TCSETS, settings))
}

// drain waits until a terminal has sent what was written to it (tcdrain(3)). Other channels take everything at once.
func drain(channel *os.File) error {
	err := unix.IoctlSetInt(int(channel.Fd()), unix.TCSBRK, 1)
	if err == unix.ENOTTY || err == unix.EINVAL || err == unix.EOPNOTSUPP {
		return nil
	}
	return os.NewSyscallError("TCSBRK", err)
}

// release is what the kernel calls itself.
func release() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return "a kernel without a name"
	}
	return unix.ByteSliceToString(name.Release[:])
}
