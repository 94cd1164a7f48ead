package lies

import "zerocopy-conformance/hack/mutants/liar"

// atEntry and atExit are the rules of a lie about one call.
func atEntry(call uintptr, do func(*liar.Call)) []liar.Rule {
	return []liar.Rule{{Calls: []uintptr{call}, Entry: do}}
}

func atExit(call uintptr, do func(*liar.Call)) []liar.Rule {
	return []liar.Rule{{Calls: []uintptr{call}, Exit: do}}
}

func around(call uintptr, entry, exit func(*liar.Call)) []liar.Rule {
	return []liar.Rule{{Calls: []uintptr{call}, Entry: entry, Exit: exit}}
}

// none is the index of an argument that a call does not have.
const none = -1

// moving says where a call that moves bytes has what every such call has.
type moving struct {
	number uintptr
	// from, into, length and flags are indices of arguments, fromOffset and intoOffset of pointers to offsets.
	from, into, fromOffset, intoOffset, length, flags int
	// stage says that a call is none of the clauses', but sets the stage for one: it is told the truth.
	stage func(*liar.Call) bool
}

// lied is whether a call is lied to.
func (m moving) lied(c *liar.Call) bool { return m.stage == nil || !m.stage(c) }

// entry, exit and around are rules for the calls that are lied to.
func (m moving) entry(do func(*liar.Call)) []liar.Rule { return m.around(do, nil) }
func (m moving) exit(do func(*liar.Call)) []liar.Rule  { return m.around(nil, do) }

func (m moving) around(entry, exit func(*liar.Call)) []liar.Rule {
	only := func(do func(*liar.Call)) func(*liar.Call) {
		if do == nil {
			return nil
		}
		return func(c *liar.Call) {
			if m.lied(c) {
				do(c)
			}
		}
	}
	return []liar.Rule{{Calls: []uintptr{m.number}, Entry: only(entry), Exit: only(exit)}}
}

// moved is whether a call has moved something.
func moved(c *liar.Call) bool { return c.Errno == 0 && c.Result > 0 }
