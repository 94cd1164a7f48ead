package contract

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
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
				room := t.reserve(fd)
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
		{ID: "TCPRECEIVE-EXACT", Since: "4.18", Source: tcpReceivePage,
			Text: "what is mapped, and what is then read, are together the bytes that were sent, in order", Check: func(t *T) {
				open, sender := t.Pair("tcp")
				receiver := open.Receiving()
				room := t.reserve(receiver)
				data := make([]byte, 8*pageBytes)
				for i := range data {
					data[i] = byte(i % 251)
				}
				t.Counts(write(sender, data), int64(len(data)))
				t.AwaitQueued(receiver, int64(len(data)))
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
	},
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
	return open.Receiving(), t.reserve(open.Receiving())
}

// reserve maps address space from a TCP socket, which pages can be mapped into.
func (t *T) reserve(fd int) unsafe.Pointer {
	size := uintptr(16 * pageBytes)
	room, err := unix.MmapPtr(fd, 0, nil, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Lacks("TCP_ZEROCOPY_RECEIVE", "mmap of a TCP socket: "+err.Error(), "take a kernel that has it: Linux 4.18 or newer, with CONFIG_MMU")
	}
	t.Cleanup(func() { unix.MunmapPtr(room, size) })
	return room
}
