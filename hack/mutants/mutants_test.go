package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
)

func TestMutants(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The mutants")
}

var _ = Describe("The command", func() {
	DescribeTable("says what it does not understand", func(says string, arguments ...string) {
		err := do(context.Background(), arguments)
		Expect(errors.Is(err, errMisuse)).To(BeTrue(), "%v", err)
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("a mutant that does not exist", `no mutant's name matches "teleport"`, "-only=teleport"),
		Entry("an expression that is none", "-only: error parsing regexp", "-only=("),
		Entry("no run at a time", "-jobs of 1 at least", "-jobs=0"),
		Entry("a word too many", "it takes flags alone", "sendfile"),
	)

	It("kills some of each kind, and writes who did", func() {
		folder := GinkgoT().TempDir()
		Expect(do(context.Background(), []string{"-reports=" + folder, "-only=^(sendfile~(one-bit-flipped|sink-made-nonblocking)|splice:EAGAIN-as-EIO)$"})).To(Succeed())
		text, err := os.ReadFile(filepath.Join(folder, "mutants.json"))
		Expect(err).NotTo(HaveOccurred())
		var s score.Score
		Expect(json.Unmarshal(text, &s)).To(Succeed())
		Expect(s.Mutants).To(And(HaveLen(3), HaveEach(HaveField("Verdict", score.Killed))))
		Expect(s.Idle).To(BeNil(), "of some mutants nobody asks who kills none")
	})

	It("is red by a mutant that does nothing wrong", func() {
		p, err := build(context.Background(), GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		harmless := mutant.Batch{
			Name: "harmless", Mutants: []mutant.Mutant{{Name: "sendfile", Says: "does nothing wrong", Violates: []string{"INTEGRITY-*"}}},
			Environment: []string{"ZC_METHODS=sendfile", "ZC_SINKS=unix-stream", "ZC_SOURCES=memfd"}, Filter: "INTEGRITY-RANGE",
		}
		cases, err := p.run(context.Background(), harmless)
		Expect(err).NotTo(HaveOccurred())
		s := &score.Score{}
		Expect(s.Add(harmless, cases)).To(Succeed())
		Expect(options{reports: GinkgoT().TempDir()}.show(s)).To(MatchError(errRed))
		Expect(s.Red()).To(ConsistOf("sendfile lives: it does nothing wrong"))
	})

	It("says which batch asked for what does not exist, and what was said to that", func() {
		p, err := build(context.Background(), GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		_, err = p.run(context.Background(), mutant.Batch{Name: "unheard of", Environment: []string{"ZC_METHODS=teleport"}})
		Expect(err).To(MatchError(And(ContainSubstring("batch unheard of has not reported"), ContainSubstring(`"teleport"`))))
	})
})
