package contract

import (
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/socketpair"
)

// outlets are the sinks that bytes leave a pipe for.
var outlets = []string{"file", "unix-stream", "tcp", "pipe"}

// outlet is one of the outlets: the descriptor that is spliced into, and the one that is read.
func (t *T) outlet(place string) (into, far int) {
	switch place {
	case "file":
		far, into = t.Empty(unix.O_WRONLY)
	case "pipe":
		far, into = t.pipe()
	default:
		into, far = t.stream(place)
	}
	return into, far
}

// inlets are the sources, other than files, from which bytes enter a pipe.
var inlets = []string{"unix-stream", "tcp", "pipe"}

// inlet is one of the inlets: the descriptor that is spliced from, and the one that is written.
func (t *T) inlet(place string) (from, far int) {
	if place == "pipe" {
		return t.pipe()
	}
	return t.stream(place)
}

func (t *T) stream(place string) (one, other int) {
	if place == "tcp" {
		return t.loopback(unix.SOCK_STREAM)
	}
	return t.Sockets(unix.SOCK_STREAM)
}

// narrowBytes is what the buffers of a narrow stream have room for, about.
const narrowBytes = 32 << 10

// narrow is a stream with small buffers, so that little fills it.
func (t *T) narrow(place string) (into, far int) {
	if place == "tcp" {
		far, into = t.loopback(unix.SOCK_STREAM, unix.SO_SNDBUF, unix.SO_RCVBUF)
		return into, far
	}
	into, far = t.Sockets(unix.SOCK_STREAM)
	t.Must(shrink(into, unix.SO_SNDBUF))
	return into, far
}

func shrink(fd int, buffers ...int) error {
	for _, buffer := range buffers {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, narrowBytes); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return nil
}

// roomyBytes is what is asked for of a buffer that is not to be small: what any user is granted by default
// (net.core.wmem_max and rmem_max, until 6.17). What checks put into a stream fits in, whatever this machine's
// net.ipv4.tcp_wmem and tcp_rmem begin with.
const roomyBytes = 212_992

