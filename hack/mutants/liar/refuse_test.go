package liar_test

import (
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

func init() {
	maps.Copy(scenes, map[string]scene{
		"calls that are refused on all threads, and no others": {nil, func() string {
			begin, found := make(chan struct{}), make(chan error)
			go func() {
				runtime.LockOSThread()
				<-begin
				_, err := unix.Sendfile(file(), file(), nil, 4)
				found <- err
			}()
			if err := liar.Refuse(unix.EXDEV, unix.SYS_SENDFILE, unix.SYS_TEE); err != nil {
				return err.Error()
			}
			_, here := unix.Sendfile(file(), file(), nil, 4)
			_, tee := unix.Tee(-1, -1, 1, 0)
			_, splice := unix.Splice(-1, nil, -1, nil, 1, 0)
			close(begin)
			return fmt.Sprint(here, "; ", <-found, "; ", tee, "; ", splice)
		}, "invalid cross-device link; invalid cross-device link; invalid cross-device link; bad file descriptor"},
		"what its process starts the truth": {[]liar.Rule{{Calls: []uintptr{unix.SYS_READ}}}, func() string {
			said, err := exec.Command("cat", "/proc/self/status").Output()
			if err != nil {
				return err.Error()
			}
			_, behind, _ := strings.Cut(string(said), "TracerPid:\t")
			tracer, _, _ := strings.Cut(behind, "\n")
			return tracer
		}, "0"},
	})
}
