package lies

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// safetyLies do what the bugs do that the clauses are about: what is written to a pipe goes into the page that lies
// there, whoever's it is.
var safetyLies = family{
	name: "pages", filter: "SAFETY-PIPE-WRITE || SAFETY-TEE-WRITE || SAFETY-VMSPLICED-WRITE || SAFETY-SPLICED-COPY || /^SAFETY-ALG/",
	lies: []lie{
		tell("written-into-file", "changes the file whose pages were spliced last when a pipe, or another file, is written to", []string{"SAFETY-PIPE-WRITE", "SAFETY-TEE-WRITE", "SAFETY-SPLICED-COPY"},
			intoSpliced(calls{[]uintptr{unix.SYS_WRITE, unix.SYS_PWRITE64}, moved})),
		tell("worked-in-place", "leaves what it makes of spliced pages in the file that they are of", []string{"SAFETY-ALG-*"},
			intoSpliced(calls{[]uintptr{unix.SYS_READ}, func(c *liar.Call) bool { return c.Is(c.Descriptor(0), unix.S_IFSOCK) }})).within("/^SAFETY-ALG/"),
		tell("written-into-memory", "writes what is written to a pipe into the memory that was vmspliced last", []string{"SAFETY-VMSPLICED-WRITE"}, writtenIntoMemory()),
	},
}

// intoSpliced are rules by which calls change the file whose pages were spliced last. The tracer keeps a descriptor of it.
func intoSpliced(by calls) []liar.Rule {
	spliced := -1
	return append(by.exit(func(c *liar.Call) {
		if spliced >= 0 {
			_, _ = unix.Pwrite(spliced, []byte{poison, poison}, 1)
		}
	}), liar.Rule{Calls: []uintptr{unix.SYS_SPLICE}, Entry: func(c *liar.Call) {
		if !c.Is(c.Descriptor(0), unix.S_IFREG) {
			return
		}
		c.With(c.Descriptor(0), func(fd int) {
			if spliced >= 0 {
				_ = unix.Close(spliced)
			}
			spliced, _ = unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_CLOEXEC, 0)
		})
	}})
}

func writtenIntoMemory() []liar.Rule {
	var memory uint64
	return []liar.Rule{
		{Calls: []uintptr{unix.SYS_VMSPLICE}, Entry: func(c *liar.Call) {
			if pieces := c.Pieces(c.Arguments[1], c.Arguments[2]); len(pieces) > 0 {
				memory = pieces[0].At + pieces[0].Length
			}
		}},
		{Calls: []uintptr{unix.SYS_WRITE}, Exit: func(c *liar.Call) {
			if memory == 0 || !moved(c) {
				return
			}
			data := make([]byte, c.Result)
			if c.Read(c.Arguments[1], data) {
				c.Write(memory, data)
			}
		}},
	}
}
