package lies

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

var (
	// lending are sends with MSG_ZEROCOPY.
	lending = calls{[]uintptr{unix.SYS_SENDTO}, func(c *liar.Call) bool { return c.Arguments[3]&unix.MSG_ZEROCOPY != 0 }}
	// notifications are what is read from an error queue.
	notifications = calls{[]uintptr{unix.SYS_RECVMSG}, func(c *liar.Call) bool { return c.Arguments[2]&unix.MSG_ERRQUEUE != 0 }}
	// polls are poll(2)s for what is reported unasked: x/sys makes them by ppoll(2).
	polls = calls{[]uintptr{unix.SYS_PPOLL}, func(c *liar.Call) bool { _, there := polled(c); return there }}
	// edges are waits for one event at a time: Go's runtime waits for more.
	edges   = calls{[]uintptr{unix.SYS_EPOLL_PWAIT}, func(c *liar.Call) bool { return c.Arguments[2] == 1 }}
	options = calls{[]uintptr{unix.SYS_SETSOCKOPT}, func(c *liar.Call) bool {
		return c.Arguments[1] == unix.SOL_SOCKET && c.Arguments[2] == unix.SO_ZEROCOPY
	}}
	optionsKept = calls{[]uintptr{unix.SYS_GETSOCKOPT}, options.of}
	arrivals    = calls{[]uintptr{unix.SYS_READ, unix.SYS_RECVFROM, unix.SYS_RECVMSG}, func(c *liar.Call) bool {
		return moved(c) && c.Is(c.Descriptor(0), unix.S_IFSOCK)
	}}
)

// numbered are the clauses that hold notifications to the numbers of their sends.
var numbered = []string{"ZEROCOPY-NOTIFIED", "ZEROCOPY-IDS", "ZEROCOPY-COALESCED", "ZEROCOPY-FAILED-SEND", "ZEROCOPY-EMPTY-SEND", "ZEROCOPY-OPTMEM", "ZEROCOPY-VSOCK"}

