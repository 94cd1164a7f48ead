package lies

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// The directions of a connection, which have a key each (linux/tls.h).
const (
	tlsTX = 1
	tlsRX = 2
)

// The calls that clauses on kernel TLS make. Those by which the kit sees that it is there are told the truth: they peek, or
// do not wait, or do not fail.
var (
	tlsSet  = calls{[]uintptr{unix.SYS_SETSOCKOPT}, aboutTLS}
	tlsKept = calls{[]uintptr{unix.SYS_GETSOCKOPT}, aboutTLS}
	tlsSent = calls{[]uintptr{unix.SYS_SENDMSG, unix.SYS_SENDTO, unix.SYS_WRITE}, func(c *liar.Call) bool {
		return c.Is(c.Descriptor(0), unix.S_IFSOCK)
	}}
	tlsRead = calls{[]uintptr{unix.SYS_RECVFROM, unix.SYS_RECVMSG}, func(c *liar.Call) bool {
		return c.Number == unix.SYS_RECVFROM && c.Arguments[3]&unix.MSG_PEEK == 0 || c.Number == unix.SYS_RECVMSG && c.Arguments[2] == 0
	}}
)

// aboutTLS is whether a call is about an option of TLS, or about what a connection's bytes go through. That there is no TLS
// is told as it is.
func aboutTLS(c *liar.Call) bool {
	if c.Arguments[1] != unix.IPPROTO_TCP || c.Arguments[2] != unix.TCP_ULP {
		return c.Arguments[1] == unix.SOL_TLS
	}
	var name [3]byte
	return c.Errno != unix.ENOENT || !c.Read(c.Arguments[3], name[:]) || string(name[:]) != "tls"
}

// The clauses by what they hold to: a refusal of an option, of what is sent, of what is read, …
var (
	tlsRefusals  = []string{"TLS-ULP-FIRST", "TLS-ULP-CONNECTED", "TLS-ULP-UNKNOWN", "TLS-VERSION", "TLS-CIPHER", "TLS-KEY-LENGTH", "TLS-KEY-FAULT", "TLS-KEY-TWICE", "TLS-KEY-UPDATE-ALIKE", "TLS-ALIKE", "TLS-UNKNOWN-OPTION", "TLS-NO-PAD-BOUNDS", "TLS-ZEROCOPY-RO"}
	tlsOptions   = []string{"TLS-RECORD-NUMBER", "TLS-NO-PAD", "TLS-ZEROCOPY-RO", "TLS-MAX-PAYLOAD"}
	tlsNotSent   = []string{"TLS-NOT-LENT", "TLS-NOT-URGENT", "TLS-CONTROL-MORE", "TLS-SEND-FAULT"}
	tlsNotRead   = []string{"TLS-CONTROL-RECV", "TLS-TAMPERED", "TLS-WRONG-VERSION", "TLS-TOO-LONG", "TLS-TOO-SHORT", "TLS-RECV-WHOLE", "TLS-KEY-UPDATE-RECEIVE"}
	tlsNoFile    = []string{"TLS-SENDFILE-GONE", "TLS-SENDFILE-LEFT", "TLS-SENDFILE-SHORT"}
	tlsNotPiped  = []string{"TLS-SPLICE-GONE", "TLS-SPLICE-SHORT", "TLS-CONTROL-SPLICE", "TLS-TAMPERED-SPLICE", "TLS-SPLICED-FULL-PIPE", "TLS-SPLICED-WAITS", "TLS-RECV-WHOLE", "TLS-KEY-UPDATE-RECEIVE"}
	tlsFileMoved = []string{"TLS-SENDFILE", "TLS-SENDFILE-OFFSET", "TLS-SENDFILE-PAST-END*", "TLS-SENDFILE-SHORT", "TLS-SENDFILE-WAITS", "TLS-RECV-PAIR", "TLS-RECORD-SENDFILE*", "TLS-ZEROCOPY-RO-SOFTWARE"}
	tlsPipeMoved = []string{"TLS-SPLICE", "TLS-SPLICE-A-PART", "TLS-SPLICE-FROM-TCP", "TLS-VMSPLICE", "TLS-SPLICED", "TLS-SPLICED-A-PART", "TLS-SPLICED-SMALL-PIPE", "TLS-SPLICED-THROUGH", "TLS-SPLICED-OWN", "TLS-RECV-PAIR"}
)

