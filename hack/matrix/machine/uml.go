package machine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
)

// UML runs User-Mode Linux: a kernel that is a program.
type UML struct {
	Program string
	// Disks are the scratch disks of the guest.
	Disks []Disk
}

// Run implements Machine.
func (u UML) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	boot.Job.Own, boot.Job.Line = true, "/dev/ttyS1"
	var devices []string
	for i, disk := range u.Disks {
		image, err := disk.Make(ctx, boot.Folder)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("ubd%c", 'a'+i)
		devices = append(devices, name+"="+image)
		boot.Job.Disks = append(boot.Job.Disks, job.Disk{Device: "/dev/" + name, Folder: disk.Folder, Filesystem: disk.Filesystem})
	}
	initramfs, err := initramfs(&boot)
	if err != nil {
		return err
	}
	// Its folder for the management console would be left in the user's home.
	own := filepath.Join(boot.Folder, "uml")
	if err := os.Mkdir(own, 0o700); err != nil {
		return err
	}
	arguments := append([]string{fmt.Sprintf("mem=%dM", boot.MemoryMiB), "initrd=" + initramfs, "uml_dir=" + own + "/",
		"con=null", "con0=null,fd:1", "ssl=null", "ssl1=null,fd:3", "panic=-1", "quiet"}, devices...)
	command := exec.Command(u.Program, arguments...)
	command.Env = os.Environ()
	if memory := "/dev/shm"; unix.Access(memory, unix.W_OK) == nil {
		// What the guest takes for its memory is a file there.
		command.Env = append(command.Env, "TMPDIR="+memory)
	}
	// It is two processes that take turns: between processors each system call of the guest is four times as dear.
	return run(ctx, console, words, command, manner{descriptor3: true, oneCPU: true})
}
