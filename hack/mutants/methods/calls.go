package methods

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// calls is what can be wrong with how many calls a transfer takes.
var calls = []mutation{
	{"one-call-more-on-source", "its source is looked at once more", []string{"COST-CALLS"},
		[]trial{home, everywhere("COST-CALLS")},
		only(ofFiles, before(func(t *impl.Transfer) { _ = unix.Fstat(t.Source, new(unix.Stat_t)) }))},
	{"one-call-more-on-sink", "its sink is looked at once more", []string{"COST-CALLS", "TEXTBOOK-*"}, []trial{home, table},
		only(ofFiles, before(func(t *impl.Transfer) { _, _ = unix.FcntlInt(uintptr(t.Sink), unix.F_GETFL, 0) }))},
	{"one-call-more-elsewhere", "a file is opened and closed that has nothing to do with it", []string{"COST-CALLS"}, []trial{home},
		only(ofFiles, before(func(*impl.Transfer) {
			if fd, err := unix.Open("/", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
				_ = unix.Close(fd)
			}
		}))},
	{"chunks-halved", "each chunk is moved in two halves", []string{"COST-CALLS"}, []trial{home},
		only(and(ofFiles, counted), set(func(t *impl.Transfer) { t.Chunk = (t.Chunk + 1) / 2 }))},
	{"chunks-doubled", "two chunks are moved as one", []string{"COST-CALLS", "COST-FAULTS"}, []trial{home},
		// A pipe of the usual size has no room for more than a chunk.
		only(and(ofFiles, counted, not(oneOf("splice-fresh-pipe"))), set(func(t *impl.Transfer) {
			t.Chunk *= 2
			t.Buffer = make([]byte, t.Chunk)
		}))},
	{"mapped-beside", "its source is mapped once more, and that mapping is given back", []string{"COST-CALLS"}, []trial{home},
		only(ofSmall, before(func(t *impl.Transfer) {
			if memory, err := unix.Mmap(t.Source, 0, page, unix.PROT_READ, unix.MAP_SHARED); err == nil {
				_ = unix.Munmap(memory)
			}
		}))},
	{"descriptor-copied-beside", "its source's descriptor is copied, and the copy closed", []string{"COST-CALLS"}, []trial{home},
		only(ofFiles, before(func(t *impl.Transfer) {
			if fd, err := unix.Dup(t.Source); err == nil {
				_ = unix.Close(fd)
			}
		}))},
}
