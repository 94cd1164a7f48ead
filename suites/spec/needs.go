package spec

import (
	"maps"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
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

// NeedsMemory ends the spec where the method has found too little memory that it may lend the kernel, and this user may
// not lock as much as it takes.
func (c *Case) NeedsMemory(outcome *agent.Outcome) {
	ginkgo.GinkgoHelper()
	method, err := impl.Lookup(c.Method)
	if err != nil || outcome.Errno != unix.ENOMEM && outcome.Errno != unix.ENOBUFS {
		return
	}
	if why := kernel.MayLock(method.Claim.LocksBytes); why != nil {
		c.CannotCheck(why)
	}
}

// NeedsCalls ends the spec where the kernel does not have the calls that its method claims, so many or as many as it takes:
// that they are there is a requirement of its own, and whatever else is owed of them cannot be checked.
func (c *Case) NeedsCalls() {
	ginkgo.GinkgoHelper()
	method, err := impl.Lookup(c.Method)
	if err != nil {
		return
	}
	for _, needed := range probe.Behind(slices.AppendSeq(slices.Clone(method.Claim.Waits), maps.Keys(method.Claim.Calls))) {
		c.Needs(needed)
	}
}

// inPieces is why one call would make a datagram of several pieces: sendfile(2) takes a range through a pipe of the kernel's
// own, which is as small as this user's are. The checksum is wrong then behind a page with an odd number of bytes, as it is
// of a datagram that was to be longer: INTEGRITY-UDP-CHECKSUM asks for that.
func (t Transfer) inPieces() *kernel.Unavailable {
	if !(impl.UDP | impl.CorkedUDP).Has(t.Sink.Class) || t.Method.Claim.Calls["sendfile"] == 0 {
		return nil
	}
	return kernel.PipeHolds(t.chunk())
}
