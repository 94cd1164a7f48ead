package lies

import "zerocopy-conformance/hack/mutants/liar"

// end is one of the two that a call moves bytes between, for the lies about where it is read or written.
type end struct {
	moving
	// name is "source" or "sink"; descriptor and offset are indices of its arguments.
	name               string
	descriptor, offset int
}

func (m moving) source() end { return end{m, "source", m.from, m.fromOffset} }
func (m moving) sink() end   { return end{m, "sink", m.into, m.intoOffset} }

// has is whether the caller has given an offset.
func (e end) has(c *liar.Call) bool { return e.offset != none && c.Arguments[e.offset] != 0 }

// misplaced are the lies about where an end is read or written next; offset are the clauses of offsets that are given,
// position those of positions, and both those that hold one to be as it was where nothing is moved.
func (e end) misplaced(offset, position, kept []string) (lies []lie) {
	note := func(c *liar.Call) {
		if e.has(c) {
			c.Note, _ = c.Word(c.Arguments[e.offset])
		} else {
			c.Note = c.Position(c.Descriptor(e.descriptor))
		}
	}
	// after gives the offset, or the position, another value: the one that it had, and more.
	after := func(when func(*liar.Call) bool, more int64) []liar.Rule {
		return e.around(note, func(c *liar.Call) {
			switch {
			case !when(c):
			case e.has(c):
				c.SetWord(c.Arguments[e.offset], c.Note+more)
			case c.Note >= 0:
				c.Seek(c.Descriptor(e.descriptor), c.Note+more)
			}
		})
	}
	given := func(c *liar.Call) bool { return moved(c) && e.has(c) }
	notGiven := func(c *liar.Call) bool { return moved(c) && !e.has(c) }
	failed := func(c *liar.Call) bool { return c.Errno != 0 || c.Result == 0 }
	return append(lies,
		tell(e.name+"-offset-stays", "leaves the offset of its "+e.name+" as it was", offset, after(given, 0)),
		tell(e.name+"-offset-one", "has the offset of its "+e.name+" advance by 1, however much it moves", offset, after(given, 1)),
		tell(e.name+"-position-stays", "leaves the position of its "+e.name+" as it was", position, after(notGiven, 0)).losing(),
		tell(e.name+"-position-one", "has the position of its "+e.name+" advance by 1, however much it moves", position, after(notGiven, 1)).losing(),
		tell(e.name+"-position-too", "has the position of its "+e.name+" advance, too, although an offset is given", offset, e.exit(func(c *liar.Call) {
			if given(c) {
				if at := c.Position(c.Descriptor(e.descriptor)); at >= 0 {
					c.Seek(c.Descriptor(e.descriptor), at+c.Result)
				}
			}
		})),
		tell(e.name+"-moves-on-failure", "has the offset or the position of its "+e.name+" advance by 1 although nothing is moved", kept, after(failed, 1)),
	)
}

// elsewhere is the lie that an end is read or written one byte further on than it is asked for.
func (e end) elsewhere(violates ...string) lie {
	return tell(e.name+"-elsewhere", "takes the place that its "+e.name+" is asked for by one byte too far", violates, e.around(func(c *liar.Call) {
		if e.has(c) {
			at, there := c.Word(c.Arguments[e.offset])
			if there && at >= 0 && c.SetWord(c.Arguments[e.offset], at+1) {
				c.Note = 1
			}
		} else if at := c.Position(c.Descriptor(e.descriptor)); at >= 0 {
			c.Seek(c.Descriptor(e.descriptor), at+1)
			c.Note = 1
		}
	}, func(c *liar.Call) {
		if c.Note == 0 {
			return
		}
		if e.has(c) {
			if at, there := c.Word(c.Arguments[e.offset]); there {
				c.SetWord(c.Arguments[e.offset], at-1)
			}
		} else if at := c.Position(c.Descriptor(e.descriptor)); at > 0 {
			c.Seek(c.Descriptor(e.descriptor), at-1)
		}
	})).losing()
}
