package lies

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// flagged are rules by which an end is as if it had been opened with other flags, for the call's time.
func (m moving) flagged(descriptor int, flags func(flags int) int) []liar.Rule {
	return m.around(func(c *liar.Call) {
		was := c.Flags(c.Descriptor(descriptor))
		if now := flags(was); now != was {
			c.SetFlags(c.Descriptor(descriptor), now)
			c.Note = int64(was) + 1
		}
	}, func(c *liar.Call) {
		if c.Note > 0 {
			c.SetFlags(c.Descriptor(descriptor), int(c.Note-1))
		}
	})
}

// impatient is the lie that a call does not wait for that end, whatever it was opened as; violates are the clauses of waits.
func (e end) impatient(violates ...string) lie {
	return tell("impatient-for-"+e.name, "does not wait for its "+e.name, violates,
		e.flagged(e.descriptor, func(flags int) int { return flags | unix.O_NONBLOCK }))
}

// patient is the lie that it waits for that end although it is non-blocking.
func (e end) patient(violates ...string) lie {
	return tell("patient-for-"+e.name, "waits for its "+e.name+" although that is non-blocking", violates,
		e.flagged(e.descriptor, func(flags int) int { return flags &^ unix.O_NONBLOCK })).hanging()
}

// appending is the lie that a sink may be appended to.
func (m moving) appending(violates ...string) lie {
	return tell("O_APPEND-accepted", "takes a sink that was opened O_APPEND", violates,
		m.flagged(m.into, func(flags int) int { return flags &^ unix.O_APPEND }))
}

// deaf is the lie that a call which is interrupted goes on to wait.
func (m moving) deaf(violates ...string) lie {
	return tell("EINTR-as-hang", "does not return when a signal interrupts it", violates, m.exit(func(c *liar.Call) {
		if c.Errno == unix.EINTR {
			c.Never()
		}
	})).hanging()
}

// stuck is the lie that a call that has moved something does not return.
func (m moving) stuck(violates ...string) lie {
	return tell("hangs", "does not return when it has moved something", violates, m.exit(func(c *liar.Call) {
		if moved(c) {
			c.Never()
		}
	})).hanging()
}
