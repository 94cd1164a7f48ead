package lies

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
	"zerocopy-conformance/impl/uring"
)

var uringLies = family{
	name: "io_uring", filter: "/^URING-/",
	lies: []lie{
		tell("nothing-supported", "says that a ring has no operation at all", []string{"URING-HAS-*"},
			calls{[]uintptr{unix.SYS_IO_URING_REGISTER}, func(c *liar.Call) bool { return c.Errno == 0 }}.exit(func(c *liar.Call) {
				// Behind the head of struct io_uring_probe are eight bytes of each operation.
				c.Write(c.Arguments[2]+16, make([]byte, 8*c.Arguments[3]))
			})).within("/^URING-HAS/"),
		completed("one-fewer", "completes with one byte fewer than it has moved", func(e *uring.CQE) {
			if !e.Notif() && e.Result > 0 {
				e.Result--
			}
		}, "URING-SPLICE", "URING-SPLICE-POSITION", "URING-TEE", "URING-LINK", "URING-SEND-ZC", "URING-SEND-ZC-USAGE", "URING-SEND-ZC-UNMAPPED"),
		completed("errors-as-EIO", "completes with EIO where it is to fail otherwise", func(e *uring.CQE) {
			if e.Result < 0 {
				e.Result = -int32(unix.EIO)
			}
		}, "URING-SPLICE-NO-PIPE", "URING-SPLICE-CLOSED", "URING-LINK-CANCELED", "URING-SEND-ZC-ERROR", "URING-SEND-ZC-UNIX"),
		completed("errors-as-success", "completes with 0 where it is to fail", func(e *uring.CQE) {
			if !e.Notif() {
				e.Result = max(e.Result, 0)
			}
		}, "URING-SPLICE-NO-PIPE", "URING-SPLICE-CLOSED", "URING-LINK-CANCELED", "URING-SEND-ZC-ERROR", "URING-SEND-ZC-UNIX"),
		completed("user_data-lost", "completes without the entry's user data", func(e *uring.CQE) { e.UserData = 0 }, "URING-SEND-ZC", "URING-LINK").within("/^URING-(LINK|SEND)/"),
		completed("usage-not-told", "does not say that it has copied", func(e *uring.CQE) {
			if e.Notif() {
				e.Result = 0
			}
		}, "URING-SEND-ZC-USAGE").within("/^URING-SEND/"),
		completed("F_MORE-missing", "does not say that a notification will follow", func(e *uring.CQE) { e.Flags &^= uring.CQEMore }, "URING-SEND-ZC*").within("/^URING-SEND/"),
		completed("F_NOTIF-missing", "notifies as if it were a result", func(e *uring.CQE) { e.Flags &^= uring.CQENotif }, "URING-SEND-ZC*").within("/^URING-SEND/"),
		completed("F_NOTIF-first", "completes with a notification where the result is to be", func(e *uring.CQE) { e.Flags |= uring.CQENotif }, "URING-SEND-ZC", "URING-SEND-ZC-ERROR").within("/^URING-SEND/"),
		tell("notification-lost", "never notifies", []string{"URING-SEND-ZC"}, completions((*ring).loseNotification)).within("URING-SEND-ZC").hanging(),
	},
}

// ring is where a completion queue lies in the caller's memory: what io_uring_setup(2) has said of it, and mmap(2).
type ring struct {
	at                  uint64
	head, tail          uint32
	entries, mask, seen uint32
}

// offCQRing is IORING_OFF_CQ_RING of linux/io_uring.h, offCQ where struct io_uring_params has the queue's offsets.
const (
	offCQRing = 0x8000000
	offCQ     = 80
)

// completed is a lie about what a completion says.
func completed(name, says string, how func(*uring.CQE), violates ...string) lie {
	return tell(name, says, violates, completions(func(r *ring, c *liar.Call) { r.each(c, how) }))
}

// completions are rules by which all rings are looked at. The kernel puts some completions into a queue when a call has
// returned that has nothing to do with the ring: each is looked at before the caller can see it, or else at its next call.
func completions(look func(*ring, *liar.Call)) []liar.Rule {
	rings := map[int]*ring{}
	all := func(c *liar.Call) {
		for _, r := range rings {
			look(r, c)
		}
	}
	return slices.Concat(
		atExit(unix.SYS_IO_URING_SETUP, func(c *liar.Call) {
			var said [24]byte
			if c.Errno != 0 || !c.Read(c.Arguments[1]+offCQ, said[:]) {
				return
			}
			word := func(index int) uint32 { return binary.NativeEndian.Uint32(said[4*index:]) }
			rings[int(c.Result)] = &ring{head: word(0), tail: word(1), mask: word(2), entries: word(5)}
		}),
		atExit(unix.SYS_MMAP, func(c *liar.Call) {
			if r := rings[c.Descriptor(mmapDescriptor)]; r != nil && c.Errno == 0 && c.Arguments[mmapOffset] == offCQRing {
				r.at = uint64(c.Result)
			}
		}),
		atEntry(unix.SYS_CLOSE, func(c *liar.Call) { delete(rings, c.Descriptor(0)) }),
		calls{numbers: []uintptr{unix.SYS_IO_URING_ENTER, unix.SYS_IOCTL, unix.SYS_RECVFROM, unix.SYS_READ, unix.SYS_PPOLL}}.around(all, all),
	)
}

// each has a look at the completions that have come since.
func (r *ring) each(c *liar.Call, how func(*uring.CQE)) {
	for tail := r.word(c, r.tail); r.seen != tail; r.seen++ {
		if entry, at, there := r.entry(c, r.seen); there {
			how(&entry)
			c.Write(at, bytesOf(&entry))
		}
	}
}

// loseNotification takes the newest completion out of the queue, if that is a notification.
func (r *ring) loseNotification(c *liar.Call) {
	tail := r.word(c, r.tail)
	if tail == r.word(c, r.head) {
		return
	}
	tail--
	if entry, _, there := r.entry(c, tail); there && entry.Notif() {
		c.Write(r.at+uint64(r.tail), bytesOf(&tail))
	}
}

// word is one of the queue's own, 0 where it is not mapped yet.
func (r *ring) word(c *liar.Call, offset uint32) (value uint32) {
	if r.at != 0 {
		c.Read(r.at+uint64(offset), bytesOf(&value))
	}
	return value
}

// entry is the completion at a position, and where it lies.
func (r *ring) entry(c *liar.Call, position uint32) (entry uring.CQE, at uint64, there bool) {
	at = r.at + uint64(r.entries) + uint64(position&r.word(c, r.mask))*uint64(len(bytesOf(&entry)))
	there = c.Read(at, bytesOf(&entry))
	return entry, at, there
}
