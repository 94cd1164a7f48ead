package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// vmsplice moves memory into a pipe, or what is in one into memory: the pipe is its sink, or its source.
var vmsplice = moving{number: unix.SYS_VMSPLICE, from: 0, into: 0, fromOffset: none, intoOffset: none, length: none, flags: 3}

var vmspliceLies = family{
	name: "vmsplice", filter: "/^VMSPLICE-/", waits: "VMSPLICE-WAKES-A-READER || VMSPLICE-THROUGH || VMSPLICE-READ-MAKES-ROOM",
	lies: slices.Concat(
		vmsplice.misnamed(
			refusal{unix.EINVAL, []string{"VMSPLICE-MOST-SEGMENTS", "VMSPLICE-NEGATIVE-LENGTH", "VMSPLICE-NO-PIPE-SEGMENTS", "VMSPLICE-UNKNOWN-FLAGS"}},
			refusal{unix.EAGAIN, []string{"VMSPLICE-NONBLOCK", "VMSPLICE-FILLS"}},
			refusal{unix.EBADF, []string{"VMSPLICE-NO-PIPE", "VMSPLICE-NO-PIPE-SEGMENTS"}},
			refusal{unix.EFAULT, []string{"VMSPLICE-FAULT", "VMSPLICE-FAULT-VECTOR", "VMSPLICE-READ-FAULT"}},
			refusal{unix.EPIPE, []string{"VMSPLICE-EPIPE", "VMSPLICE-WAITS-FOR-A-READER"}},
			refusal{unix.EINTR, []string{"VMSPLICE-EINTR"}},
		),
		vmsplice.miscounted("VMSPLICE-*"),
		vmsplice.sink().garbling("VMSPLICE-*"),
		[]lie{
			vmsplice.failing("VMSPLICE-*"),
			vmsplice.twice("VMSPLICE-SEGMENTS", "VMSPLICE-HINTS").within("VMSPLICE-SEGMENTS || VMSPLICE-HINTS"),
			vmsplice.endless("VMSPLICE-NOTHING", "VMSPLICE-READ-END"),
			vmsplice.heedless(spliceFlags, "VMSPLICE-UNKNOWN-FLAGS"),
			vmsplice.refusing(unix.SPLICE_F_MOVE|unix.SPLICE_F_MORE, "VMSPLICE-HINTS"),
			vmsplice.refusing(unix.SPLICE_F_GIFT, "VMSPLICE-GIFT*").called("gift-refused"),
			vmsplice.ignoring(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", "VMSPLICE-NONBLOCK").within("VMSPLICE-NONBLOCK").hanging(),
			vmsplice.always(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", "VMSPLICE-WAITS*", "VMSPLICE-EINTR"),
			vmsplice.deaf("VMSPLICE-EINTR").within("VMSPLICE-EINTR"),
			vmsplice.stuck("VMSPLICE-SEGMENTS").within("VMSPLICE-SEGMENTS"),
			tell("wakes-nobody", "wakes nobody by what it says that it has moved", []string{"VMSPLICE-WAKES-A-READER"},
				vmsplice.entry(func(c *liar.Call) { c.Answer(100) })).within("VMSPLICE-WAKES-A-READER").hanging(),
			vmsplice.sink().copying("VMSPLICE-SHARES", "VMSPLICE-REUSE"),
			vmsplice.source().wasteful("VMSPLICE-EINTR", "VMSPLICE-FILLS", "VMSPLICE-NONBLOCK", "VMSPLICE-READ-FAULT"),
			vmsplice.sink().leaving("VMSPLICE-EINTR", "VMSPLICE-FAULT", "VMSPLICE-FAULT-VECTOR", "VMSPLICE-MOST-SEGMENTS", "VMSPLICE-NEGATIVE-LENGTH",
				"VMSPLICE-NONBLOCK", "VMSPLICE-READ-FAULT", "VMSPLICE-UNKNOWN-FLAGS"),
			silent("VMSPLICE-EPIPE"),
			pieces("segments-backwards", "takes its segments in the other order", func(all []liar.Piece) { slices.Reverse(all) },
				"VMSPLICE-SEGMENTS", "VMSPLICE-EMPTY-SEGMENTS", "VMSPLICE-FILLS", "VMSPLICE-MOST-SEGMENTS", "VMSPLICE-READ"),
			pieces("segment-left-out", "leaves out its last segment", func(all []liar.Piece) { all[len(all)-1].Length = 0 }, "VMSPLICE-*"),
			pieces("segment-too-long", "takes one byte more than its first segment has", func(all []liar.Piece) { all[0].Length++ }, "VMSPLICE-*").
				within("!VMSPLICE-NOTHING"),
			pieces("segment-elsewhere", "takes its first segment from one byte further on", func(all []liar.Piece) { all[0].At++ }, "VMSPLICE-*"),
		},
	),
}

// pieces is the lie that a call is about other pieces of memory than it is told. They are as they were when it returns.
func pieces(name, says string, change func([]liar.Piece), violates ...string) lie {
	kept := map[uint64][]liar.Piece{}
	return tell(name, says, violates, vmsplice.around(func(c *liar.Call) {
		was := c.Pieces(c.Arguments[1], c.Arguments[2])
		if len(was) == 0 {
			return
		}
		now := slices.Clone(was)
		change(now)
		kept[c.Arguments[1]] = was
		c.SetPieces(c.Arguments[1], now)
	}, func(c *liar.Call) {
		if was := kept[c.Arguments[1]]; was != nil {
			c.SetPieces(c.Arguments[1], was)
			delete(kept, c.Arguments[1])
		}
	})).losing()
}
