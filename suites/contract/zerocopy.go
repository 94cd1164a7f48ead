package contract

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/sink"
)

const zerocopyPage = "Documentation/networking/msg_zerocopy.rst"

// lenders are the sinks that take MSG_ZEROCOPY.
var lenders = []string{"tcp", "udp"}

var zerocopyClauses = Interface{
	Page: "MSG_ZEROCOPY",
	Clauses: slices.Concat([]Clause{
		{ID: "ZEROCOPY-IGNORED", Since: "5.0", Source: zerocopyPage + ": Socket Setup", Places: lenders,
			Text: "without SO_ZEROCOPY the flag is ignored: the bytes are sent, and nothing is notified", Check: func(t *T) {
				open, sender := t.Pair(t.Place())
				data := []byte("lent to nobody")
				t.Counts(t.lend(sender, data), int64(len(data)))
				t.AwaitQueued(open.Receiving(), 1)
				t.Same("what arrives", t.Drain(open), data)
				t.Fails(notification(sender).result, unix.EAGAIN)
			}},
		{ID: "ZEROCOPY-NOTIFIED", Since: "5.0", Source: zerocopyPage + ": Notification Parsing", Places: lenders,
			Text: "each send is notified on the error queue: ee_errno 0, ee_origin SO_EE_ORIGIN_ZEROCOPY, and the range of one ID, 0", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				n := t.notified(sender)
				Equal(t, "ee_errno", n.about.Errno, 0)
				Equal(t, "ee_origin", n.about.Origin, unix.SO_EE_ORIGIN_ZEROCOPY)
				Equal(t, "first ID", n.about.Info, 0)
				Equal(t, "last ID", n.about.Data, 0)
				t.Fails(notification(sender).result, unix.EAGAIN)
			}},
		{ID: "ZEROCOPY-IDS", Since: "5.0", Source: zerocopyPage + ": Notification Batching", Places: lenders,
			Text: "sends are counted from 0, and the ranges that are notified cover each of them once, in order, both ends of a range included", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				const sends = 5
				for range sends {
					t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
					t.AwaitQueued(open.Receiving(), 1)
					t.Drain(open)
				}
				t.covers(sender, sends)
			}},
		{ID: "ZEROCOPY-COALESCED", Since: "5.0", Source: zerocopyPage + ": Notification Batching",
			Text: "notifications of TCP that nobody has read, and that follow each other, become one range", Check: func(t *T) {
				open, sender := t.lender("tcp")
				for range 3 {
					t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
					t.AwaitQueued(open.Receiving(), 1)
					t.Drain(open)
					// Each completes before the next is sent, so that there is nothing else they could become.
					t.awaitAcknowledged(sender)
				}
				n := t.notified(sender)
				Equal(t, "first ID", n.about.Info, 0)
				Equal(t, "last ID", n.about.Data, 2)
			}},
		{ID: "ZEROCOPY-FAILED-SEND", Since: "5.0", Source: zerocopyPage + ": Notification Parsing", Places: lenders,
			Text: "a send that fails takes no ID: the next that succeeds has it", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				r := raw("sendto", unix.SYS_SENDTO, uintptr(sender), t.Memory(unix.PROT_NONE), uintptr(pageBytes), unix.MSG_ZEROCOPY)
				t.Fails(r, unix.EFAULT)
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				t.covers(sender, 1)
			}},
		{ID: "ZEROCOPY-EMPTY-SEND", Since: "5.0", Source: zerocopyPage + ": Notification Parsing",
			Text: "a send of no bytes over TCP takes no ID, and is not notified", Check: func(t *T) {
				open, sender := t.lender("tcp")
				t.Counts(t.lend(sender, nil), 0)
				t.Fails(notification(sender).result, unix.EAGAIN)
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				t.covers(sender, 1)
			}},
		{ID: "ZEROCOPY-EMPTY-QUEUE", Since: "5.0", Source: zerocopyPage + ": Notification Reception", Places: lenders,
			Text: "an error queue with nothing in it is EAGAIN, also to a socket that blocks", Check: func(t *T) {
				_, sender := t.lender(t.Place())
				t.Fails(notification(sender).result, unix.EAGAIN)
			}},
		{ID: "ZEROCOPY-POLLERR", Since: "5.0", Source: zerocopyPage + ": Notification Reception", Places: lenders,
			Text: "poll(2) reports a notification as POLLERR, without being asked for it, until it is read", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				Equal(t, "POLLERR before", t.polls(sender, 0)&unix.POLLERR, 0)
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				Equal(t, "POLLERR", t.polls(sender, int(stepPatience.Milliseconds()))&unix.POLLERR, unix.POLLERR)
				t.notified(sender)
				Equal(t, "POLLERR after", t.polls(sender, 0)&unix.POLLERR, 0)
			}},
		{ID: "ZEROCOPY-COPIED", Since: "", Source: zerocopyPage + ": Loopback", Places: lenders,
			Text: "a notification says SO_EE_CODE_ZEROCOPY_COPIED where the kernel has copied after all: over loopback it always does", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				Equal(t, "ee_code", t.notified(sender).about.Code, unix.SO_EE_CODE_ZEROCOPY_COPIED)
			}},
		{ID: "ZEROCOPY-REUSE", Since: "5.0", Source: zerocopyPage + ": Notification Reception", Places: lenders,
			Text: "memory that is changed after its notification changes nothing of what arrives", Check: func(t *T) {
				open, sender := t.lender(t.Place())
				data := make([]byte, reusedBytes)
				for i := range data {
					data[i] = byte(i % 251)
				}
				sent := append([]byte{}, data...)
				t.Counts(t.lend(sender, data), int64(len(data)))
				t.AwaitQueued(open.Receiving(), 1)
				// Over loopback it comes when the receiver holds a copy: it need not have read it.
				t.notified(sender)
				clear(data)
				if t.Place() == "tcp" {
					t.AwaitQueued(open.Receiving(), int64(len(data)))
				}
				t.Same("what arrives", t.Drain(open), sent)
			}},
	}, zerocopyLimits),
}

