package keeper

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// strays waits for the children to end by themselves, and names and ends those that do not.
func (k Keeper) strays() (names []string) {
	if reaped(time.Now().Add(k.Grace)) {
		return nil
	}
	// The children of those that are ended become the keeper's own.
	for len(names) == 0 || !reaped(time.Now().Add(time.Second)) {
		pids := ChildrenOf(os.Getpid())
		if len(pids) == 0 {
			return append(names, "a process that /proc does not show")
		}
		for _, pid := range pids {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			names = append(names, strings.ReplaceAll(strings.Trim(string(text), "\x00"), "\x00", " "))
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
	return names
}

// reaped waits for the end of all children, and says whether it came.
func reaped(deadline time.Time) bool {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		switch {
		case err == unix.ECHILD:
			return true
		case err == unix.EINTR || pid > 0:
		case time.Now().After(deadline):
			return false
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

// ChildrenOf are the processes whose parent is that one.
func ChildrenOf(parent int) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		// The name before it, in brackets, may hold anything (proc_pid_stat(5)).
		_, rest, _ := strings.Cut(string(text[max(0, strings.LastIndexByte(string(text), ')')):]), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}
