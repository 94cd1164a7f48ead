package lies_test

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/lies"
	"zerocopy-conformance/hack/mutants/mutant"
	_ "zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

func TestLies(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/mutants/lies")
}

var _ = Describe("Lies", func() {
	It("are told one in each run, by a name that no other has", func() {
		names := map[string]bool{}
		for _, b := range lies.Batches() {
			Expect(b.Mutants).To(HaveLen(1), b.Name)
			name := b.Mutants[0].Name
			Expect(names).NotTo(HaveKey(name))
			Expect(b.Environment).To(ContainElement(mutant.LieVariable + "=" + name))
			names[name] = true
		}
		Expect(len(names)).To(BeNumerically(">=", 150))
	})

	It("violate what there is, and say what they do", func() {
		for _, b := range lies.Batches() {
			m := b.Mutants[0]
			Expect(m.Says).NotTo(BeEmpty(), m.Name)
			Expect(m.Violates).NotTo(BeEmpty(), m.Name)
			for _, pattern := range m.Violates {
				one := mutant.Mutant{Violates: []string{pattern}}
				known := false
				for _, r := range spec.Requirements() {
					known = known || one.Owns(r.ID)
				}
				Expect(known).To(BeTrue(), "%s violates %s, which is no requirement", m.Name, pattern)
			}
		}
	})

	It("are told specs that there are", func() {
		for _, b := range lies.Batches() {
			Expect(spec.SelectFor(b.Filter)).To(Succeed(), b.Name)
		}
	})

	It("that do not exist are refused in any process, and those that do are listed", func() {
		GinkgoT().Setenv(mutant.LieVariable, "splice:EINVAL-as-a-joke")
		Expect(lies.Enter()).To(MatchError(And(ContainSubstring(`ZC_LIE names "splice:EINVAL-as-a-joke", which does not exist`), ContainSubstring("splice:EINVAL-as-EIO"))))
	})

	It("are not told to a process that neither moves bytes nor checks clauses", func() {
		GinkgoT().Setenv(mutant.LieVariable, "splice:EINVAL-as-EIO")
		Expect(lies.Enter()).To(Succeed())
		status, err := os.ReadFile("/proc/self/status")
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.Split(string(status), "\n")).To(ContainElement("TracerPid:\t0"))
	})
})
