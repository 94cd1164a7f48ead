package lies

import (
	"encoding/binary"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// pipeLies are about fcntl(2) and ioctl(2) of pipes. Many clauses set the stage by these calls: they are told the truth.
var pipeLies = family{
	name: "pipe", filter: "/^PIPE-/",
	lies: slices.Concat(
		resizes.misnamed(
			refusal{unix.EBUSY, []string{"PIPE-CAPACITY-BUSY"}},
			refusal{unix.EPERM, []string{"PIPE-CAPACITY-LIMIT"}},
		),
		[]lie{
			tell("capacity-rounded-down", "sets a capacity that is rounded down to whole pages", []string{"PIPE-CAPACITY"},
				resizes.entry(func(c *liar.Call) {
					if pages := c.Arguments[2] / pageBytes; !stages(c) {
						c.Argument(2, max(pages, 1)*pageBytes)
					}
				})),
			tell("capacity-rounded-up-unsaid", "says that it has set what was asked for, where it has set more", []string{"PIPE-CAPACITY", "PIPE-CAPACITY-PAGE"},
				resizes.exit(func(c *liar.Call) {
					if c.Errno == 0 {
						c.Answer(int64(c.Arguments[2]))
					}
				})),
			tell("capacity-not-set", "says that it has set a capacity, and has not", []string{"PIPE-CAPACITY"},
				resizes.entry(func(c *liar.Call) {
					if !stages(c) {
						c.Answer(int64((c.Arguments[2] + pageBytes - 1) / pageBytes * pageBytes))
					}
				})).within("PIPE-CAPACITY"),
			tell("capacity-told-less", "tells a page less than a pipe has", []string{"PIPE-CAPACITY", "PIPE-CAPACITY-BUSY", "PIPE-CAPACITY-LIMIT"},
				control(unix.F_GETPIPE_SZ).exit(func(c *liar.Call) {
					if c.Errno == 0 {
						c.Answer(c.Result - int64(pageBytes))
					}
				})),
			tell("resized-loses", "takes a byte out of a pipe that it gives another capacity", []string{"PIPE-CAPACITY-KEEPS", "PIPE-CAPACITY-BUSY"},
				resizes.exit(func(c *liar.Call) { refill(c, c.Descriptor(0), func(held []byte) []byte { return held[1:] }) })),
			tell("resized-turns", "puts the first byte last of a pipe that it gives another capacity", []string{"PIPE-CAPACITY-KEEPS", "PIPE-CAPACITY-BUSY"},
				resizes.exit(func(c *liar.Call) {
					refill(c, c.Descriptor(0), func(held []byte) []byte { return append(held[1:], held[0]) })
				})),
			tell("FIONREAD-one-more", "counts a byte more than a pipe holds", []string{"PIPE-QUEUED", "PIPE-CAPACITY-KEEPS"},
				queues.exit(func(c *liar.Call) { change32(c, c.Arguments[2], 1) })),
			tell("FIONREAD-one-fewer", "counts a byte less than a pipe holds", []string{"PIPE-QUEUED", "PIPE-CAPACITY-KEEPS"},
				queues.exit(func(c *liar.Call) { change32(c, c.Arguments[2], -1) })),
		},
	),
}

var (
	resizes = control(unix.F_SETPIPE_SZ)
	queues  = moving{number: unix.SYS_IOCTL, stage: func(c *liar.Call) bool {
		return c.Arguments[1] != unix.TIOCINQ || !c.Is(c.Descriptor(0), unix.S_IFIFO)
	}}
	pageBytes = uint64(os.Getpagesize())
)

// control is one request of fcntl(2).
func control(request uint64) moving {
	return moving{number: unix.SYS_FCNTL, stage: func(c *liar.Call) bool { return c.Arguments[1] != request }}
}

// stages is whether a capacity is such as the contract suite gives the pipes of its stage.
func stages(c *liar.Call) bool {
	pages := c.Arguments[2] / pageBytes
	return c.Arguments[2]%pageBytes == 0 && pages&(pages-1) == 0
}

// change32 changes a number of 32 bits in the caller's memory.
func change32(c *liar.Call, at uint64, by int32) {
	var number [4]byte
	if c.Read(at, number[:]) {
		value := int32(binary.NativeEndian.Uint32(number[:])) + by
		binary.NativeEndian.PutUint32(number[:], uint32(value))
		c.Write(at, number[:])
	}
}
