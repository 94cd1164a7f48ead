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

// NeedsOf ends the spec where the kernel does not have the calls that a method claims, or the user may not lock as much
// memory as it takes: that they are there is a requirement of its own, and whatever else is owed of them cannot be checked.
func (c *Case) NeedsOf(name string) {
	ginkgo.GinkgoHelper()
	method, err := impl.Lookup(name)
	if err != nil {
		return
	}
	if why := kernel.MayLock(method.Claim.LocksBytes); why != nil {
		c.CannotCheck(why)
	}
	for _, needed := range probe.Behind(slices.Sorted(maps.Keys(method.Claim.Calls))) {
		c.Needs(needed)
	}
}
