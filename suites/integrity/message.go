package integrity

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var (
	message = spec.Require(spec.Requirement{ID: "INTEGRITY-MESSAGE", Text: "a range that reaches past the end of its source is a message of its own: what is written next does not join it", Source: "unix(7): datagrams keep their boundaries", Since: "2.6.33"})
	// 5.10 keeps a datagram back that was to be longer, and what is written next joins it.
	messageUDP = spec.Require(spec.Requirement{ID: "INTEGRITY-MESSAGE-UDP", Text: "a range that reaches past the end of its source is a datagram of its own: what is written next does not join it", Source: "udp(7): datagrams keep their boundaries", Since: "6.1"})
	// Seen on 6.18: for a range past the end sendfile(2) announces more data than come. The datagram's checksum is
	// then made in software, page by page, and is wrong behind a page with an odd number of bytes: the receiver
	// drops it. Which kernels are right is not known, so none is held to it yet.
	checksum = spec.Require(spec.Requirement{ID: "INTEGRITY-UDP-CHECKSUM", Text: "a datagram of a range that reaches past the end of its source has the right checksum, and arrives", Source: "udp(7), RFC 768"})
)

// separately declares the spec on where a message ends.
func separately(on spec.On) {
	if !on.Sink.Datagrams {
		return
	}
	requirement := message
	if (impl.UDP | impl.CorkedUDP).Has(on.Sink.Class) {
		requirement = messageUDP
	}
	spec.It(requirement, "integrity", on, func(c *spec.Case) {
		first, where := firstMessage(c, on, 0, 1000)
		if first != 1000 {
			c.Deviates("a message of 1000 bytes", fmt.Sprintf("one of %d", first), where)
		}
	})
}

// pastEnd declares the spec on a datagram that was to be longer, and whose pages end at odd bytes.
func pastEnd(on spec.On) {
	if on.Sink.Name != "udp" {
		return
	}
	spec.It(checksum, "integrity", on, func(c *spec.Case) {
		before := checksumErrors()
		first, where := firstMessage(c, on, 1, spec.PageBytes+1)
		if owed := spec.PageBytes; first != owed {
			c.Deviates(fmt.Sprintf("a datagram of %d bytes", owed),
				fmt.Sprintf("it was sent and never arrived; the receiving host counts %d more checksum errors", checksumErrors()-before), where)
		}
	})
}

// firstMessage asks for a byte more than a source has from offset on, and says how long the first message is that
// then arrives: another is written behind it.
func firstMessage(c *spec.Case, on spec.On, offset, bytes int64) (first int64, where string) {
	file := c.Open(on, bytes)
	t := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: offset, Length: bytes - offset + 1}
	where = fmt.Sprintf("%d bytes asked from offset %d of a source of %d on %s", t.Length, offset, bytes, file.Filesystem)
	outcome, first, err := t.FirstMessage()
	c.Check(err, where)
	c.Transfers++
	c.Moved(outcome, where)
	return first, where
}

// checksumErrors is how many datagrams this network namespace has dropped for their checksum (UDP's InCsumErrors in
// proc_net(5)), 0 where that is not told.
func checksumErrors() (n int) {
	text, _ := os.ReadFile("/proc/net/snmp")
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] != "Udp:":
		case names == nil:
			names = fields
		default:
			if at := slices.Index(names, "InCsumErrors"); at >= 0 && at < len(fields) {
				n, _ = strconv.Atoi(fields[at])
			}
		}
	}
	return n
}
