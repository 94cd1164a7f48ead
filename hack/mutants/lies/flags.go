package lies

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// spliceFlags are all that splice(2), tee(2) and vmsplice(2) know.
const spliceFlags = unix.SPLICE_F_MOVE | unix.SPLICE_F_NONBLOCK | unix.SPLICE_F_MORE | unix.SPLICE_F_GIFT

// withFlags is a rule by which a call is made with other flags.
func (m moving) withFlags(flags func(uint64) uint64) []liar.Rule {
	return m.entry(func(c *liar.Call) {
		if now := flags(c.Arguments[m.flags]); now != c.Arguments[m.flags] {
			c.Argument(m.flags, now)
		}
	})
}

// heedless is the lie that flags which do not exist are ignored.
func (m moving) heedless(known uint64, violates ...string) lie {
	return tell("unknown-flags-accepted", "ignores flags that do not exist", violates, m.withFlags(func(flags uint64) uint64 { return flags & known }))
}

// ignoring is the lie that a flag does nothing.
func (m moving) ignoring(flag uint64, name string, violates ...string) lie {
	return tell(name+"-ignored", "does as if there were no "+name, violates, m.withFlags(func(flags uint64) uint64 { return flags &^ flag }))
}

// always is the lie that a flag is given with every call.
func (m moving) always(flag uint64, name string, violates ...string) lie {
	return tell(name+"-always", "does as if "+name+" were given", violates, m.withFlags(func(flags uint64) uint64 { return flags | flag }))
}

// refusing is the lie that flags which only give hints are none.
func (m moving) refusing(flags uint64, violates ...string) lie {
	return tell("hints-refused", "fails with EINVAL where it is given hints", violates, m.entry(func(c *liar.Call) {
		if c.Arguments[m.flags]&flags != 0 {
			c.Refuse(unix.EINVAL)
		}
	}))
}

// strict is the lie that nothing may not be asked for.
func (m moving) strict(violates ...string) lie {
	return tell("length-zero-refused", "fails with EINVAL where the length is 0", violates, m.entry(func(c *liar.Call) {
		if c.Arguments[m.length] == 0 {
			c.Refuse(unix.EINVAL)
		}
	}))
}
