package lies

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// The indices of mmap(2)'s arguments.
const (
	mmapLength = 1 + iota
	mmapProtection
	mmapFlags
	mmapDescriptor
	mmapOffset
)

// mmap is that of files: Go's own memory has none.
var mmap = calls{[]uintptr{unix.SYS_MMAP}, func(c *liar.Call) bool { return c.Arguments[mmapFlags]&unix.MAP_ANONYMOUS == 0 }}

// mmapOfFile is that of what has bytes.
var mmapOfFile = calls{mmap.numbers, func(c *liar.Call) bool {
	kind := c.Arguments[mmapFlags] & unix.MAP_TYPE
	return mmap.of(c) && (kind == unix.MAP_SHARED || kind == unix.MAP_PRIVATE) && c.Is(c.Descriptor(mmapDescriptor), unix.S_IFREG)
}}

var writing = calls{numbers: []uintptr{unix.SYS_WRITE}}

// somewhere is an address where nothing is: nobody looks there who expects an error.
const somewhere = 1 << 16

var mmapLies = family{
	name: "mmap", filter: "/^MMAP-/",
	lies: slices.Concat(
		named("", mmap.failing(somewhere, "MMAP-UNALIGNED", "MMAP-EMPTY", "MMAP-ACCESS", "MMAP-NO-DEVICE", "MMAP-BAD-DESCRIPTOR", "MMAP-FLAGS", "MMAP-HUGE-UNALIGNED"),
			"/^MMAP-(UNALIGNED|EMPTY|ACCESS|NO-DEVICE|BAD-DESCRIPTOR|FLAGS|HUGE-UNALIGNED|CLOSED|NO-ACCESS)/"),
		[]lie{
			tell("anonymous", "maps memory of its own, not the file", []string{"MMAP-ACCESS", "MMAP-CONTENT", "MMAP-SEES-WRITES", "MMAP-SEEN-BY-READS", "MMAP-SENT", "MMAP-CLOSED",
				"MMAP-PRIVATE*", "MMAP-FAULTS", "MMAP-POPULATE", "MMAP-TAIL-*", "MMAP-REGROWN", "MMAP-SIGBUS", "MMAP-WRITE-*", "MMAP-HUGE*"},
				mmapOfFile.entry(func(c *liar.Call) {
					c.Argument(mmapFlags, c.Arguments[mmapFlags]|unix.MAP_ANONYMOUS)
					c.Argument(mmapDescriptor, ^uint64(0))
				})),
			tell("snapshot", "maps what the file holds at that moment, and nothing of what becomes of it", []string{"MMAP-SEES-WRITES", "MMAP-SEEN-BY-READS",
				"MMAP-FAULTS", "MMAP-TAIL-*", "MMAP-REGROWN", "MMAP-SIGBUS", "MMAP-WRITE-*", "MMAP-ACCESS"}, mmapOfFile.around(snapshot, fill)),
			tell("shared-as-private", "takes MAP_SHARED for MAP_PRIVATE", []string{"MMAP-SEEN-BY-READS", "MMAP-TAIL-LOST"},
				mmap.entry(func(c *liar.Call) {
					if flags := c.Arguments[mmapFlags]; flags&unix.MAP_TYPE == unix.MAP_SHARED {
						c.Argument(mmapFlags, flags&^unix.MAP_TYPE|unix.MAP_PRIVATE)
					}
				})).within("MMAP-SEEN-BY-READS || MMAP-TAIL-LOST || MMAP-CONTENT"),
			tell("MAP_POPULATE-dropped", "ignores MAP_POPULATE", []string{"MMAP-POPULATE"},
				mmap.entry(func(c *liar.Call) { c.Argument(mmapFlags, c.Arguments[mmapFlags]&^unix.MAP_POPULATE) })).within("MMAP-POPULATE || MMAP-FAULTS"),
			tell("MAP_POPULATE-added", "has every page there at once, though nobody asked for that", []string{"MMAP-FAULTS"},
				mmap.entry(func(c *liar.Call) { c.Argument(mmapFlags, c.Arguments[mmapFlags]|unix.MAP_POPULATE) })).within("MMAP-POPULATE || MMAP-FAULTS"),
			tell("PROT_NONE-readable", "allows reading where no access is to be allowed", []string{"MMAP-NO-ACCESS"},
				mmap.entry(func(c *liar.Call) { c.Argument(mmapProtection, c.Arguments[mmapProtection]|unix.PROT_READ) })).within("MMAP-NO-ACCESS || MMAP-CONTENT"),
			tell("tail-poisoned", "shows something behind the end of the file", []string{"MMAP-TAIL-ZERO"}, mmapOfFile.entry(poisonTail)).within("/MMAP-TAIL/"),
			tell("cuts-nothing", "does not cut a file that is mapped (ftruncate)", []string{"MMAP-TAIL-CUT", "MMAP-REGROWN", "MMAP-SIGBUS", "MMAP-WRITE-*"},
				calls{numbers: []uintptr{unix.SYS_FTRUNCATE}}.entry(func(c *liar.Call) {
					if int64(c.Arguments[1]) < size(c, c.Descriptor(0)) {
						c.Answer(0)
					}
				})).within("/^MMAP-(TAIL|REGROWN|SIGBUS|WRITE)/"),
		},
		named("write-", writing.failing(0, "MMAP-WRITE-*", "MMAP-NO-ACCESS"), "/^MMAP-(WRITE|NO-ACCESS)/"),
	),
}

// named are lies with a prefix to their names, told to fewer specs.
func named(prefix string, lies []lie, filter string) (some []lie) {
	for _, l := range lies {
		l.name = prefix + l.name
		some = append(some, l.within(filter))
	}
	return some
}

// snapshot makes the mapping one of memory, fill puts there what the file holds.
func snapshot(c *liar.Call) {
	c.Note = int64(c.Descriptor(mmapDescriptor)) + 1
	c.Argument(mmapFlags, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	c.Argument(mmapDescriptor, ^uint64(0))
}

func fill(c *liar.Call) {
	if c.Note == 0 || c.Errno != 0 {
		return
	}
	c.With(int(c.Note-1), func(fd int) {
		held := make([]byte, (c.Arguments[mmapLength]+pageBytes-1)/pageBytes*pageBytes)
		n, err := unix.Pread(fd, held, int64(c.Arguments[mmapOffset]))
		if err == nil {
			c.Force(uint64(c.Result), held[:n])
		}
	})
}

// size is that of an open file.
func size(c *liar.Call, descriptor int) (bytes int64) {
	c.With(descriptor, func(fd int) {
		var stat unix.Stat_t
		if unix.Fstat(fd, &stat) == nil {
			bytes = stat.Size
		}
	})
	return bytes
}

// poisonTail writes behind the end of the file, into its last page.
func poisonTail(c *liar.Call) {
	page := int64(pageBytes)
	c.With(c.Descriptor(mmapDescriptor), func(fd int) {
		end := size(c, c.Descriptor(mmapDescriptor))
		writer, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil || end%page == 0 {
			return
		}
		defer unix.Close(writer)
		last, err := unix.Mmap(writer, end/page*page, int(page), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return
		}
		for i := range last[end%page:] {
			last[end%page:][i] = poison
		}
		_ = unix.Munmap(last)
	})
}

// poison is what nobody has written.
const poison = 0xdb
