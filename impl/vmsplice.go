package impl

import "golang.org/x/sys/unix"

// Vmsplice shares user memory, and the user memory is the page cache: mmap(2) the source, vmsplice(2) the mapping into a
// pipe, splice(2) from there into the sink. The mapping goes when its chunk is moved: the pages stay for who has them.
var Vmsplice = Method{
	Name: "vmsplice",
	Claim: Claim{
		Source:   "mmap(2), vmsplice(2), splice(2)",
		Calls:    map[string]int{"mmap": 1, "vmsplice": 1, "splice": 1},
		Teardown: map[string]int{"munmap": 1},
		Faults:   1,
		Shares:   true, Piped: true,
	},
	Prepare: preparePipe,
	Move:    mapped(unix.MAP_SHARED, ofUsualPages, func(t *Transfer, mapping []byte, skip int) (int, error) { return lend(t, mapping[skip:], 0) }),
}

// lend moves user memory through the transfer's pipe.
func lend(t *Transfer, memory []byte, flags int) (int, error) {
	p := t.Own.(*pipe)
	if err := p.empty(); err != nil {
		return 0, err
	}
	pieces := []unix.Iovec{{Base: &memory[0]}}
	pieces[0].SetLen(len(memory))
	n, err := again(func() (int, error) { return unix.Vmsplice(p.write, pieces, flags) })
	p.held += n
	if err != nil {
		return 0, err
	}
	return p.give(t.Sink, n)
}
