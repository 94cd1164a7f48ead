package spec

import (
	"maps"
	"slices"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/impl"
)

// Needs ends the spec where the kernel does not have an interface, or where that cannot be told.
func (c *Case) Needs(needed probe.Interface) {
	ginkgo.GinkgoHelper()
	if answer, why := needed.Ask(); answer != kernel.Yes {
		c.CannotCheck(why)
	}
}

// needsOf ends the spec where the kernel does not have the calls that a method claims: that they are there is a
// requirement of its own, and whatever else is owed of them cannot be checked.
func (c *Case) needsOf(name string) {
	ginkgo.GinkgoHelper()
	method, err := impl.Lookup(name)
	if err != nil {
		return
	}
	for _, needed := range probe.Behind(slices.Sorted(maps.Keys(method.Claim.Calls))) {
		c.Needs(needed)
	}
}
