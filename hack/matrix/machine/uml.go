package machine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// UML runs User-Mode Linux: a kernel that is a program.
type UML struct{ Program string }

// Run implements Machine.
func (u UML) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	boot.Job.Own, boot.Job.Line = true, "/dev/ttyS1"
	initramfs, err := initramfs(&boot)
	if err != nil {
		return err
	}
	// Its folder for the management console would be left in the user's home.
	own := filepath.Join(boot.Folder, "uml")
	if err := os.Mkdir(own, 0o700); err != nil {
		return err
	}
	return run(ctx, console, words, exec.Command(u.Program, fmt.Sprintf("mem=%dM", boot.MemoryMiB), "initrd="+initramfs, "uml_dir="+own+"/",
		"con=null", "con0=null,fd:1", "ssl=null", "ssl1=null,fd:3", "panic=-1", "quiet"), true)
}
