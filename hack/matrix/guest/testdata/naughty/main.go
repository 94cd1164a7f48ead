// Command naughty stands for a suite in a guest, and does what its argument says: what must never come to be a column
// that looks whole.
package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	fmt.Println("naughty:", os.Args[1])
	switch os.Args[1] {
	case "panic":
		// "c": a crash (Documentation/admin-guide/sysrq.rst).
		must(os.WriteFile("/proc/sys/kernel/sysrq", []byte("1"), 0))
		must(os.WriteFile("/proc/sysrq-trigger", []byte("c"), 0))
	case "hang":
	case "memory":
		for hog := [][]byte{}; ; {
			block := make([]byte, 64<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			hog = append(hog, block)
		}
	case "power off":
		must(unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF))
	case "reboot":
		must(unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART))
	case "talk":
		line, err := os.OpenFile(os.Args[2], os.O_WRONLY, 0)
		must(err)
		_, err = line.WriteString("a remark in the middle of what the guest says")
		must(err)
	default:
		os.Exit(7)
	}
	time.Sleep(time.Hour) // the end comes from elsewhere
}

func must(err error) {
	if err != nil {
		fmt.Println("naughty:", err)
		os.Exit(8)
	}
}
