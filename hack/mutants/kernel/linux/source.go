package linux

import (
	"context"
	"os"
	"path/filepath"
)

// leftOut are files of the tarball that no User-Mode Linux is made of, as tar(1) takes patterns: most of its bytes. What
// configures them is read all the same.
var leftOut = []string{
	"*/Documentation/*.rst", "*/Documentation/devicetree/*", "*/tools/testing/*", "*/tools/perf/*", "*/samples/*.[ch]", "*/boot/dts/*",
	"*/arch/arm*/*.[chS]", "*/arch/loongarch/*.[chS]", "*/arch/m68k/*.[chS]", "*/arch/mips/*.[chS]", "*/arch/powerpc/*.[chS]", "*/arch/riscv/*.[chS]",
	"*/arch/s390/*.[chS]", "*/arch/sh/*.[chS]", "*/arch/sparc/*.[chS]", "*/sound/*.[ch]",
	"*/drivers/gpu/*.[ch]", "*/drivers/media/*.[ch]", "*/drivers/staging/*.[ch]", "*/drivers/net/ethernet/*.[ch]", "*/drivers/net/wireless/*.[ch]",
	"*/drivers/infiniband/*.[ch]", "*/drivers/scsi/*.[ch]", "*/drivers/iio/*.[ch]", "*/drivers/clk/*.[ch]", "*/drivers/pinctrl/*.[ch]",
}

func (t *Tree) source() string { return filepath.Join(t.folder, "source") }

// unpack makes the source, if it is not there: whole, or not at all. The caller has the lock.
func (t *Tree) unpack(ctx context.Context) error {
	if exists(t.source()) {
		return nil
	}
	t.say("the source of Linux " + t.Version + " is unpacked")
	unfinished := t.source() + ".unfinished"
	// Left by a process that was killed.
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return err
	}
	arguments := []string{"--extract", "--file", t.tarball, "--directory", unfinished, "--strip-components=1"}
	for _, pattern := range leftOut {
		arguments = append(arguments, "--exclude="+pattern)
	}
	if err := t.run(ctx, nil, "tar", arguments...); err != nil {
		return err
	}
	if err := t.patch(ctx, unfinished, onThisMachine); err != nil {
		return err
	}
	return os.Rename(unfinished, t.source())
}
