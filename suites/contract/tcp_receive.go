package contract

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
)

const tcpReceivePage = "linux/tcp.h: TCP_ZEROCOPY_RECEIVE"

var tcpReceiveClauses = Interface{
	Page: "TCP_ZEROCOPY_RECEIVE",
	Clauses: []Clause{
		{ID: "TCPRECEIVE-UNALIGNED", Since: "4.18", Source: tcpReceivePage,
			Text: "an address that is not a page's is EINVAL, and what waits stays", Check: func(t *T) {
				receiver, room := t.receiver(3 * pageBytes)
				t.Fails(zerocopyReceive(receiver, &received{address: uint64(uintptr(room)) + 1, length: uint32(pageBytes)}), unix.EINVAL)
				Equal(t, "bytes that wait", t.Queued(receiver), int64(3*pageBytes))
			}},
		{ID: "TCPRECEIVE-LISTENING", Since: "4.18", Source: tcpReceivePage,
			Text: "a socket that listens is ENOTCONN", Check: func(t *T) {
				fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
				t.Must(err)
				t.Closes(fd)
				t.Must(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
				t.Must(unix.Listen(fd, 1))
				room := t.Reserve(fd)
				t.Fails(zerocopyReceive(fd, &received{address: uint64(uintptr(room)), length: uint32(pageBytes)}), unix.ENOTCONN)
			}},
		{ID: "TCPRECEIVE-OTHER-MAPPING", Since: "4.18", Source: tcpReceivePage,
			Text: "memory that was not mapped from a TCP socket is EINVAL, and stays as it is", Check: func(t *T) {
				receiver, _ := t.receiver(3 * pageBytes)
				memory, err := unix.Mmap(-1, 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
				t.Must(err)
				t.Cleanup(func() { unix.Munmap(memory) })
				copy(memory, "its own")
				t.Fails(zerocopyReceive(receiver, &received{address: uint64(uintptr(unsafe.Pointer(&memory[0]))), length: uint32(pageBytes)}), unix.EINVAL)
				t.Same("the memory", memory[:7], []byte("its own"))
				Equal(t, "bytes that wait", t.Queued(receiver), int64(3*pageBytes))
			}},
		{ID: "TCPRECEIVE-SKIP", Since: "4.18", Source: tcpReceivePage,
			Text: "of less than a page nothing is mapped: recv_skip_hint says how much is to be read by copying, and it is still there", Check: func(t *T) {
				receiver, room := t.receiver(100)
				asked := received{address: uint64(uintptr(room)), length: uint32(pageBytes)}
				t.Counts(zerocopyReceive(receiver, &asked), 0)
				Equal(t, "length", asked.length, 0)
				Equal(t, "recv_skip_hint", asked.skip, 100)
				Equal(t, "bytes that wait", t.Queued(receiver), 100)
			}},
		{ID: "TCPRECEIVE-EXACT", Since: "4.18", Source: tcpReceivePage, Places: []string{"written", "lent"},
			Text: "what is mapped, and what is then read, are together the bytes that were sent, in order", Check: func(t *T) {
				receiver, room, data := t.pagesReceived(t.Place())
				var all []byte
				for len(all) < len(data) {
					asked := received{address: uint64(uintptr(room)), length: uint32(len(data))}
					t.Counts(zerocopyReceive(receiver, &asked), 0)
					t.Holds(int(asked.length) <= len(data)-len(all), fmt.Sprintf("at most %d bytes mapped", len(data)-len(all)), fmt.Sprint(asked.length))
					all = append(all, unsafe.Slice((*byte)(room), asked.length)...)
					skip := min(int64(asked.skip), int64(len(data)-len(all)))
					if asked.length == 0 && skip == 0 {
						t.Deviates("bytes mapped, or to be skipped", "neither")
					}
					all = append(all, t.Take(receiver, skip)...)
				}
				t.Same("what arrives", all, data)
			}},
		// Nobody owes it, and it is what all else here would be nothing without.
		{ID: "TCPRECEIVE-MAPS", Source: tcpReceivePage,
			Text: "whole pages that were lent by the sender, and copied on the way, are mapped", Check: func(t *T) {
				receiver, room, data := t.pagesReceived("lent")
				mapped := t.Mapped(receiver, room, len(data))
				t.Holds(mapped > 0, fmt.Sprintf("some of %d bytes mapped", len(data)), fmt.Sprint(mapped))
			}},
	},
}

// pagesReceived are whole pages of bytes that wait in a TCP socket, and address space mapped from it. The sender has
// written them, or has lent them: over loopback they were then copied into pages of their own, which are nobody's.
func (t *T) pagesReceived(how string) (receiver int, room unsafe.Pointer, data []byte) {
	data = patterned(8 * pageBytes)
	send := func(fd int) Result { return write(fd, data) }
	open, sender := (*sink.Sink)(nil), -1
	if how == "lent" {
		open, sender = t.lender("tcp")
		// Pages of memory, from the first byte of one on.
		memory := t.Scratch(len(data))
		copy(memory, data)
		send = func(fd int) Result { return t.lend(fd, memory) }
	} else {
		open, sender = t.Pair("tcp")
	}
	receiver = open.Receiving()
	room = t.Reserve(receiver)
	t.Counts(send(sender), int64(len(data)))
	t.AwaitQueued(receiver, int64(len(data)))
	return receiver, room, data
}

// MapsPages ends the check where this kernel maps no received pages at all: that it does not map some proves nothing.
func (t *T) MapsPages() {
	receiver, room, data := t.pagesReceived("lent")
	if t.Mapped(receiver, room, len(data)) == 0 {
		t.Lacks("a mapping of what TCP has received", "the kernel makes none of whole pages that are nobody's, either", "take a kernel that does")
	}
}

// Mapped asks for so many bytes to be mapped, and says how many were.
func (t *T) Mapped(receiver int, room unsafe.Pointer, bytes int) int {
	asked := received{address: uint64(uintptr(room)), length: uint32(bytes)}
	t.Counts(zerocopyReceive(receiver, &asked), 0)
	return int(asked.length)
}

// received is struct tcp_zerocopy_receive of linux/tcp.h, as far as all kernels have it.
type received struct {
	address      uint64
	length, skip uint32
}

func zerocopyReceive(fd int, about *received) Result {
	size := uint32(unsafe.Sizeof(*about))
	return raw("getsockopt", unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_ZEROCOPY_RECEIVE, uintptr(unsafe.Pointer(about)), uintptr(unsafe.Pointer(&size)))
}

// receiver is a TCP socket in which so many bytes wait, and address space mapped from it.
func (t *T) receiver(waiting int) (fd int, room unsafe.Pointer) {
	open, sender := t.Pair("tcp")
	t.Counts(write(sender, make([]byte, waiting)), int64(waiting))
	t.AwaitQueued(open.Receiving(), int64(waiting))
	return open.Receiving(), t.Reserve(open.Receiving())
}

// Reserve maps 16 pages of address space from a TCP socket, which pages can be mapped into.
func (t *T) Reserve(fd int) unsafe.Pointer {
	size := uintptr(16 * pageBytes)
	room, err := unix.MmapPtr(fd, 0, nil, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Lacks("TCP_ZEROCOPY_RECEIVE", "mmap of a TCP socket: "+err.Error(), "take a kernel that has it: Linux 4.18 or newer, with CONFIG_MMU")
	}
	t.Cleanup(func() { unix.MunmapPtr(room, size) })
	return room
}
