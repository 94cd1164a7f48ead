// Package spec is the vocabulary in which the suites are written: requirements, the transfers that they are
// held to, and how a run is started and summed up. A suite's specs are ordinary functions, so that a program
// outside the kit can register a method of its own and run them on it.
package spec

import (
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/reexec"
)

// Run runs the given suites' specs as one Ginkgo suite of that name. Call it from a test function of its own,
// and from nowhere else: the kit's child processes enter through the very same test.
func Run(t *testing.T, name string, specs ...func()) {
	t.Helper()
	reexec.Main("-test.run=^" + t.Name() + "$")
	if err := checkInput(ginkgo.GinkgoLabelFilter()); err != nil {
		t.Fatal(err)
	}
	gomega.RegisterFailHandler(ginkgo.Fail)
	for _, declare := range specs {
		declare()
	}
	ginkgo.AfterSuite(func() { gomega.Expect(world.close()).To(gomega.Succeed()) })
	ginkgo.ReportAfterSuite("summary", summarise)
	ginkgo.RunSpecs(t, name)
}
