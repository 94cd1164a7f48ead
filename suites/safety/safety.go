// Package safety asks whether the source is still what it was. A file that a method only reads must read as before:
// after every transfer, and after whatever is done to its pages on their way. And nothing comes out of it that was not
// asked for, and nothing stays behind: neither at the transfer's ends nor in its process.
//
// The bugs that are known here let a program write to files that it may only read. The specs look for the property
// that those bugs break, on temp files of the kit's own, and do nothing beyond that.
package safety

import (
	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/suites/contract"
	"zerocopy-conformance/suites/spec"
)

// movedBytes are a few pages and a part of one: the end of a file is where pages hold more than the file does.
const movedBytes = 5<<12 + 1234

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("safety", func() {
		for _, on := range spec.Files() {
			unchanged(on)
			ends(on)
			leftovers(on)
			if on.FirstSource && !on.Sink.Swallows {
				neighbours(on)
				tail(on)
			}
		}
	})
	consumers()
}

// consumers are what may get hold of a file's pages on their way.
var consumers = contract.Suite("safety", spliced, duplicated, lent, algorithms, receivers)
