package lies

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// The indices of readv(2)'s and its kin's arguments.
const (
	vectorPieces = 1 + iota
	vectorCount
	vectorOffset
	_
	vectorFlags
)

var vectors = calls{numbers: []uintptr{unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREADV, unix.SYS_PWRITEV}}

var vectoredLies = family{
	name: "readv", filter: "/^(READV|WRITEV|PREADV|PWRITEV)-/",
	lies: slices.Concat(
		vectors.failing(0, "READV-IOV-MAX", "READV-SUM", "READV-FAULT", "WRITEV-FAULT", "WRITEV-ATOMIC", "READV-BAD-DESCRIPTOR", "PREADV-OFFSET"),
		[]lie{
			vectors.oneFewer("READV-ORDER", "READV-SHORT", "READV-IOV-MAX", "READV-FAULT", "WRITEV-*"),
			tell("reversed", "takes the segments from the last to the first", []string{"READV-ORDER", "READV-SHORT", "READV-FAULT", "READV-IOV-MAX", "WRITEV-*"},
				vectors.around(reverse, reverseBack)),
			tell("one-segment-fewer", "leaves out the last segment", []string{"READV-ORDER", "READV-IOV-MAX", "READV-SUM", "WRITEV-*"},
				vectors.entry(func(c *liar.Call) {
					if n := int64(c.Arguments[vectorCount]); n > 0 {
						c.Argument(vectorCount, uint64(n-1))
					}
				})),
			tell("IOV_MAX-not-refused", "takes as many segments as it can of too many", []string{"READV-IOV-MAX"},
				vectors.entry(func(c *liar.Call) { c.Argument(vectorCount, min(c.Arguments[vectorCount], 1024)) })).within("READV-IOV-MAX || READV-ORDER"),
			tell("one-of-nothing", "returns 1 where there is nothing to be moved", []string{"READV-EMPTY", "READV-SHORT"}, vectors.exit(func(c *liar.Call) {
				if c.Errno == 0 && c.Result == 0 {
					c.Answer(1)
				}
			})),
			tell("nothing-as-EINVAL", "fails where there is nothing to be moved", []string{"READV-EMPTY", "READV-SHORT"}, vectors.exit(func(c *liar.Call) {
				if c.Errno == 0 && c.Result == 0 {
					c.Refuse(unix.EINVAL)
				}
			})),
		},
	),
}

// reverse turns an array of segments around, in the caller's memory, and reverseBack once more.
func reverse(c *liar.Call) {
	pieces := c.Pieces(c.Arguments[vectorPieces], c.Arguments[vectorCount])
	slices.Reverse(pieces)
	var raw []byte
	for _, piece := range pieces {
		raw = binary.NativeEndian.AppendUint64(raw, piece.At)
		raw = binary.NativeEndian.AppendUint64(raw, piece.Length)
	}
	if len(raw) > 0 && c.Write(c.Arguments[vectorPieces], raw) {
		c.Note = 1
	}
}

func reverseBack(c *liar.Call) {
	if c.Note == 1 {
		reverse(c)
	}
}
