package impl

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TCPReceive takes what a TCP socket has received without a copy: TCP_ZEROCOPY_RECEIVE maps the received pages where
// Prepare has mapped the socket, and write(2) takes them from there.
//
// Only whole pages can be mapped, and only where the network has left them as such: it takes a sender that asks for no
// copy (MSG_ZEROCOPY), a path whose segments are whole pages, and pages that are no file's. Everything between is read and
// written by copying. The claim is for bytes that come in whole pages.
//
// Bytes are passed on as they come, no chunk is waited for: how many calls that takes is the sender's to say. What was
// received when the sink refuses more is kept for the next Move of the same transfer; release loses it.
var TCPReceive = Method{
	Name: "tcp-receive",
	Claim: Claim{
		Source:     "linux/tcp.h: TCP_ZEROCOPY_RECEIVE; write(2)",
		Since:      "4.18",
		Waits:      []string{"ppoll", "getsockopt", "write"},
		UserCopies: 1,
	},
	From: TCP,
	Into: AnySink,
	Prepare: func(t *Transfer) (func() error, error) {
		nowait, err := nonblocking(t.Source)
		if err != nil {
			return nil, err
		}
		room := (t.Chunk + os.Getpagesize() - 1) &^ (os.Getpagesize() - 1)
		address, err := unix.MmapPtr(t.Source, 0, nil, uintptr(room), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return nil, os.NewSyscallError("mmap", err)
		}
		r := &tcpReceiver{window: unsafe.Slice((*byte)(address), room)}
		if nowait {
			r.patience = &unix.Timespec{}
		}
		t.Own = r
		return func() error { return os.NewSyscallError("munmap", unmap(r.window)) }, nil
	},
	Move: func(t *Transfer) (moved int64, err error) {
		r := t.Own.(*tcpReceiver)
		for moved < t.Length {
			if len(r.received) == 0 {
				if err := r.receive(t, t.left(moved)); err != nil || len(r.received) == 0 {
					return moved, err
				}
			}
			taken, err := write(t.Sink, r.received[:min(len(r.received), t.left(moved))])
			moved += int64(taken)
			r.received = r.received[taken:]
			if err != nil {
				return moved, err
			}
		}
		return moved, nil
	},
}

// tcpReceiver is a TCP socket with a window in the address space that its pages are mapped into.
type tcpReceiver struct {
	window []byte
	// patience is how long is waited for bytes: nil without an end, 0 where the socket is non-blocking.
	patience *unix.Timespec
	// received are bytes that the sink has not taken yet: in the window, or in the transfer's buffer.
	received []byte
	// toCopy is how many bytes stand before the next page that may be mapped.
	toCopy int
}

// zerocopyReceive is struct tcp_zerocopy_receive as it was at first. It has grown since, and kernels go by the size that
// they are given.
type zerocopyReceive struct {
	address      uint64
	length       uint32
	recvSkipHint uint32
}

// receive waits for bytes and takes at most length of them; none, without an error, at the stream's end.
func (r *tcpReceiver) receive(t *Transfer, length int) error {
	if r.toCopy > 0 {
		return r.copied(t, min(r.toCopy, length))
	}
	// This wait is as long as it takes: a limit that the socket has (SO_RCVTIMEO) is one of read(2).
	if _, err := again(func() (int, error) {
		return unix.Ppoll([]unix.PollFd{{Fd: int32(t.Source), Events: unix.POLLIN}}, r.patience, nil)
	}); err != nil {
		return err
	}
	n, err := r.mapped(t.Source, length)
	switch {
	case err != nil && err != unix.EIO:
		return err
	case n > 0:
		r.received = r.window[:n]
		return nil
	case r.toCopy > 0:
		return r.copied(t, min(r.toCopy, length))
	}
	// The end, which some kernels call EIO, an error, or nothing yet: read(2) tells them apart.
	return r.copied(t, length)
}

// mapped has the next whole pages mapped into the window, instead of those before, and says how many bytes they have.
func (r *tcpReceiver) mapped(source, length int) (n int, err error) {
	asked := zerocopyReceive{address: uint64(uintptr(unsafe.Pointer(&r.window[0]))), length: uint32(min(length, len(r.window)))}
	size := uint32(unsafe.Sizeof(asked))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(source), unix.IPPROTO_TCP, unix.TCP_ZEROCOPY_RECEIVE,
		uintptr(unsafe.Pointer(&asked)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	r.toCopy = int(asked.recvSkipHint)
	return int(asked.length), nil
}

// copied reads at most length bytes.
func (r *tcpReceiver) copied(t *Transfer, length int) error {
	n, err := read(t.Source, t.Buffer[:length])
	r.received = t.Buffer[:n]
	r.toCopy = max(0, r.toCopy-n)
	return err
}
