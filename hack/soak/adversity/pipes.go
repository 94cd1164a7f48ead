package adversity

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// poor is the user whose pipes are used up: one of the soak's own, so that nobody else's get smaller. An ordinary user's
// soak has only that user, all of whose new pipes are small for the while.
const poor = 64815

// fillPipes takes as many pages of pipes as one user may have before new pipes get smaller (pipe(7),
// /proc/sys/fs/pipe-user-pages-soft). They are counted, not allocated.
func fillPipes() error {
	text, err := os.ReadFile("/proc/sys/fs/pipe-user-pages-soft")
	if err != nil {
		return err
	}
	soft, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	for {
		var ends [2]int
		if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
			return fmt.Errorf("a pipe that is to be full: %w", err)
		}
		size, err := unix.FcntlInt(uintptr(ends[0]), unix.F_GETPIPE_SZ, 0)
		if err != nil {
			return fmt.Errorf("F_GETPIPE_SZ: %w", err)
		}
		if size <= 2*os.Getpagesize() {
			return nil
		}
		// The largest first: each takes two descriptors.
		for bytes := min(soft*os.Getpagesize(), 1<<20); bytes > size; bytes /= 2 {
			if _, err := unix.FcntlInt(uintptr(ends[0]), unix.F_SETPIPE_SZ, bytes); err == nil {
				break
			}
		}
	}
}

// softPipes says why no user's pipes can be used up.
func softPipes() error {
	text, err := os.ReadFile("/proc/sys/fs/pipe-user-pages-soft")
	if err != nil {
		return missing("a limit of a user's pipes", err.Error(), "mount /proc")
	}
	if limit := strings.TrimSpace(string(text)); limit == "0" {
		return missing("a limit of a user's pipes", "fs.pipe-user-pages-soft is 0", "set sysctl fs.pipe-user-pages-soft to 16384")
	}
	return nil
}

func poseSmallPipes(r *Run) (func() error, error) {
	var as *syscall.Credential
	if os.Geteuid() == 0 {
		as = &syscall.Credential{Uid: poor, Gid: poor}
		r.become(poor)
	}
	return helper("pipes", as)
}
