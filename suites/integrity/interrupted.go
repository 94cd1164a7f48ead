package integrity

import (
	"fmt"

	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var interruption = spec.Require(spec.Requirement{
	ID: "INTEGRITY-INTERRUPTED", Source: "signal(7): Interruption of system calls by signal handlers; write(2), sendfile(2) ERRORS: EINTR", Since: "2.6.33",
	Text: "signals to a method that waits for a full sink lose and repeat nothing: the rest of a short count is moved, and a call that had moved nothing is made again",
})

// signals is how many come. The first find calls that have moved some bytes, and those after them, when nothing gets any
// further, one that has moved none.
const signals = 4

// interrupted declares the spec on signals that come while a sink is full.
func interrupted(on spec.On) {
	if !(impl.UnixStream | impl.TCP | impl.Pipe).Has(on.Sink.Class) || on.Sink.NIC || on.Source.Stream {
		return
	}
	spec.It(interruption, "integrity", on, func(c *spec.Case) {
		size := int64(1<<20 + 13)
		if on.Sink.Network {
			size = 2<<20 + 13
		}
		file := c.Open(on, size)
		transfer := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}
		outcome, came, wrong, err := transfer.DeliverInterrupted(signals)
		where := fmt.Sprintf("%d bytes on %s, %d signals", file.Bytes, file.Filesystem, came)
		c.Check(err, where)
		c.Transfers++
		c.Moved(outcome, where)
		if wrong != nil {
			c.Deviates("the bytes of the range", wrong.Error(), where)
		}
	})
}
