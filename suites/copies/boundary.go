package copies

import (
	"fmt"

	"zerocopy-conformance/suites/spec"
)

var boundary = spec.Require(spec.Requirement{ID: "COPIES-USER", Text: "each byte crosses the user boundary as often as the method claims", Source: "the method's claim", Since: "2.6.33"})

// crossing declares the spec on copies across the user boundary.
func crossing(on spec.On) {
	spec.It(boundary, "copies", on, func(c *spec.Case) {
		m := measured(c, on)
		c.Check(m.Outcome.TraceMissing, where)
		if m.Row.UserCopies == nil {
			c.Check(m.Outcome.IOMissing, where)
		}
		if owed := on.Method.Claim.UserCopies; *m.Row.UserCopies != float64(owed) {
			c.Deviates(fmt.Sprintf("%d copies of each byte across the user boundary", owed), fmt.Sprintf("%g, calls %v", *m.Row.UserCopies, m.Row.Calls), where)
		}
	})
}
