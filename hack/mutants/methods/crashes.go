package methods

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// never are the requirements that no transfer keeps that does not end: all, but for those on methods of other kinds.
var never = []string{"INTEGRITY-*", "COST-*", "COPIES-*", "SAFETY-*"}

// crashes is how a transfer can end its process, or not end.
var crashes = []mutation{
	{"segmentation-fault", "it touches memory that there is not", never, []trial{atHome("INTEGRITY-RANGE", "COST-CALLS", "COPIES-USER")},
		instead(func(*impl.Transfer) (int64, error) {
			forbidden, err := unix.Mmap(-1, 0, page, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
			return int64(forbidden[0]), err
		})},
	{"bus-error", "it touches a mapping of its source behind the end", never, []trial{atHome("INTEGRITY-RANGE", "COST-CALLS", "COPIES-USER")},
		only(ofSmall, instead(func(t *impl.Transfer) (int64, error) {
			mapping, err := unix.Mmap(t.Source, 0, int(t.SourceBytes)+2*page, unix.PROT_READ, unix.MAP_SHARED)
			return int64(mapping[len(mapping)-1]), err
		}))},
	{"panic", "it panics", never, []trial{atHome("INTEGRITY-RANGE", "COST-CALLS", "COPIES-USER")},
		instead(func(*impl.Transfer) (int64, error) { panic("a mutated method panics") })},
	{"exit", "it ends the process", never, []trial{atHome("INTEGRITY-RANGE", "COST-CALLS", "COPIES-USER")},
		instead(func(*impl.Transfer) (int64, error) { os.Exit(0); return 0, nil })},
	{"stuck", "it waits for what never comes", never, []trial{stuck},
		only(each, instead(func(*impl.Transfer) (int64, error) {
			var ends [2]int
			if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
				return 0, err
			}
			n, err := unix.Read(ends[0], make([]byte, 1))
			return int64(n), err
		}))},
	{"endless", "it goes on for ever, and makes no call", never, []trial{stuck},
		only(each, instead(func(*impl.Transfer) (int64, error) {
			for forever := time.Now(); ; {
				_ = time.Since(forever)
			}
		}))},
}

// each is one method of each family: to wait for all of them would take minutes, and shows no more.
var each = oneOf("read+write", "mmap+write", "sendfile", "splice", "copy_file_range", "zerocopy-send", "go-copy-tcp")
