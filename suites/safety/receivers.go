package safety

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/suites/contract"
)

// receivers: what a receiver is given of a file's pages is for it to read, not to have.
var receivers = contract.Interface{
	Page: "tcp(7)", Needs: []probe.Interface{probe.Sendfile},
	Clauses: []contract.Clause{
		{ID: "SAFETY-TCP-RECEIVE", Since: "6.1.77", Source: "linux/tcp.h: TCP_ZEROCOPY_RECEIVE; CVE-2024-26640",
			Text: "a receiver on the same machine is not given a mapping of the page cache's pages that sendfile(2) has sent it", Check: func(t *contract.T) {
				file := t.File(int64(16 * pageBytes))
				open, sender := t.Pair("tcp")
				receiver := open.Receiving()
				room, _, errno := unix.Syscall6(unix.SYS_MMAP, 0, uintptr(16*pageBytes), unix.PROT_READ, unix.MAP_SHARED, uintptr(receiver), 0)
				if errno != 0 {
					t.Lacks("TCP_ZEROCOPY_RECEIVE", fmt.Sprintf("mmap of a TCP socket: %v", errno), "take a kernel with it: Linux 4.18 or newer, with CONFIG_MMU")
				}
				t.Cleanup(func() { unix.Syscall(unix.SYS_MUNMAP, room, uintptr(16*pageBytes), 0) })
				offset := int64(0)
				n, err := unix.Sendfile(sender, file.Descriptor(), &offset, 16*pageBytes)
				t.Must(os.NewSyscallError("sendfile", err))
				contract.Equal(t, "sendfile", n, 16*pageBytes)
				t.AwaitQueued(receiver, int64(16*pageBytes))
				asked := received{address: uint64(room), length: uint32(16 * pageBytes)}
				size := uint32(unsafe.Sizeof(asked))
				_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(receiver), unix.IPPROTO_TCP, unix.TCP_ZEROCOPY_RECEIVE, uintptr(unsafe.Pointer(&asked)), uintptr(unsafe.Pointer(&size)), 0)
				if errno != 0 {
					t.Must(os.NewSyscallError("getsockopt TCP_ZEROCOPY_RECEIVE", errno))
				}
				contract.Equal(t, "bytes mapped", asked.length, 0)
				asBefore(t, file)
			}},
	},
}

// received is struct tcp_zerocopy_receive of linux/tcp.h, as far as all kernels have it.
type received struct {
	address      uint64
	length       uint32
	recvSkipHint uint32
}
