package methods

import (
	"runtime"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// left behind is seen by one look at the process. More transfers than that takes would run it out of descriptors.
var tidiness = []trial{atHome("SAFETY-LEFTOVERS")}

// leftovers is what a transfer can leave behind in its process. It is left where no cost is measured.
var leftovers = []mutation{
	{"source-closed", "its source's descriptor is closed", untidy, tidiness,
		only(ofFiles, leaving(func(t *impl.Transfer) { _ = unix.Close(t.Source) }))},
	{"sink-closed", "its sink's descriptor is closed", untidy, tidiness,
		only(ofFiles, leaving(func(t *impl.Transfer) { _ = unix.Close(t.Sink) }))},
	{"source-kept", "a copy of its source's descriptor stays open", untidy, []trial{everywhere("SAFETY-LEFTOVERS")},
		only(ofFiles, leaving(func(t *impl.Transfer) { _, _ = unix.Dup(t.Source) }))},
	{"pipe-kept", "a pipe stays open", untidy, tidiness,
		only(ofFiles, leaving(func(*impl.Transfer) { _ = unix.Pipe(make([]int, 2)) }))},
	{"descriptor-kept", "a descriptor stays open that has nothing to do with it", untidy, tidiness,
		only(ofFiles, leaving(func(*impl.Transfer) { _, _ = unix.Open("/", unix.O_RDONLY, 0) }))},
	{"mapping-kept", "a mapping of its source stays", untidy, tidiness,
		only(ofSmall, leaving(func(t *impl.Transfer) {
			_, _ = unix.MmapPtr(t.Source, 0, nil, uintptr(page), unix.PROT_READ, unix.MAP_SHARED)
		}))},
	{"thread-kept", "a thread goes on", untidy, tidiness,
		only(each, leaving(func(*impl.Transfer) {
			begun := make(chan struct{})
			go func() {
				runtime.LockOSThread()
				close(begun)
				select {}
			}()
			<-begun
		}))},
	{"directory-changed", "the process is in another directory", untidy, tidiness,
		only(ofFiles, leaving(func(*impl.Transfer) {
			folder = (folder + 1) % len(folders)
			_ = unix.Chdir(folders[folder])
		}))},
	{"umask-changed", "the process has another umask", untidy, tidiness,
		only(ofFiles, leaving(func(*impl.Transfer) { unix.Umask((unix.Umask(0) + 1) % 0o777) }))},
	{"limit-changed", "the process may have fewer descriptors", untidy, tidiness,
		only(ofFiles, leaving(func(*impl.Transfer) {
			var limit unix.Rlimit
			if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
				limit.Cur--
				_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
			}
		}))},
}

var untidy = []string{"SAFETY-LEFTOVERS"}

// folders are where the process is taken to, one after the other: what comes next is another than before.
var (
	folders = []string{"/", "/proc", "/dev"}
	folder  int
)
