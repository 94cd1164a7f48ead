package adversity

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// littleMemory is for all processes of a run and the page cache of their files: about twice what a run uses on a machine
// that has more.
const littleMemory = 96 << 20

// memories are what a control group keeps from a run.
var memories = []Condition{
	controlled("little-memory", "a run and its page cache have 96 MiB (memory.max of a control group of its own)",
		controller{"memory", "memory.max", "memory", "memory.limit_in_bytes"},
		func(bool) (string, error) { return fmt.Sprint(littleMemory), nil }),
	controlled("slow-disk", "the disk gives a run 8 MiB/s (io.max of a control group of its own)",
		controller{"io", "io.max", "blkio", "blkio.throttle.read_bps_device"}, slowly),
}

// slowly limits what is read from the disk that temporary files are on.
func slowly(unified bool) (string, error) {
	folder, err := onDisk()
	if err != nil {
		return "", err
	}
	var stat unix.Stat_t
	if err := unix.Stat(folder, &stat); err != nil {
		return "", os.NewSyscallError("stat", err)
	}
	device := fmt.Sprintf("%d:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev))
	// A partition is read through its disk, and only that can be limited.
	if text, err := os.ReadFile("/sys/dev/block/" + device + "/partition"); err == nil && len(text) > 0 {
		whole, err := os.ReadFile("/sys/dev/block/" + device + "/../dev")
		if err != nil {
			return "", err
		}
		device = string(whole[:len(whole)-1])
	}
	if unified {
		return device + " rbps=8388608", nil
	}
	return device + " 8388608", nil
}
