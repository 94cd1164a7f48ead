package impl

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ZerocopySend maps the source as mmap+write does, and has the socket queue the mapping's pages themselves: sendmsg(2)
// with MSG_ZEROCOPY. The kernel says on the socket's error queue when it is done with them, and whether it has copied
// them after all, as it does where the receiver is on the same machine. A chunk stays mapped until then.
//
// A blocking sink has let go of all pages when Move returns: what becomes of the source afterwards cannot reach the
// receiver. One that is non-blocking or corked (udp(7)) may still hold some then, and so may one whose Move ended with an
// error. The completions that come after release stay on the error queue.
//
// The completions are read off the error queue, and with them whatever else is on it (IP_RECVERR, time stamps): that is
// lost. Completions do not say whose they are: those of sends that the caller has under way itself on the same socket
// are taken for the method's.
//
// How much can be under way is limited by net.core.optmem_max and, without CAP_IPC_LOCK, RLIMIT_MEMLOCK. At the limit
// the method waits for completions, or ends with EAGAIN where the sink is non-blocking. A chunk that is too large by
// itself is ENOBUFS.
var ZerocopySend = Method{
	Name: "zerocopy-send",
	Claim: Claim{
		Source:   "mmap(2), sendmsg(2), Documentation/networking/msg_zerocopy.rst",
		Since:    "5.0", // into TCP since 4.14
		Calls:    map[string]int{"mmap": 1, "sendmsg": 1},
		Waits:    []string{"ppoll", "recvmsg"},
		Teardown: map[string]int{"munmap": 1},
		Faults:   1,
		Shares:   true, LocksBytes: 1 << 20,
	},
	Into:    TCP | UDP,
	Prepare: prepareZerocopy,
	Move: func(t *Transfer) (int64, error) {
		z := t.Own.(*zerocopy)
		size, err := t.size()
		if err != nil {
			return 0, err
		}
		moved, err := mover(z.send).each(t, min(t.Length, size-t.Offset))
		if reaped := z.finish(err == nil); err == nil {
			err = reaped
		}
		return moved, err
	},
}

// Completions are what the kernel has said of zero-copy sends when it gave their pages back: how many it has sent
// from where they lay, and how many it has copied after all.
type Completions struct{ Zerocopied, Copied uint32 }

// Completions are what the kernel has said so far of a transfer that its method does by zero-copy sends; false where
// the method makes none, or the kernel does not say.
func (t *Transfer) Completions() (Completions, bool) {
	own, ok := t.Own.(interface{ completions() (Completions, bool) })
	if !ok {
		return Completions{}, false
	}
	return own.completions()
}

func (z *zerocopy) completions() (Completions, bool) { return z.said, true }

// zerocopy is a socket that is asked not to copy.
type zerocopy struct {
	said Completions
	sink int
	// Of one that is non-blocking or corked no completions are waited for.
	nonblocking, corked bool
	// held are the mappings of sends that are under way, oldest first, nil where it is gone before its time. Each was one
	// send, and so has one completion.
	held [][]byte
	// control is what a message of the error queue is read into, payload the one byte of its packet that is asked for.
	control, payload []byte
}

// mostHeld is how many sends may be under way, so that the address space that they take up does not grow with the
// source. Completions are looked for in between from someHeld on.
const (
	mostHeld = 128
	someHeld = 16
)

func prepareZerocopy(t *Transfer) (release func() error, err error) {
	nowait, err := nonblocking(t.Sink)
	if err != nil {
		return nil, err
	}
	before, err := unix.GetsockoptInt(t.Sink, unix.SOL_SOCKET, unix.SO_ZEROCOPY)
	if err != nil {
		return nil, os.NewSyscallError("getsockopt", err)
	}
	if err := unix.SetsockoptInt(t.Sink, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	z := &zerocopy{
		sink: t.Sink, nonblocking: nowait, corked: corked(t.Sink),
		control: make([]byte, 512), payload: make([]byte, 1),
	}
	t.Own = z
	return func() error {
		err := z.reap()
		if failed := unix.SetsockoptInt(t.Sink, unix.SOL_SOCKET, unix.SO_ZEROCOPY, before); err == nil {
			err = os.NewSyscallError("setsockopt", failed)
		}
		return err
	}, nil
}

func nonblocking(fd int) (bool, error) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return flags&unix.O_NONBLOCK != 0, os.NewSyscallError("fcntl", err)
}

// corked says whether a UDP socket gathers a datagram (udp(7), UDP_CORK): nothing is sent then, and nothing completed,
// before the caller says so.
func corked(fd int) bool {
	on, err := unix.GetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_CORK)
	return err == nil && on != 0
}

// mapChunk maps a chunk of the source: the whole mapping, which starts on a page boundary, and the chunk in it.
func mapChunk(t *Transfer, offset int64, length int) (mapping, chunk []byte, err error) {
	skip := int(offset % int64(os.Getpagesize()))
	address, err := unix.MmapPtr(t.Source, offset-int64(skip), nil, uintptr(skip+length), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	mapping = unsafe.Slice((*byte)(address), skip+length)
	return mapping, mapping[skip:], nil
}

// unmap unmaps a chunk's mapping, if there is one.
func unmap(mapping []byte) error {
	if len(mapping) == 0 {
		return nil
	}
	return unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(mapping)), uintptr(len(mapping)))
}

