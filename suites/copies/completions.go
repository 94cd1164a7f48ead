package copies

import (
	"fmt"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/suites/spec"
)

var completed = spec.Require(spec.Requirement{
	ID: "COPIES-COMPLETED", Text: "each send that was to be without a copy is completed: the kernel says that it has given the pages back",
	Source: "Documentation/networking/msg_zerocopy.rst: Notification Reception; io_uring_enter(2): IORING_OP_SEND_ZC", Since: "5.0",
})

// completing declares the spec on what the kernel says of pages that were lent it.
func completing(on spec.On) {
	if !on.Method.Claim.Shares || means(on.Method.Claim) != byZerocopy {
		return
	}
	spec.It(completed, "copies", on, func(c *spec.Case) {
		m := measured(c, on)
		said := m.Outcome.Completions
		if said == nil {
			c.CannotCheck(&kernel.Unavailable{What: "what became of a zero-copy send", Why: "the method is not told by this kernel", Remedy: "run on Linux 6.2 or newer"})
		}
		if said.Zerocopied+said.Copied == 0 {
			c.Deviates("a completion", fmt.Sprintf("none; calls %v", m.Row.Calls), where)
		}
	})
}
