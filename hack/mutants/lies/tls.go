package lies

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// The directions of a connection that may have a key (linux/tls.h).
const (
	tlsTX = 1
	tlsRX = 2
)

var (
	// tlsSet and tlsKept are the options of TLS, and of what a connection's bytes go through.
	tlsSet  = calls{[]uintptr{unix.SYS_SETSOCKOPT}, aboutTLS}
	tlsKept = calls{[]uintptr{unix.SYS_GETSOCKOPT}, aboutTLS}
	// tlsSent, tlsRead and tlsTyped are the clauses' own sends and receives: those by which the kit sees that there is
	// TLS at all do not wait.
	tlsSent = calls{[]uintptr{unix.SYS_SENDMSG, unix.SYS_SENDTO, unix.SYS_WRITE}, func(c *liar.Call) bool {
		return c.Is(c.Descriptor(0), unix.S_IFSOCK) && !(c.Number == unix.SYS_SENDMSG && c.Arguments[2]&unix.MSG_DONTWAIT != 0)
	}}
	tlsRead  = calls{[]uintptr{unix.SYS_RECVFROM}, func(c *liar.Call) bool { return c.Arguments[3] != unix.MSG_PEEK|unix.MSG_DONTWAIT }}
	tlsTyped = calls{[]uintptr{unix.SYS_RECVMSG}, func(c *liar.Call) bool { return c.Arguments[2] == 0 }}
)

func aboutTLS(c *liar.Call) bool {
	return c.Arguments[1] == unix.SOL_TLS || c.Arguments[1] == unix.IPPROTO_TCP && c.Arguments[2] == unix.TCP_ULP
}

var tlsLies = family{
	name: "tls", filter: "/^TLS-/", patience: shortPatience,
	lies: slices.Concat(
		named("setsockopt-", tlsSet.failing(0, "TLS-*"), "tls"),
		named("getsockopt-", tlsKept.failing(0, "TLS-*"), "tls"),
		named("send-", tlsSent.failing(0, "TLS-*"), "tls"),
		named("recv-", slices.Concat(tlsRead.failing(0, "TLS-*"), []lie{tlsRead.oneFewer("TLS-*")}), "tls"),
		named("sendfile-", calls{numbers: []uintptr{unix.SYS_SENDFILE}}.failing(0, "TLS-*"), "tls"),
		named("splice-", calls{numbers: []uintptr{unix.SYS_SPLICE}}.failing(0, "TLS-*"), "tls"),
		named("sendfile-", sendfile.miscounted("TLS-*"), "tls"),
		named("splice-", splice.miscounted("TLS-*"), "tls"),
		[]lie{
			sendfile.endless("TLS-*").called("sendfile-one-of-nothing"),
			tell("sends-in-the-clear", "takes a key for what is sent, and sends it as it is", []string{"TLS-*"}, keyed(tlsTX).entry(func(c *liar.Call) { c.Answer(0) })),
			tell("reads-as-it-came", "takes a key for what is read, and reads it as it came", []string{"TLS-*"}, keyed(tlsRX).entry(func(c *liar.Call) { c.Answer(0) })),
			rekeyed("number-off-in-sends", tlsTX), rekeyed("number-off-in-reads", tlsRX),
		},
	),
}

// keyed are the keys that the clauses give a direction. Their records are not numbered from 0, as the kit's own are.
func keyed(direction uint64) calls {
	return calls{[]uintptr{unix.SYS_SETSOCKOPT}, func(c *liar.Call) bool {
		number, _ := recordNumber(c)
		return c.Arguments[1] == unix.SOL_TLS && c.Arguments[2] == direction && number != 0
	}}
}

// recordNumber is that of the first record of a key, which is at its end, and where it is.
func recordNumber(c *liar.Call) (number, at uint64) {
	var b [8]byte
	at = c.Arguments[3] + c.Arguments[4] - 8
	if c.Arguments[4] < 8 || !c.Read(at, b[:]) {
		return 0, at
	}
	return binary.BigEndian.Uint64(b[:]), at
}

func rekeyed(name string, direction uint64) lie {
	put := func(more uint64) func(*liar.Call) {
		return func(c *liar.Call) {
			number, at := recordNumber(c)
			c.Write(at, binary.BigEndian.AppendUint64(nil, number+more))
		}
	}
	return tell(name, "numbers records from the one behind", []string{"TLS-*"}, keyed(direction).around(put(1), put(^uint64(0))))
}
