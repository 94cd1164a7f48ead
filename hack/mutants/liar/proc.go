package liar

import (
	"fmt"
	"os"
	"strings"
)

// MapsFile says whether a file is mapped at an address of the caller's.
func (c *Call) MapsFile(at uint64) bool {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/maps", c.thread.tracer.pid))
	for line := range strings.Lines(string(text)) {
		var from, to, offset, inode uint64
		var access, device string
		// proc_pid_maps(5): what is no file's has the inode 0.
		if _, err := fmt.Sscanf(line, "%x-%x %s %x %s %d", &from, &to, &access, &offset, &device, &inode); err == nil && from <= at && at < to {
			return inode != 0
		}
	}
	return false
}

// Force writes to the caller's memory also where it could not do so itself, and says whether it did: a page that is
// mapped privately becomes the caller's own.
func (c *Call) Force(at uint64, data []byte) bool {
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", c.thread.tracer.pid), os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer memory.Close()
	n, err := memory.WriteAt(data, int64(at))
	return err == nil && n == len(data)
}

// Name is what a descriptor stands for, as proc_pid_fd(5) names it; empty where the caller does not have it.
func (c *Call) Name(descriptor int) string {
	name, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", c.thread.tracer.pid, descriptor))
	return name
}
