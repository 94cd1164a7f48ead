package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// madvise is that about files: Go's runtime gives advice about its own memory.
var madvise = calls{[]uintptr{unix.SYS_MADVISE}, func(c *liar.Call) bool { return c.MapsFile(c.Arguments[0]) }}

var madviseLies = family{
	name: "madvise", filter: "/^MADVISE-/",
	lies: slices.Concat(
		madvise.failing(0, "MADVISE-POPULATE-PAST-END", "MADVISE-ERRORS"),
		[]lie{
			madvise.refusing("refused", unix.EIO, "MADVISE-*"),
			tell("ignored", "does nothing, and says that all is well", []string{"MADVISE-DONTNEED-PRIVATE", "MADVISE-POPULATE*", "MADVISE-ERRORS"},
				madvise.entry(func(c *liar.Call) { c.Answer(0) })),
			tell("forgets", "leaves zeros in the mapping", []string{"MADVISE-KEEPS", "MADVISE-DONTNEED-*", "MADVISE-POPULATE*"},
				madvise.around(forget, forgotten)).within("!MADVISE-ERRORS"),
		},
	),
}

// forget maps other memory over the file, and forgotten says that all is well.
func forget(c *liar.Call) {
	c.Note = 1
	c.Become(unix.SYS_MMAP)
	c.Argument(mmapProtection, unix.PROT_READ|unix.PROT_WRITE)
	c.Argument(mmapFlags, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED)
	c.Argument(mmapDescriptor, ^uint64(0))
	c.Argument(mmapOffset, 0)
}

func forgotten(c *liar.Call) {
	if c.Note == 1 {
		c.Answer(0)
	}
}
