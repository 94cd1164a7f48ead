package main_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	kernel "zerocopy-conformance/hack/mutants/kernel"
	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/spec"
)

func TestKernel(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/mutants/kernel")
}

var _ = Describe("The command", Ordered, func() {
	var program string
	BeforeAll(func() {
		var err error
		program, err = gexec.Build("zerocopy-conformance/hack/mutants/kernel")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(gexec.CleanupBuildArtifacts)
	})

	run := func(arguments ...string) *gexec.Session {
		GinkgoHelper()
		session, err := gexec.Start(exec.Command(program, arguments...), GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		Eventually(session, "1m").Should(gexec.Exit())
		return session
	}

	It("lists the defects, and builds nothing for that", func() {
		session := run("-list", "-only=^merge-spliced$", "-cache=/nowhere/at/all")
		Expect(session).To(gexec.Exit(0))
		Expect(string(session.Out.Contents())).To(MatchRegexp(`^merge-spliced \S.* \(SAFETY-PIPE-WRITE\b.*\)\n$`))
	})

	DescribeTable("exits with 2 when", func(said string, arguments ...string) {
		session := run(arguments...)
		Expect(session).To(gexec.Exit(2))
		Expect(string(session.Err.Contents())).To(ContainSubstring(said))
	},
		Entry("no defect has the name", `no defect's name matches "minix"`, "-only=minix"),
		Entry("the name is no expression", "-only: error parsing regexp", "-only=("),
		Entry("nothing may run", "-guests of 1 at least", "-guests=0"),
		Entry("a kernel is named", "it takes flags alone", "uml"),
	)
})

var _ = Describe("A defect", func() {
	batch := mutant.Batch{Name: "d", Mutants: []mutant.Mutant{{Name: "d", Says: "says no", Violates: []string{"COST-CALLS"}}}}
	of := func(id string, verdict report.Verdict) report.Case {
		return report.Case{Case: spec.Case{Requirement: spec.Requirement{ID: id, Since: "2.6.33"}, Interface: "splice(2)"}, Verdict: verdict, Reason: id + " is " + string(verdict)}
	}
	judged := func(broken string, cases ...report.Case) *kernel.Outcome {
		GinkgoHelper()
		out, err := kernel.Judged(batch, cases, broken)
		Expect(err).NotTo(HaveOccurred())
		return out
	}

	It("is killed by what speaks of it", func() {
		out := judged("", of("COST-CALLS", report.Fail), of("COPIES-USER", report.Pass))
		Expect(out.RedLines()).To(BeEmpty())
		Expect(out.Killed()).To(HaveKey(score.Spec{Requirement: "COST-CALLS", Place: "splice(2)"}))
	})

	DescribeTable("is not, for the right reason,", func(says, broken string, cases ...report.Case) {
		Expect(strings.Join(judged(broken, cases...).RedLines(), "\n")).To(ContainSubstring(says))
	},
		Entry("by nothing", "d lives: it says no", "", of("COST-CALLS", report.Pass)),
		Entry("by what does not speak of it", "d is seen by what does not speak of it: COPIES-USER is fail", "", of("COST-CALLS", report.Fail), of("COPIES-USER", report.Fail)),
		Entry("by a guest that panics", "the guest did not come to its end: its kernel said: Kernel panic", "its kernel said: Kernel panic", of("COST-CALLS", report.Fail)),
		Entry("by a guest that says nothing", "the guest did not come to its end: it hung", "it hung"),
		Entry("where nothing could be checked", "d was not tried: nothing that could see it is checked in the guest: COST-CALLS is not-checked", "", of("COST-CALLS", report.NotChecked)),
	)
})

var _ = Describe("Several guests", func() {
	It("are run so many at a time, and all of them", func() {
		var now, most, all atomic.Int32
		Expect(kernel.AtOnce(context.Background(), 2, 20, func(context.Context, int) error {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			all.Add(1)
			now.Add(-1)
			return nil
		})).To(Succeed())
		Expect(all.Load()).To(BeEquivalentTo(20))
		Expect(most.Load()).To(BeNumerically("<=", 2))
	})

	It("are ended by the first error", func() {
		broke := errors.New("broke")
		Expect(kernel.AtOnce(context.Background(), 2, 20, func(ctx context.Context, i int) error {
			if i == 1 {
				return broke
			}
			<-ctx.Done()
			return nil
		})).To(MatchError(broke))
	})
})
