package lies

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// calls are several that are lied about alike.
type calls struct {
	numbers []uintptr
	// of says which of them are the clauses'; nil: all.
	of func(*liar.Call) bool
}

func (k calls) entry(do func(*liar.Call)) []liar.Rule { return k.around(do, nil) }
func (k calls) exit(do func(*liar.Call)) []liar.Rule  { return k.around(nil, do) }

// around are rules for the calls that are lied to. An exit behind an entry knows by what that has noted: the arguments
// may not be those any more by which they are told.
func (k calls) around(entry, exit func(*liar.Call)) []liar.Rule {
	only := func(do func(*liar.Call)) func(*liar.Call) {
		if do == nil || k.of == nil {
			return do
		}
		return func(c *liar.Call) {
			if k.of(c) {
				do(c)
			}
		}
	}
	if entry == nil {
		exit = only(exit)
	}
	return []liar.Rule{{Calls: k.numbers, Entry: only(entry), Exit: exit}}
}

// failing are the lies about errors: that each is another, and that there was none, but this result.
func (k calls) failing(success int64, violates ...string) []lie {
	failed := func(do func(*liar.Call)) []liar.Rule {
		return k.exit(func(c *liar.Call) {
			if c.Errno != 0 {
				do(c)
			}
		})
	}
	return []lie{
		tell("errors-as-EIO", "gives EIO where it is to fail otherwise", violates, failed(func(c *liar.Call) { c.Refuse(unix.EIO) })),
		tell("errors-as-success", "succeeds where it is to fail", violates, failed(func(c *liar.Call) { c.Answer(success) })),
	}
}

// refusing is the lie that a call cannot be done.
func (k calls) refusing(name string, errno unix.Errno, violates ...string) lie {
	return tell(name, "fails with "+unix.ErrnoName(errno)+" where it is to succeed", violates, k.entry(func(c *liar.Call) { c.Refuse(errno) }))
}

// oneFewer is the lie that a call has moved one byte fewer than it has.
func (k calls) oneFewer(violates ...string) lie {
	return tell("one-fewer", "says one byte fewer than it has moved", violates, k.exit(func(c *liar.Call) {
		if moved(c) {
			c.Answer(c.Result - 1)
		}
	}))
}
