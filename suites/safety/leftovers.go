package safety

import (
	"fmt"
	"strings"

	"zerocopy-conformance/suites/spec"
)

var tidy = spec.Require(spec.Requirement{
	ID: "SAFETY-LEFTOVERS", Source: "close(2), munmap(2), the contract of a method", Since: "2.6.33",
	Text: "transfers leave their process as it was: with the ends that it was given, and no descriptor, mapping of a file or thread more, in the same directory, with the same umask and limits",
})

// repeated is how often a range is moved: more often than a runtime has reason to begin threads.
const repeated = 16

// leftovers declares the spec on what stays behind in the process.
func leftovers(on spec.On) {
	if !on.Home() {
		return
	}
	spec.It(tidy, "safety", on, func(c *spec.Case) {
		file := c.Open(on, spec.RoundUp(on.Source, 1))
		where := fmt.Sprintf("%d bytes, %d times", file.Bytes, repeated)
		behind, err := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}.Repeat(repeated)
		if behind != nil && behind.Outcome != nil {
			c.Moved(behind.Outcome, where)
		}
		c.Check(err, where)
		c.Transfers++
		if closed := behind.Outcome.Closed; len(closed) > 0 {
			c.Deviates("the ends of the transfer stay open", "the method has closed its "+strings.Join(closed, " and its "), where)
		}
		if len(behind.Changes) > 0 {
			c.Deviates("the process as it was", strings.Join(behind.Changes, ", "), where)
		}
		// A thread that is kept may be one that the runtime had to spare.
		if behind.Threads >= repeated/2 {
			c.Deviates("no more threads", fmt.Sprintf("%d more", behind.Threads), where)
		}
	})
}
