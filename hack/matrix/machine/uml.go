package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// UML runs User-Mode Linux: a kernel that is a program.
type UML struct {
	Program string
	// Disks are the scratch disks of the guest.
	Disks []Disk
}

// Run implements Machine.
func (u UML) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	if err := u.Fits(); err != nil {
		return err
	}
	boot.furnish()
	boot.Job.Own, boot.Job.Line = true, "/dev/ttyS1"
	name := func(i int) string { return fmt.Sprintf("ubd%c", 'a'+i) }
	images, err := boot.attach(ctx, u.Disks, name)
	if err != nil {
		return err
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
	arguments := []string{fmt.Sprintf("mem=%dM", boot.MemoryMiB), "initrd=" + initramfs, "uml_dir=" + own + "/",
		"con=null", "con0=null,fd:1", "ssl=null", "ssl1=null,fd:3", "panic=-1", "quiet"}
	for i, image := range images {
		arguments = append(arguments, name(i)+"="+image)
	}
	command := exec.Command(u.Program, arguments...)
	// A static glibc has the host write to this thread's memory whenever it is interrupted (rseq(2)), and a process of the
	// guest's, which is forked from it, has no such memory: it is killed.
	command.Env = append(os.Environ(), "GLIBC_TUNABLES=glibc.pthread.rseq=0")
	if memory := "/dev/shm"; unix.Access(memory, unix.W_OK) == nil {
		// What the guest takes for its memory is a file there.
		command.Env = append(command.Env, "TMPDIR="+memory)
	}
	// It is two processes that take turns: between processors each system call of the guest is four times as dear.
	end := &lookout{to: console, text: []byte(poweredOff)}
	err = run(ctx, end, words, command, manner{descriptor3: true, oneCPU: true})
	var exit *exec.ExitError
	if end.seen && errors.As(err, &exit) {
		// One guest in some hundreds has its process aborted while it clears up behind a kernel that is gone.
		return nil
	}
	return err
}

// poweredOff is the last that a kernel prints which was told to power off: a guest that has panicked does not.
const poweredOff = "reboot: Power down"

// lookout hands on what is written, and sees a text in it.
type lookout struct {
	to   io.Writer
	text []byte
	seen bool
	// last is the end of what was written: the text may come in pieces.
	last []byte
}

func (l *lookout) Write(b []byte) (int, error) {
	l.last = append(l.last, b...)
	l.seen = l.seen || bytes.Contains(l.last, l.text)
	l.last = l.last[max(0, len(l.last)-len(l.text)):]
	return l.to.Write(b)
}