// size makes the buffers of a socket small that are named, and the others roomy.
func size(fd int, small ...int) error {
	for _, buffer := range []int{unix.SO_SNDBUF, unix.SO_RCVBUF} {
		if slices.Contains(small, buffer) {
			continue
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, roomyBytes); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return shrink(fd, small...)
}

// loopback are two sockets over IPv4 loopback, connected to each other: unix.SOCK_STREAM or unix.SOCK_DGRAM. Those of
// their buffers that are named are small, the others are not. It is one that is to receive then: how much it takes, it has
// told by the time that it is connected, and less would be lost on the way; other's are sized later.
func (t *T) loopback(kind int, small ...int) (one, other int) {
	connect := socketpair.TCP
	if kind == unix.SOCK_DGRAM {
		connect = socketpair.UDP
	}
	other, one, err := connect(unix.AF_INET, func(fd int) error { return size(fd, small...) })
	t.Must(err)
	t.Closes(one, other)
	t.Must(size(other, small...))
	return one, other
}

// ready waits until something can be done with a descriptor, and says whether that came to be.
func (t *T) ready(fd int, events int16) bool { return t.await(fd, events, stepPatience) }

func (t *T) await(fd int, events int16, patience time.Duration) bool {
	for deadline := time.Now().Add(patience); ; {
		left := unix.NsecToTimespec(max(0, time.Until(deadline).Nanoseconds()))
		n, err := unix.Ppoll([]unix.PollFd{{Fd: int32(fd), Events: events}}, &left, nil)
		if err == unix.EINTR {
			continue
		}
		t.Must(os.NewSyscallError("ppoll", err))
		return n > 0
	}
}

// collect waits for so many bytes at the far end of an outlet, and returns fewer where no more come.
func (t *T) collect(far, n int) []byte {
	all := make([]byte, 0, n)
	for len(all) < n && t.ready(far, unix.POLLIN) {
		more := t.Take(far, int64(n-len(all)))
		if len(more) == 0 {
			break
		}
		all = append(all, more...)
	}
	return all
}

// message waits for a message, and returns it; nothing where none comes.
func (t *T) message(far int) []byte {
	if !t.ready(far, unix.POLLIN) {
		return nil
	}
	buffer := make([]byte, 64<<10)
	n, _, err := unix.Recvfrom(far, buffer, unix.MSG_DONTWAIT)
	if err == unix.EAGAIN {
		return nil
	}
	t.Must(os.NewSyscallError("recvfrom", err))
	return buffer[:n]
}

// siocOutqNSD is SIOCOUTQNSD of linux/sockios.h (tcp(7)).
const siocOutqNSD = 0x894b

// unacknowledged is how many bytes of a TCP socket's have not reached its peer, as far as it knows; unsent how many of
// them were never sent.
func (t *T) unacknowledged(fd int) int { return t.sendQueue(fd, "SIOCOUTQ", unix.TIOCOUTQ) }
func (t *T) unsent(fd int) int         { return t.sendQueue(fd, "SIOCOUTQNSD", siocOutqNSD) }

func (t *T) sendQueue(fd int, name string, request uint) int {
	n, err := unix.IoctlGetInt(fd, request)
	if err == unix.ENOPROTOOPT || err == unix.ENOTTY || err == unix.EINVAL {
		// No clause is about the request: it sets the stage.
		t.Lacks("how much waits in a TCP socket to be sent", name+": "+err.Error(), "take a kernel that has the request (tcp(7))")
	}
	t.Must(os.NewSyscallError("ioctl "+name, err))
	return n
}

// stuff fills a stream to the brim, and says by how many bytes.
//
// What is full for write(2) may still take pages: before 6.5 a UNIX socket hung them to its last message, whatever its
// send buffer. And a TCP connection is full when nothing is under way any more, for what is acknowledged makes room, and
// when the peer has no window left: into one that is too small for the next segment a timer sends a part of it.
//
// TCP has room for any piece or for none, and is not given small ones: in segments
// of their own they take more of the receiver's memory than its window tells, what comes then is dropped, and is sent again
// after ever longer.
func (t *T) stuff(fd int, place string) (filled int64) {
	fill, still := func() int64 { return t.Fill(fd) + t.fillByPages(fd) }, place != "tcp"
	if place == "tcp" {
		fill = func() int64 { return t.fillBy(fd, fillBytes) }
	}
	for deadline := time.Now().Add(stepPatience); ; {
		more := fill()
		filled += more
		if still && more == 0 {
			return filled
		}
		// It is asked first, and filled once more then: room may come in between.
		still = place != "tcp" || t.still(fd)
		if time.Now().After(deadline) {
			t.Must(fmt.Errorf("stream %s does not fill: it has taken %d bytes", place, filled))
		}
	}
}

// fillByPages moves pages into a stream until it takes none.
func (t *T) fillByPages(fd int) (filled int64) {
	reader, writer := t.pipe()
	t.Nonblocking(fd)
	for {
		if t.Queued(reader) == 0 {
			t.put(writer, 16*pageBytes)
		}
		r := splice(reader, fd, pageBytes, 0)
		if r.Errno == unix.EAGAIN {
			break
		}
		filled += t.Done(r)
	}
	t.Shut(reader)
	t.Shut(writer)
	t.Must(os.NewSyscallError("fcntl", unix.SetNonblock(fd, false)))
	return filled
}

// still says that nothing of a TCP connection moves any more, and gives the CPU away where it does.
func (t *T) still(fd int) bool {
	queued, unsent := t.unacknowledged(fd), t.unsent(fd)
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	t.Must(os.NewSyscallError("getsockopt TCP_INFO", err))
	if queued == unsent && info.Snd_wnd == 0 {
		return true
	}
	t.await(fd, unix.POLLOUT, time.Millisecond)
	return false
}
