package score_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/mutants/score"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/spec"
)

// of is a case of a method, promised one of an interface.
func of(id, method, sink string, verdict report.Verdict) report.Case {
	return report.Case{
		Case:    spec.Case{Requirement: spec.Requirement{ID: id, Since: "2.6.33"}, Method: method, Source: "tmp", Sink: sink},
		Verdict: verdict, Reason: id + " is " + string(verdict),
	}
}

func promised(id, place string, verdict report.Verdict) report.Case {
	return report.Case{
		Case:    spec.Case{Requirement: spec.Requirement{ID: id, Since: "2.6.33"}, Interface: "splice(2)", Place: place},
		Verdict: verdict, Reason: id + " is " + string(verdict),
	}
}

var _ = Describe("The score", func() {
	// Two specs of a method, and one of an interface in two places.
	unmutated := []report.Case{
		of("INTEGRITY-RANGE", "sendfile", "tcp", report.Pass), of("COST-CALLS", "sendfile", "tcp", report.Pass),
		promised("SPLICE-EINTR", "pipe", report.Pass), promised("SPLICE-EINTR", "tcp", report.Pass),
	}
	short := mutant.Mutant{Name: "sendfile~short", Says: "is short", Violates: []string{"INTEGRITY-*"}}
	lie := mutant.Mutant{Name: "splice:EINTR-as-EIO", Says: "lies", Violates: []string{"SPLICE-EINTR"}}

	begun := func(cases ...report.Case) *score.Score {
		GinkgoHelper()
		s, err := score.New(append(cases, unmutated...))
		Expect(err).NotTo(HaveOccurred())
		return s
	}
	add := func(s *score.Score, m mutant.Mutant, cases ...report.Case) *score.Tried {
		GinkgoHelper()
		Expect(s.Add(mutant.Batch{Name: m.Name, Mutants: []mutant.Mutant{m}}, cases)).To(Succeed())
		return s.Mutants[len(s.Mutants)-1]
	}

	It("is green where every mutant is killed for the right reason, and every spec kills", func() {
		s := begun()
		extra := mutant.Mutant{Name: "sendfile~call", Violates: []string{"COST-CALLS"}}
		Expect(s.Add(mutant.Batch{Mutants: []mutant.Mutant{short, extra}}, []report.Case{
			of("INTEGRITY-RANGE", short.Name, "tcp", report.Fail), of("COST-CALLS", short.Name, "tcp", report.Pass),
			of("INTEGRITY-RANGE", extra.Name, "tcp", report.Pass), of("COST-CALLS", extra.Name, "tcp", report.Fail),
		})).To(Succeed())
		add(s, lie, promised("SPLICE-EINTR", "pipe", report.Fail), promised("SPLICE-EINTR", "tcp", report.Fail))
		s.Conclude(nil)
		Expect(s.Red()).To(BeEmpty())
		Expect(s.Count(score.Killed)).To(Equal(3))
		asked, seen := s.ByBytes()
		Expect([]int{asked, seen}).To(Equal([]int{2, 1}))
		Expect(s.Specs).To(Equal(4))
	})

	It("names a mutant that lives, by what it does wrong", func() {
		s := begun()
		Expect(add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.Pass)).Verdict).To(Equal(score.Survived))
		Expect(s.Red()).To(ConsistOf("sendfile~short lives: it is short"))
	})

	It("calls one that no spec has judged a survivor: nothing is killed by nothing", func() {
		Expect(add(begun(), short).Verdict).To(Equal(score.Survived))
	})

	It("does not count what this machine cannot check, and says why", func() {
		s := begun()
		t := add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.NotChecked))
		Expect(t.Verdict).To(Equal(score.NotTried))
		Expect(t.Why).To(Equal("INTEGRITY-RANGE is not-checked"))
		Expect(s.Red()).To(BeEmpty())
		Expect(printed(s)).To(And(ContainSubstring("not tried"), ContainSubstring("INTEGRITY-RANGE is not-checked"), ContainSubstring("1 could not be tried here")))
	})

	DescribeTable("is red where a mutant is seen by", func(says string, wrong report.Case) {
		s := begun()
		t := add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.Fail), wrong)
		Expect(t.Verdict).To(Equal(score.Killed))
		Expect(s.Red()).To(ConsistOf(ContainSubstring(says)))
	},
		Entry("a requirement that does not speak of it", "COST-CALLS is fail", of("COST-CALLS", short.Name, "tcp", report.Fail)),
		Entry("a defect of the kit", "the kit broke: INTEGRITY-RANGE is kit-error", of("INTEGRITY-RANGE", short.Name, "udp", report.KitError)),
	)

	It("takes a mutant that is in several batches for one", func() {
		s := begun()
		Expect(add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.Pass)).Verdict).To(Equal(score.Survived))
		Expect(add(s, short, of("INTEGRITY-COLD", short.Name, "tcp", report.Fail)).Verdict).To(Equal(score.Killed))
		Expect(add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.Pass)).Verdict).To(Equal(score.Killed))
		Expect(s.Mutants).To(HaveLen(1))
	})

	It("names each spec that kills nothing, by its place", func() {
		s := begun()
		add(s, lie, promised("SPLICE-EINTR", "pipe", report.Fail), promised("SPLICE-EINTR", "tcp", report.Pass))
		s.Conclude(nil)
		Expect(s.Idle).To(Equal([]score.Spec{
			{"COST-CALLS", "sendfile from tmp into tcp"}, {"INTEGRITY-RANGE", "sendfile from tmp into tcp"}, {"SPLICE-EINTR", "splice(2), tcp"},
		}))
		Expect(s.Red()).To(ContainElement("SPLICE-EINTR: splice(2), tcp kills nothing"))
	})

	It("excepts specs with a reason, and refuses an exception that is not needed", func() {
		s := begun()
		add(s, lie, promised("SPLICE-EINTR", "pipe", report.Fail), promised("SPLICE-EINTR", "tcp", report.Fail))
		s.Conclude([]score.Exception{
			{Requirement: "COST-CALLS", Place: "sendfile *", Why: "for a reason"}, {Requirement: "INTEGRITY-*", Place: "*into tcp", Why: "for another"},
			{Requirement: "SPLICE-EINTR", Place: "*", Why: "for none"},
		})
		Expect(s.Idle).To(BeEmpty())
		Expect(s.Excepted).To(Equal(map[string]int{"for a reason": 1, "for another": 1}))
		Expect(s.Red()).To(ConsistOf("an exception is not needed any more: SPLICE-EINTR: *"))
	})

	It("leaves out specs of which no kernel is held to anything: they cannot fail", func() {
		recorded := of("COPIES-SHARED-UNIX-DGRAM", "sendfile", "unix-dgram", report.Pass)
		recorded.Requirement.Since = ""
		s := begun(recorded, of("COPIES-SHARED-FILE", "sendfile", "file", report.NotRequired))
		Expect(s.Specs).To(Equal(4))
		Expect(s.Recorded).To(Equal(2))
	})

	It("does not begin on what is red already, or on nothing", func() {
		_, err := score.New([]report.Case{of("COST-CALLS", "sendfile", "tcp", report.Fail)})
		Expect(err).To(MatchError(ContainSubstring("the run without a mutant is red: COST-CALLS is fail")))
		_, err = score.New([]report.Case{of("COST-CALLS", "sendfile", "tcp", report.NotChecked)})
		Expect(err).To(MatchError(ContainSubstring("has judged nothing")))
	})

	It("refuses a spec about a method that is none of the batch's", func() {
		other := mutant.Mutant{Name: "sendfile~other"}
		err := begun().Add(mutant.Batch{Name: "these", Mutants: []mutant.Mutant{short, other}}, []report.Case{of("COST-CALLS", "sendfile", "tcp", report.Pass)})
		Expect(err).To(MatchError(`batch these: a spec is about "sendfile", which is none of its mutants`))
	})

	It("is printed with a line for each mutation and each lie", func() {
		s := begun()
		splice := mutant.Mutant{Name: "splice~short", Says: "is short", Violates: []string{"INTEGRITY-*"}}
		add(s, short, of("INTEGRITY-RANGE", short.Name, "tcp", report.Fail), of("INTEGRITY-COLD", short.Name, "tcp", report.Fail))
		add(s, splice, of("INTEGRITY-RANGE", splice.Name, "tcp", report.Fail))
		add(s, lie, promised("SPLICE-EINTR", "pipe", report.Fail))
		all := []any{
			"mutant               killed  by (specs)",
			"short                2/2     INTEGRITY-RANGE (2), INTEGRITY-COLD (1)",
			"splice:EINTR-as-EIO  1/1     SPLICE-EINTR (1)",
			"",
			"3 of 3 mutants are killed, 0 live",
			"the integrity suite, which compares bytes, was run on 2 of them, and sees 2 by itself",
		}
		Expect(strings.Split(printed(s), "\n")).To(HaveExactElements(append(all, "")...))
		s.Conclude(nil)
		Expect(strings.Split(printed(s), "\n")).To(HaveExactElements(append(all, HavePrefix("2 of 4 specs kill a mutant, 0 are excepted, 2 are idle"), "")...))
	})
})

func printed(s *score.Score) string {
	GinkgoHelper()
	var text strings.Builder
	Expect(s.Print(&text)).To(Succeed())
	return text.String()
}