var zerocopyLies = family{
	name: "MSG_ZEROCOPY", filter: "/^ZEROCOPY-/", patience: shortPatience,
	lies: slices.Concat(
		named("send-", lending.failing(1, "ZEROCOPY-FAILED-SEND", "ZEROCOPY-MEMLOCK", "ZEROCOPY-OPTMEM"), "ZEROCOPY-FAILED-SEND || ZEROCOPY-MEMLOCK || ZEROCOPY-OPTMEM || ZEROCOPY-NOTIFIED"),
		named("SO_ZEROCOPY-", options.failing(0, "ZEROCOPY-UNIX"), "ZEROCOPY-UNIX || ZEROCOPY-NOTIFIED"),
		named("queue-", notifications.failing(0, "ZEROCOPY-IGNORED", "ZEROCOPY-NOTIFIED", "ZEROCOPY-IDS", "ZEROCOPY-FAILED-SEND", "ZEROCOPY-EMPTY-*", "ZEROCOPY-MEMLOCK", "ZEROCOPY-OPTMEM"),
			"!ZEROCOPY-VSOCK && !ZEROCOPY-COPIED"),
		[]lie{
			lending.oneFewer("ZEROCOPY-IGNORED", "ZEROCOPY-NOTIFIED", "ZEROCOPY-IDS", "ZEROCOPY-COALESCED", "ZEROCOPY-FAILED-SEND", "ZEROCOPY-EMPTY-SEND", "ZEROCOPY-POLLERR", "ZEROCOPY-REUSE",
				"ZEROCOPY-EDGE", "ZEROCOPY-OPTMEM", "ZEROCOPY-VSOCK"),
			notified("numbered-from-1", "counts sends from 1", numbered, func(e *unix.SockExtendedErr) { e.Info++; e.Data++ }),
			notified("not-coalesced", "says of a range that it is its first send alone", []string{"ZEROCOPY-COALESCED"}, func(e *unix.SockExtendedErr) { e.Data = e.Info }).within("ZEROCOPY-COALESCED"),
			notified("errno", "notifies with an error", []string{"ZEROCOPY-NOTIFIED", "ZEROCOPY-VSOCK"}, func(e *unix.SockExtendedErr) { e.Errno = uint32(unix.EIO) }).within("ZEROCOPY-NOTIFIED || ZEROCOPY-IDS || ZEROCOPY-VSOCK"),
			notified("origin", "notifies as an error of this machine's", []string{"ZEROCOPY-NOTIFIED", "ZEROCOPY-VSOCK"}, func(e *unix.SockExtendedErr) { e.Origin = unix.SO_EE_ORIGIN_LOCAL }).within("ZEROCOPY-NOTIFIED || ZEROCOPY-IDS || ZEROCOPY-VSOCK"),
			notifications.refusing("swallowed", unix.EAGAIN, "ZEROCOPY-NOTIFIED", "ZEROCOPY-IDS").within("ZEROCOPY-NOTIFIED || ZEROCOPY-IDS || ZEROCOPY-EMPTY-QUEUE"),
			tell("copied", "copies all, as if MSG_ZEROCOPY were not there", []string{"ZEROCOPY-NOTIFIED", "ZEROCOPY-POLLERR", "ZEROCOPY-EDGE"}, lending.entry(func(c *liar.Call) {
				c.Argument(3, c.Arguments[3]&^unix.MSG_ZEROCOPY)
			})).within("(ZEROCOPY-NOTIFIED || ZEROCOPY-POLLERR) && udp || ZEROCOPY-EDGE"),
			tell("SO_ZEROCOPY-not-kept", "sets SO_ZEROCOPY, and does not keep it", []string{"ZEROCOPY-NOTIFIED", "ZEROCOPY-EMPTY-QUEUE"}, optionsKept.exit(func(c *liar.Call) {
				c.Write(c.Arguments[3], make([]byte, 4))
			})).within("ZEROCOPY-NOTIFIED || ZEROCOPY-EMPTY-QUEUE || ZEROCOPY-IGNORED"),
			tell("POLLERR-stays", "reports a notification that nobody has sent, or that was read", []string{"ZEROCOPY-POLLERR"}, polls.exit(func(c *liar.Call) {
				report(c, unix.POLLERR)
			})).within("ZEROCOPY-POLLERR"),
			tell("POLLERR-missing", "reports no notification", []string{"ZEROCOPY-POLLERR", "ZEROCOPY-NOTIFIED", "ZEROCOPY-REUSE"}, polls.exit(func(c *liar.Call) {
				report(c, 0)
			})).within("ZEROCOPY-POLLERR || ZEROCOPY-NOTIFIED || ZEROCOPY-REUSE"),
			tell("not-held", "has what was sent follow the memory that it was sent from", []string{"ZEROCOPY-REUSE"}, arrivals.exit(func(c *liar.Call) {
				c.Write(c.Arguments[1], make([]byte, c.Result))
			})).within("ZEROCOPY-REUSE"),
			tell("no-edge", "reports no event of an error queue", []string{"ZEROCOPY-EDGE"}, edges.exit(func(c *liar.Call) {
				if moved(c) {
					c.Answer(0)
				}
			})).within("ZEROCOPY-EDGE"),
			tell("level-triggered", "reports an event as long as it lasts, and before", []string{"ZEROCOPY-EDGE"}, edges.exit(func(c *liar.Call) {
				if c.Errno == 0 && c.Result == 0 && c.Write(c.Arguments[1], []byte{unix.EPOLLERR, 0, 0, 0}) {
					c.Answer(1)
				}
			})).within("ZEROCOPY-EDGE"),
		},
	),
}

// notified is a lie about what a notification says.
func notified(name, says string, violates []string, how func(*unix.SockExtendedErr)) lie {
	return tell(name, says, violates, notifications.exit(func(c *liar.Call) {
		var message unix.Msghdr
		if c.Errno != 0 || !c.Read(c.Arguments[1], bytesOf(&message)) || message.Controllen == 0 {
			return
		}
		// It comes behind the header of the only control message.
		at := uint64(uintptr(unsafe.Pointer(message.Control))) + uint64(unix.CmsgLen(0))
		var said unix.SockExtendedErr
		if c.Read(at, bytesOf(&said)) {
			how(&said)
			c.Write(at, bytesOf(&said))
		}
	}))
}

// bytesOf are those that a value lies in.
func bytesOf[V any](value *V) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(value)), unsafe.Sizeof(*value))
}

// polled is what a poll(2) of a single descriptor for no event is about.
func polled(c *liar.Call) (about unix.PollFd, there bool) {
	there = c.Arguments[1] == 1 && c.Read(c.Arguments[0], bytesOf(&about)) && about.Events == 0 && c.Is(int(about.Fd), unix.S_IFSOCK)
	return about, there
}

// report has a poll(2) report these events.
func report(c *liar.Call, events int16) {
	about, _ := polled(c)
	about.Revents = events
	c.Write(c.Arguments[0], bytesOf(&about))
	c.Answer(1)
}