// reusedBytes are lent and changed: pages, and no more of them than a datagram takes.
const reusedBytes = 16 << 10

// lentBytes are more than any clause lends at a time.
const lentBytes = 64 << 10

// lender is a connected pair whose sender has SO_ZEROCOPY.
func (t *T) lender(kind string) (*sink.Sink, int) {
	if why := kernel.MayLock(lentBytes); why != nil {
		t.Must(why)
	}
	open, sender := t.Pair(kind)
	if err := unix.SetsockoptInt(sender, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1); err != nil {
		t.Lacks("SO_ZEROCOPY for "+kind, err.Error(), "take a kernel that has it: Linux 5.0 or newer")
	}
	// Some kernels accept every option, and keep none that they do not know. Nothing would be notified there, however
	// long it is waited for.
	kept, err := unix.GetsockoptInt(sender, unix.SOL_SOCKET, unix.SO_ZEROCOPY)
	if err != nil {
		t.Deviates("SO_ZEROCOPY is kept when it is set", made("getsockopt", 0, err).String())
	}
	Equal(t, "SO_ZEROCOPY when it is set", kept, 1)
	return open, sender
}

// lend sends memory that the kernel is asked not to copy.
func (t *T) lend(fd int, data []byte) Result {
	return sendto(fd, data, unix.MSG_ZEROCOPY)
}

// sendto sends to where the socket is connected.
func sendto(fd int, data []byte, flags int) Result {
	return raw("sendto", unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(len(data)), uintptr(flags|unix.MSG_NOSIGNAL))
}

// notice is one entry of an error queue.
type notice struct {
	result Result
	about  unix.SockExtendedErr
}

// notification takes the next entry of a socket's error queue, without waiting for one.
func notification(fd int) notice {
	control := make([]byte, 256)
	var n notice
	_, controlBytes, _, _, err := unix.Recvmsg(fd, nil, control, unix.MSG_ERRQUEUE)
	if n.result = made("recvmsg MSG_ERRQUEUE", 0, err); err != nil {
		return n
	}
	messages, err := unix.ParseSocketControlMessage(control[:controlBytes])
	if err != nil || len(messages) != 1 || len(messages[0].Data) < int(unsafe.Sizeof(n.about)) {
		n.about.Origin = math.MaxUint8
		return n
	}
	n.about = *(*unix.SockExtendedErr)(unsafe.Pointer(&messages[0].Data[0]))
	return n
}

// notified waits for an entry of a socket's error queue and takes it.
func (t *T) notified(fd int) notice {
	t.Holds(t.polls(fd, int(stepPatience.Milliseconds()))&unix.POLLERR != 0, "a notification", "none")
	n := notification(fd)
	if n.result.Errno != 0 {
		t.Deviates("a notification", n.result.String())
	}
	return n
}

// covers holds the notifications of a socket to be about that many sends.
func (t *T) covers(fd int, sends uint32) {
	for next := uint32(0); next < sends; {
		n := t.notified(fd)
		Equal(t, "first ID of a range", n.about.Info, next)
		t.Holds(n.about.Data >= n.about.Info && n.about.Data < sends, fmt.Sprintf("a last ID from %d to %d", n.about.Info, sends-1), fmt.Sprint(n.about.Data))
		next = n.about.Data + 1
	}
	t.Fails(notification(fd).result, unix.EAGAIN)
}

// polls are the events that poll(2) reports without being asked for any.
func (t *T) polls(fd, milliseconds int) int16 {
	fds := []unix.PollFd{{Fd: int32(fd)}}
	var err error
	undisturbed(func() Result {
		_, err = unix.Poll(fds, milliseconds)
		return made("poll", 0, err)
	})
	t.Must(os.NewSyscallError("poll", err))
	return fds[0].Revents
}

// awaitAcknowledged waits until the peer of a TCP socket has acknowledged everything (SIOCOUTQ).
func (t *T) awaitAcknowledged(fd int) {
	for deadline := time.Now().Add(stepPatience); ; runtime.Gosched() {
		waiting := t.unacknowledged(fd)
		if waiting == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Deviates("what is sent is acknowledged", fmt.Sprintf("%d bytes are not", waiting))
		}
	}
}
