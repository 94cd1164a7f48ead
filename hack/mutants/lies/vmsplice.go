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
			refusal{unix.EINVAL, nil},
			refusal{unix.EAGAIN, nil},
			refusal{unix.EBADF, nil},
			refusal{unix.EFAULT, nil},
			refusal{unix.EPIPE, nil},
			refusal{unix.EINTR, nil},
		),
		vmsplice.miscounted("VMSPLICE-*"),
		vmsplice.sink().garbling("VMSPLICE-*"),
		[]lie{
			vmsplice.twice("VMSPLICE-*"),
			vmsplice.endless(),
			vmsplice.heedless(spliceFlags, "VMSPLICE-UNKNOWN-FLAGS"),
			vmsplice.refusing(unix.SPLICE_F_MOVE|unix.SPLICE_F_MORE, "VMSPLICE-HINTS"),
			vmsplice.refusing(unix.SPLICE_F_GIFT, "VMSPLICE-GIFT*").called("gift-refused"),
			vmsplice.ignoring(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK").hanging(),
			vmsplice.always(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK"),
			vmsplice.deaf("VMSPLICE-EINTR").within("VMSPLICE-EINTR"),
			vmsplice.stuck("VMSPLICE-SEGMENTS").within("VMSPLICE-SEGMENTS"),
			vmsplice.sink().copying("VMSPLICE-SHARES", "VMSPLICE-REUSE"),
			vmsplice.source().wasteful(),
			vmsplice.sink().leaving(),
			silent("VMSPLICE-EPIPE"),
			pieces("segments-backwards", "takes its segments in the other order", func(all []liar.Piece) { slices.Reverse(all) }),
			pieces("segment-left-out", "leaves out its last segment", func(all []liar.Piece) { all[len(all)-1].Length = 0 }),
			pieces("segment-too-long", "takes one byte more than its first segment has", func(all []liar.Piece) { all[0].Length++ }),
			pieces("segment-elsewhere", "takes its first segment from one byte further on", func(all []liar.Piece) { all[0].At++ }),
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