// readers are the clauses on what is decrypted: their keys are those of what is read.
const readers = "/^TLS-(RECV|SPLICED|CONTROL-RECV|CONTROL-SPLICE|TAMPERED|WRONG|TOO|NO-PAD|KEY-UPDATE-RECEIVE)/"

var tlsLies = family{
	name: "tls", filter: "/^TLS-/", patience: shortPatience,
	lies: slices.Concat(
		named("setsockopt-", tlsSet.failing(0, tlsRefusals...), those(tlsRefusals)),
		named("getsockopt-", tlsKept.failing(0, "TLS-UNKNOWN-OPTION"), "TLS-UNKNOWN-OPTION"),
		named("send-", tlsSent.failing(1, tlsNotSent...), those(tlsNotSent)),
		named("recv-", tlsRead.failing(0, tlsNotRead...), those(tlsNotRead)),
		named("sendfile-", calls{numbers: []uintptr{unix.SYS_SENDFILE}}.failing(0, tlsNoFile...), those(tlsNoFile)),
		named("splice-", calls{numbers: []uintptr{unix.SYS_SPLICE}}.failing(0, tlsNotPiped...), those(tlsNotPiped)),
		[]lie{
			calls{numbers: []uintptr{unix.SYS_SENDFILE}}.oneFewer(tlsFileMoved...).called("sendfile-one-fewer").within(those(tlsFileMoved)),
			calls{numbers: []uintptr{unix.SYS_SPLICE}}.oneFewer(tlsPipeMoved...).called("splice-one-fewer").within(those(tlsPipeMoved)),
			sendfile.endless("TLS-SENDFILE-END").called("sendfile-one-of-nothing").within("TLS-SENDFILE-END"),
			tell("option-another", "tells another value of an option than it has", tlsOptions, tlsKept.exit(func(c *liar.Call) {
				var first [1]byte
				if c.Errno == 0 && c.Read(c.Arguments[3], first[:]) {
					c.Write(c.Arguments[3], []byte{first[0] ^ 1})
				}
			})).within(those(tlsOptions)),
			renumbered("sends", tlsTX).within("!" + readers),
			renumbered("reads", tlsRX).within(readers),
		},
	),
}

// those is the filter of requirements, of which some are beginnings with an asterisk behind.
func those(requirements []string) string {
	return "/^(" + strings.ReplaceAll(strings.Join(requirements, "|"), "*", ".*") + ")$/"
}

// renumbered is the lie that a direction's records are numbered from another one on than its key says: nobody who has the
// key can read them.
func renumbered(what string, direction uint64) lie {
	keys := calls{[]uintptr{unix.SYS_SETSOCKOPT}, func(c *liar.Call) bool {
		// The kit's own records are numbered from 0.
		number, _ := recordNumber(c)
		return c.Arguments[1] == unix.SOL_TLS && c.Arguments[2] == direction && number != 0
	}}
	put := func(c *liar.Call, number uint64) {
		_, at := recordNumber(c)
		c.Write(at, binary.BigEndian.AppendUint64(nil, number))
	}
	return tell(what+"-by-another-number", fmt.Sprintf("numbers the records that it %s from another on than it is told", what), []string{"TLS-*"},
		keys.around(func(c *liar.Call) {
			number, _ := recordNumber(c)
			put(c, number+1)
			c.Note = int64(number)
		}, func(c *liar.Call) {
			if c.Note != 0 {
				put(c, uint64(c.Note))
			}
		}))
}

// recordNumber is the number that a key is given with, its last 8 bytes, and where that is; 0 where it is none.
func recordNumber(c *liar.Call) (number, at uint64) {
	var b [8]byte
	at = c.Arguments[3] + c.Arguments[4] - uint64(len(b))
	if c.Arguments[4] <= uint64(len(b)) || !c.Read(at, b[:]) {
		return 0, at
	}
	return binary.BigEndian.Uint64(b[:]), at
}
