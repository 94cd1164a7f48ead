package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// flaggedVectors are the calls on vectors that take flags.
var flaggedVectors = calls{numbers: []uintptr{unix.SYS_PREADV2, unix.SYS_PWRITEV2}}

// beyond is where the clauses look whether a filesystem has RWF_NOWAIT: they are told the truth there.
const beyond = 1 << 40

func withFlag(flag uint64) calls {
	return calls{flaggedVectors.numbers, func(c *liar.Call) bool {
		return c.Arguments[vectorFlags]&flag != 0 && c.Arguments[vectorOffset] != beyond
	}}
}

func dropping(flag uint64) []liar.Rule {
	return withFlag(flag).entry(func(c *liar.Call) { c.Argument(vectorFlags, c.Arguments[vectorFlags]&^flag) })
}

var preadv2Lies = family{
	name: "preadv2", filter: "/^P(READ|WRITE)V2-/",
	lies: slices.Concat(
		flaggedVectors.failing(0, "PREADV2-FLAGS", "PREADV2-NOWAIT-COLD"),
		[]lie{
			flaggedVectors.oneFewer("PREADV2-POSITION", "PREADV2-NOWAIT-*", "PWRITEV2-*"),
			withFlag(unix.RWF_NOWAIT).refusing("RWF_NOWAIT-never", unix.EAGAIN, "PREADV2-NOWAIT-WARM", "PREADV2-NOWAIT-PARTLY"),
			tell("RWF_NOWAIT-dropped", "waits for the disk in spite of RWF_NOWAIT", []string{"PREADV2-NOWAIT-COLD", "PREADV2-NOWAIT-PARTLY"}, dropping(unix.RWF_NOWAIT)).within("/^PREADV2-NOWAIT/"),
			tell("RWF_APPEND-dropped", "ignores RWF_APPEND", []string{"PWRITEV2-APPEND"}, dropping(unix.RWF_APPEND)).within("/^PWRITEV2/"),
			tell("unknown-flags-dropped", "ignores flags that there are not", []string{"PREADV2-FLAGS"}, dropping(1<<30|1<<31)).within("PREADV2-FLAGS || PREADV2-POSITION"),
			tell("position-as-0", "takes the offset -1 for 0", []string{"PREADV2-POSITION", "PWRITEV2-*"}, flaggedVectors.entry(func(c *liar.Call) {
				if int64(c.Arguments[vectorOffset]) == -1 {
					c.Argument(vectorOffset, 0)
					c.Argument(vectorOffset+1, 0)
				}
			})).within("!/NOWAIT/ && !PREADV2-FLAGS"),
			tell("offset-as-position", "takes any offset for the position", []string{"PREADV2-POSITION", "PWRITEV2-*"}, flaggedVectors.entry(func(c *liar.Call) {
				c.Argument(vectorOffset, ^uint64(0))
				c.Argument(vectorOffset+1, ^uint64(0))
			})).within("!/NOWAIT/ && !PREADV2-FLAGS"),
		},
	),
}
