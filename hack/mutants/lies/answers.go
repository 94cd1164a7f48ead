package lies

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// refusal is an error that clauses name, and which clauses they are.
type refusal struct {
	errno unix.Errno
	named []string
}

// misnamed are, for each error that the clauses of a call name, the lies that it is another, and that there was none.
func (m moving) misnamed(refusals ...refusal) (lies []lie) {
	for _, r := range refusals {
		name := unix.ErrnoName(r.errno)
		when := func(do func(*liar.Call)) []liar.Rule {
			return m.exit(func(c *liar.Call) {
				if c.Errno == r.errno {
					do(c)
				}
			})
		}
		lies = append(lies,
			tell(name+"-as-EIO", fmt.Sprintf("gives EIO where it is to fail with %s", name), r.named,
				when(func(c *liar.Call) { c.Refuse(unix.EIO) })),
			tell(name+"-as-success", fmt.Sprintf("returns 0 where it is to fail with %s", name), r.named,
				when(func(c *liar.Call) { c.Answer(0) })),
		)
	}
	return lies
}

// miscounted are the lies about how much a call has moved; violates are the clauses that hold it to a count.
func (m moving) miscounted(violates ...string) []lie {
	return slices.Concat(everywhere(
		tell("one-fewer", "says one byte fewer than it has moved", violates, m.exit(func(c *liar.Call) {
			if moved(c) {
				c.Answer(c.Result - 1)
			}
		})),
	), []lie{
		tell("one-more", "says one byte more than it has moved", violates, m.exit(func(c *liar.Call) {
			if moved(c) {
				c.Answer(c.Result + 1)
			}
		})).losing(),
		tell("nothing", "moves nothing, and returns 0", violates, m.entry(func(c *liar.Call) { c.Answer(0) })).losing(),
	})
}

// failing is the lie that a call has failed which has moved something.
func (m moving) failing(violates ...string) lie {
	return tell("success-as-EIO", "fails with EIO when it has moved something", violates, m.exit(func(c *liar.Call) {
		if moved(c) {
			c.Refuse(unix.EIO)
		}
	})).losing()
}

// misdone are the lies about what a call is asked for, of one that is told a length.
func (m moving) misdone(violates ...string) []lie {
	return []lie{
		tell("half", "moves half of what it is asked for", violates, m.entry(func(c *liar.Call) {
			if n := c.Arguments[m.length]; n > 1 {
				c.Argument(m.length, n/2)
			}
		})).losing(),
		tell("nothing-as-all", "moves nothing, and says that it was all", violates, m.entry(func(c *liar.Call) { c.Answer(int64(c.Arguments[m.length])) })).losing(),
	}
}

// sleepy is the lie that whoever waits for what a call has moved is not woken.
func (m moving) sleepy(violates ...string) lie {
	return tell("wakes-nobody", "wakes nobody by what it says that it has moved", violates,
		m.entry(func(c *liar.Call) { c.Answer(int64(c.Arguments[m.length])) })).hanging()
}

// twice is the lie that a call moves as much once more.
func (m moving) twice(violates ...string) lie {
	return tell("twice", "moves as much once more, and does not say so", violates, m.exit(func(c *liar.Call) {
		if moved(c) {
			c.Again()
		}
	})).losing()
}

// endless is the lie that there was a byte where there is none; violates are the clauses of an end.
func (m moving) endless(violates ...string) lie {
	return tell("one-of-nothing", "returns 1 where there is nothing to be moved", violates, m.exit(func(c *liar.Call) {
		if c.Errno == 0 && c.Result == 0 {
			c.Answer(1)
		}
	})).losing()
}
