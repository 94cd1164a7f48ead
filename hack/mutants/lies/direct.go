package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// isDirect says whether a descriptor is open with O_DIRECT.
func isDirect(c *liar.Call, descriptor int) bool { return c.Flags(descriptor)&unix.O_DIRECT != 0 }

// directReads and directWrites are of such descriptors, directSends are from one.
var (
	directReads  = calls{[]uintptr{unix.SYS_READ, unix.SYS_PREAD64}, func(c *liar.Call) bool { return isDirect(c, c.Descriptor(0)) }}
	directWrites = calls{[]uintptr{unix.SYS_WRITE, unix.SYS_PWRITE64}, directReads.of}
	directSends  = calls{[]uintptr{unix.SYS_SENDFILE}, func(c *liar.Call) bool { return isDirect(c, c.Descriptor(1)) }}
)

var directLies = family{
	name: "O_DIRECT", filter: "/^DIRECT-/",
	lies: slices.Concat(
		named("", directReads.failing(0, "DIRECT-UNALIGNED", "DIRECT-FAULT"), "DIRECT-UNALIGNED || DIRECT-FAULT || DIRECT-ALIGNMENT"),
		[]lie{
			directReads.oneFewer("DIRECT-READ", "DIRECT-SEES-CACHED", "DIRECT-ALIGNMENT", "DIRECT-UNCACHED", "DIRECT-UNALIGNED", "DIRECT-SWITCHED"),
			tell("zeros", "reads zeros", []string{"DIRECT-READ", "DIRECT-SEES-CACHED", "DIRECT-ALIGNMENT", "DIRECT-UNCACHED", "DIRECT-UNALIGNED", "DIRECT-SWITCHED"}, directReads.exit(func(c *liar.Call) {
				if moved(c) {
					c.Write(c.Arguments[1], make([]byte, c.Result))
				}
			})),
			tell("buffered", "ignores O_DIRECT when a file is opened", []string{"DIRECT-UNCACHED", "DIRECT-REFUSED"}, calls{numbers: []uintptr{unix.SYS_OPENAT}}.entry(func(c *liar.Call) {
				c.Argument(2, c.Arguments[2]&^unix.O_DIRECT)
			})).within("DIRECT-UNCACHED || DIRECT-REFUSED || DIRECT-READ"),
			tell("not-switched", "ignores O_DIRECT when flags are set", []string{"DIRECT-SWITCHED", "DIRECT-REFUSED"}, calls{numbers: []uintptr{unix.SYS_FCNTL}}.entry(func(c *liar.Call) {
				if c.Arguments[1] == unix.F_SETFL {
					c.Argument(2, c.Arguments[2]&^unix.O_DIRECT)
				}
			})).within("DIRECT-SWITCHED || DIRECT-REFUSED || DIRECT-READ"),
			tell("writes-nothing", "writes nothing, and says that it was all", []string{"DIRECT-WRITE"}, directWrites.entry(func(c *liar.Call) { c.Answer(int64(c.Arguments[2])) })).within("/^DIRECT-WRITE/"),
			tell("refused-as-EIO", "gives EIO where direct I/O is to be refused", []string{"DIRECT-REFUSED"}, calls{numbers: []uintptr{unix.SYS_OPENAT, unix.SYS_FCNTL}}.exit(func(c *liar.Call) {
				if c.Errno == unix.EINVAL {
					c.Refuse(unix.EIO)
				}
			})).within("DIRECT-REFUSED"),
			tell("alignment-not-told", "does not say how memory is to be aligned", []string{"DIRECT-ALIGNMENT"}, calls{numbers: []uintptr{unix.SYS_STATX}}.exit(func(c *liar.Call) {
				c.Write(c.Arguments[4], make([]byte, 4)) // stx_mask
			})).within("DIRECT-ALIGNMENT"),
		},
		named("sendfile-", append(directSends.failing(0, "DIRECT-SENDFILE"), directSends.oneFewer("DIRECT-SENDFILE")), "DIRECT-SENDFILE"),
	),
}
