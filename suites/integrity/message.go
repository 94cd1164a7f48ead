package integrity

import (
	"fmt"

	"zerocopy-conformance/suites/spec"
)

var (
	message = spec.Requirement{ID: "INTEGRITY-MESSAGE", Text: "a range that reaches past the end of its source is a message of its own: what is written next does not join it", Source: "sendfile(2), unix(7): datagrams keep their boundaries", Since: "2.6.33"}
	// corked is what sendfile(2) makes of it on kernels up to 6.18 at least: it announces more data than come.
	corked = spec.Requirement{ID: "INTEGRITY-MESSAGE-UDP", Text: "over UDP, a range that reaches past the end of its source is a datagram of its own: what is written next does not join it", Source: "sendfile(2), udp(7): UDP_CORK"}
)

// separately declares the spec on where a message ends.
func separately(on spec.On) {
	if !on.Sink.Datagrams {
		return
	}
	requirement := message
	if on.Sink.EndsCorked {
		requirement = corked
	}
	spec.It(requirement, "integrity", on, func(c *spec.Case) {
		const bytes = 1000
		file := c.Open(on, bytes)
		where := fmt.Sprintf("%d bytes asked of a source of %d on %s", bytes+1, bytes, file.Filesystem)
		outcome, first, err := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: bytes + 1}.FirstMessage()
		c.Check(err, where)
		c.Transfers++
		c.Moved(outcome, where)
		if first != bytes {
			c.Deviates(fmt.Sprintf("a message of %d bytes", bytes), fmt.Sprintf("one of %d: it stayed in the sender until the next was written", first), where)
		}
	})
}