// send is a mover.
func (z *zerocopy) send(t *Transfer, offset int64, length int) (taken int, err error) {
	if len(z.held) >= someHeld {
		if err := z.reap(); err != nil {
			return 0, err
		}
	}
	if len(z.held) >= mostHeld && !z.corked {
		if err := z.makeRoom(); err != nil {
			return 0, err
		}
	}
	mapping, chunk, err := mapChunk(t, offset, length)
	if err != nil {
		return 0, err
	}
	for {
		taken, err = again(func() (int, error) { return unix.SendmsgN(z.sink, chunk, nil, nil, unix.MSG_ZEROCOPY) })
		if err != unix.ENOBUFS {
			break
		}
		if err = z.makeRoom(); err != nil {
			break
		}
	}
	if taken == 0 {
		// A send that fails, or sends nothing, has no completion.
		if failed := unmap(mapping); err == nil {
			err = failed
		}
		return 0, err
	}
	z.held = append(z.held, mapping)
	return taken, err
}

// makeRoom is what can be done about ENOBUFS, and when too much is under way: it waits for a completion where one is
// to come.
func (z *zerocopy) makeRoom() error {
	held := len(z.held)
	if !z.nonblocking && !z.corked && held > 0 {
		return z.await(held - 1)
	}
	if err := z.reap(); err != nil || len(z.held) < held {
		return err
	}
	if !z.nonblocking {
		return unix.ENOBUFS
	}
	// What takes up the room is on its way, and may have been sent by an earlier transfer.
	if unsent, err := unix.IoctlGetInt(z.sink, unix.TIOCOUTQ); held > 0 || err == nil && unsent > 0 {
		return unix.EAGAIN
	}
	return unix.ENOBUFS
}

// await waits until no more than that many sends are under way.
func (z *zerocopy) await(most int) error {
	for len(z.held) > most {
		if err := z.look(nil); err != nil {
			return err
		}
	}
	return nil
}

// finish takes the last completions, and waits for them if it is to and the sink allows. It leaves nothing mapped: the
// kernel holds the pages that it still needs, and no mapping of them.
func (z *zerocopy) finish(wait bool) (err error) {
	switch {
	case wait && !z.nonblocking && !z.corked:
		err = z.await(0)
	case len(z.held) > 0:
		err = z.look(&unix.Timespec{})
	}
	for i, mapping := range z.held {
		if failed := unmap(mapping); err == nil {
			err = failed
		}
		z.held[i] = nil
	}
	return err
}

// look waits at most that long for completions, and takes those that are there.
func (z *zerocopy) look(patience *unix.Timespec) error {
	// POLLERR needs no asking for.
	if _, err := again(func() (int, error) { return unix.Ppoll([]unix.PollFd{{Fd: int32(z.sink)}}, patience, nil) }); err != nil {
		return err
	}
	return z.reap()
}

// reap takes the completions that are there, and unmaps what they are about.
func (z *zerocopy) reap() error {
	for {
		var control int
		_, err := again(func() (n int, err error) {
			n, control, _, _, err = unix.RecvmsgBuffers(z.sink, [][]byte{z.payload}, z.control, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			return n, err
		})
		if err == unix.EAGAIN {
			return nil
		}
		if err != nil {
			return err
		}
		if err := z.complete(z.control[:control]); err != nil {
			return err
		}
	}
}

// complete goes through one message of the error queue. The queue holds more than completions: errors that ICMP has
// brought, if the socket asks for them (IP_RECVERR), and time stamps.
func (z *zerocopy) complete(control []byte) error {
	for len(control) > 0 {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return nil
		}
		control = rest
		ofIP := header.Level == unix.SOL_IP && header.Type == unix.IP_RECVERR || header.Level == unix.SOL_IPV6 && header.Type == unix.IPV6_RECVERR
		if !ofIP || len(data) < int(unsafe.Sizeof(unix.SockExtendedErr{})) {
			continue
		}
		said := (*unix.SockExtendedErr)(unsafe.Pointer(&data[0]))
		if said.Origin != unix.SO_EE_ORIGIN_ZEROCOPY || said.Errno != 0 {
			continue
		}
		// The sends from number Info to number Data, which may have run over.
		sends := said.Data - said.Info + 1
		if said.Code&unix.SO_EE_CODE_ZEROCOPY_COPIED != 0 {
			z.said.Copied += sends
		} else {
			z.said.Zerocopied += sends
		}
		if err := z.let(int(sends)); err != nil {
			return err
		}
	}
	return nil
}

// let unmaps the oldest mappings. Should the completions come out of order, no harm is done: see finish.
func (z *zerocopy) let(sends int) (err error) {
	sends = min(sends, len(z.held))
	for _, mapping := range z.held[:sends] {
		if failed := unmap(mapping); err == nil {
			err = failed
		}
	}
	z.held = z.held[sends:]
	return err
}
