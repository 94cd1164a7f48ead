package lies

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// tcpReceive is getsockopt(TCP_ZEROCOPY_RECEIVE).
var tcpReceive = calls{[]uintptr{unix.SYS_GETSOCKOPT}, func(c *liar.Call) bool {
	return c.Arguments[1] == unix.IPPROTO_TCP && c.Arguments[2] == unix.TCP_ZEROCOPY_RECEIVE
}}

var tcpReceiveLies = family{
	name: "tcp-receive", filter: "/^TCPRECEIVE-/ || SAFETY-TCP-RECEIVE",
	lies: slices.Concat(
		tcpReceive.failing(0, "TCPRECEIVE-UNALIGNED", "TCPRECEIVE-LISTENING", "TCPRECEIVE-OTHER-MAPPING"),
		[]lie{
			received("maps-a-page-too-many", "says that a page more was mapped than was", func(mapped, skip uint32) (uint32, uint32) {
				return mapped + uint32(pageBytes), skip
			}, "TCPRECEIVE-SKIP", "TCPRECEIVE-EXACT", "SAFETY-TCP-RECEIVE"),
			received("skips-one-fewer", "says that one byte fewer is to be read than is", func(mapped, skip uint32) (uint32, uint32) {
				return mapped, skip - min(skip, 1)
			}, "TCPRECEIVE-SKIP", "TCPRECEIVE-EXACT"),
			received("maps-nothing", "says that nothing was mapped of what was", func(mapped, skip uint32) (uint32, uint32) {
				return 0, skip
			}, "TCPRECEIVE-EXACT").within("TCPRECEIVE-EXACT || TCPRECEIVE-SKIP"),
		},
	),
}

// received is a lie about how much was mapped, and how much is to be read: struct tcp_zerocopy_receive of linux/tcp.h has
// them behind the address.
func received(name, says string, how func(mapped, skip uint32) (uint32, uint32), violates ...string) lie {
	return tell(name, says, violates, tcpReceive.exit(func(c *liar.Call) {
		var both [8]byte
		at := c.Arguments[3] + 8
		if c.Errno != 0 || !c.Read(at, both[:]) {
			return
		}
		mapped, skip := how(binary.NativeEndian.Uint32(both[:]), binary.NativeEndian.Uint32(both[4:]))
		binary.NativeEndian.PutUint32(both[:], mapped)
		binary.NativeEndian.PutUint32(both[4:], skip)
		c.Write(at, both[:])
	}))
}
