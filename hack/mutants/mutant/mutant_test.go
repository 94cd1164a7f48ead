package mutant_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/mutant"
)

func TestMutant(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "A mutant")
}

var _ = Describe("A mutant", func() {
	DescribeTable("owns what it violates,", func(requirement string, owned bool) {
		m := mutant.Mutant{Violates: []string{"INTEGRITY-*", "COST-CALLS"}}
		Expect(m.Owns(requirement)).To(Equal(owned))
	},
		Entry("by name", "COST-CALLS", true),
		Entry("by the beginning of some", "INTEGRITY-RANGE", true),
		Entry("and no more than is named", "COST-CALLS-MORE", false),
		Entry("nor what only ends so", "NO-COST-CALLS", false),
	)

	It("knows the method that it is made of", func() {
		Expect(mutant.MethodOf("read+write~short")).To(Equal("read+write"))
		Expect(mutant.MethodOf("read+write")).To(Equal("read+write"))
	})

	It("is chosen out of a batch, with the specs that are about it", func() {
		b := mutant.Batch{
			Name: "some", Filter: "tcp", Mutants: []mutant.Mutant{{Name: "a~x"}, {Name: "b~x"}, {Name: "c~x"}},
			Environment: []string{"ZC_METHODS=a~x,b~x,c~x", "ZC_SINKS=tcp"},
		}
		only := b.Only(func(name string) bool { return name != "b~x" })
		Expect(only).To(Equal(mutant.Batch{
			Name: "some", Filter: "tcp", Mutants: []mutant.Mutant{{Name: "a~x"}, {Name: "c~x"}},
			Environment: []string{"ZC_METHODS=a~x,c~x", "ZC_SINKS=tcp"},
		}))
	})

	It("that is a lie leaves its batch's methods as they are", func() {
		b := mutant.Batch{Mutants: []mutant.Mutant{{Name: "splice:doubled"}}, Environment: []string{"ZC_METHODS=splice,tee", "ZC_LIE=splice:doubled"}}
		Expect(b.Only(func(string) bool { return true })).To(Equal(b))
	})
})
