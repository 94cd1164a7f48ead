package safety

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/spec"
)

var same = spec.Require(spec.Requirement{
	ID: "SAFETY-SOURCE", Source: "open(2): O_RDONLY", Since: "2.6.33",
	Text: "after a transfer the source reads as before: through the page cache, past it where the filesystem has O_DIRECT, and from the disk once the cache was dropped; and stat(2) says of it what it said: size, mode, owner, and when it was last changed",
})

// unchanged declares the spec that looks at the source after a transfer of a part of it.
func unchanged(on spec.On) {
	spec.It(same, "safety", on, func(c *spec.Case) {
		file := c.Open(on, spec.RoundUp(on.Source, movedBytes))
		where := fmt.Sprintf("bytes 100 to %d of %d on %s", movedBytes-100, file.Bytes, file.Filesystem)
		t := spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: 100, Length: movedBytes - 200}
		before, err := file.Settings()
		c.Check(err, where)
		outcome, _, err := t.Deliver()
		c.Check(err, where)
		c.Moved(outcome, where)
		c.Transfers++
		after, err := file.Settings()
		c.Check(err, where)
		// These are no part of the file: see SAFETY-POSITION, SAFETY-SETTINGS.
		after.Position, after.Flags = before.Position, before.Flags
		if before != after {
			c.Deviates(fmt.Sprintf("what stat(2) says as it was: %+v", before), fmt.Sprintf("%+v", after), where)
		}
		readsAsBefore(c, file, where)
	})
}

// readsAsBefore ends the spec if a file holds other bytes than its payload, however it is read.
func readsAsBefore(c *spec.Case, file *source.File, where string) {
	ginkgo.GinkgoHelper()
	for _, way := range file.Ways() {
		seen, err := way.Read()
		c.Check(err, where)
		if seen != nil {
			c.Deviates("the source as it was", fmt.Sprintf("read %s, %v", way.Name, seen), where)
		}
	}
}
