package main

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestGate(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/report/gate")
}

// answered is a report as a file: what was answered, by the requirements' IDs.
func answered(verdicts map[string]report.Verdict) string {
	GinkgoHelper()
	r := &report.Report{Ledger: []ledger.Row{}, Requirements: []report.Requirement{}, Summary: map[report.Verdict]int{}}
	r.Kernel.Release, r.Environment.Sandbox = "6.12.1", []string{}
	for _, verdict := range report.Verdicts {
		r.Summary[verdict] = 0
	}
	for _, id := range []string{"A-ONE", "A-TWO", "B"} {
		if verdict, is := verdicts[id]; is {
			r.Requirements = append(r.Requirements, report.Requirement{Requirement: spec.Requirement{ID: id, Text: "it is so"}, Verdict: verdict, Reason: "seen: otherwise", Reproduce: "run it"})
			r.Summary[verdict]++
		}
	}
	path := filepath.Join(GinkgoT().TempDir(), "report.json")
	Expect(r.Write(path)).To(Succeed())
	return path
}

func gated(arguments ...string) (int, string) {
	GinkgoHelper()
	var out bytes.Buffer
	code, err := run(arguments, &out, io.Discard)
	Expect(err).NotTo(HaveOccurred())
	return code, out.String()
}

var _ = Describe("The gate", func() {
	type answers = map[string]report.Verdict

	DescribeTable("is left with", func(verdicts answers, code int, says string, flags ...string) {
		got, out := gated(append(flags, answered(verdicts))...)
		Expect(out).To(ContainSubstring(says))
		Expect(got).To(Equal(code), out)
	},
		Entry("0 where all is kept", answers{"A-ONE": report.Pass, "B": report.NotChecked}, judge.Conformant, "6.12.1: conformant (1 pass, 0 fail, 0 not-required, 0 deviation, 1 not-checked, 0 kit-error)"),
		Entry("0 where what is not kept is excused", answers{"A-ONE": report.Deviation}, judge.Conformant, "conformant"),
		Entry("1 where something is not kept", answers{"A-ONE": report.Pass, "B": report.Fail}, judge.Deviates, "not kept: B: it is so\n  seen: otherwise\n  again: run it\n6.12.1: deviates"),
		Entry("2 where nothing was judged", answers{"A-ONE": report.NotChecked}, judge.Unchecked, "no requirement was judged\n6.12.1: not enough could be checked"),
		Entry("2 where what has to be judged was not", answers{"A-ONE": report.NotChecked, "B": report.Fail}, judge.Unchecked, "not checked, and required to be: A-ONE", "-require", "A-*, B"),
		Entry("0 where it was", answers{"A-ONE": report.NotChecked, "B": report.Pass}, judge.Conformant, "conformant", "-require=B"),
		Entry("3 where the kit broke", answers{"A-ONE": report.KitError, "B": report.Fail}, judge.Broke, "the kit broke: A-ONE"),
	)

	It("holds a kernel to what it kept before, and tells what has changed", func() {
		before := answered(answers{"A-ONE": report.Fail, "A-TWO": report.Pass, "B": report.Fail})
		code, out := gated("-baseline", before, answered(answers{"A-ONE": report.Fail, "A-TWO": report.Pass, "B": report.Pass}))
		Expect(code).To(Equal(judge.Conformant), out)
		Expect(out).To(And(ContainSubstring("not kept, as before: A-ONE"), ContainSubstring("changed: B: pass"), ContainSubstring("before: fail")))
		code, out = gated("-baseline", before, answered(answers{"A-ONE": report.Fail, "A-TWO": report.Fail, "B": report.Fail}))
		Expect(code).To(Equal(judge.Deviates))
		Expect(out).To(And(ContainSubstring("not kept: A-TWO"), ContainSubstring("changed: A-TWO: fail")))
	})

	DescribeTable("says what it was asked for that does not exist:", func(says string, arguments ...string) {
		code, err := run(arguments, io.Discard, io.Discard)
		Expect(code).To(Equal(misused))
		if says != "" {
			Expect(err).To(MatchError(ContainSubstring(says)))
		}
	},
		Entry("no report", "one report is needed, 0 are named"),
		Entry("a report that is not there", "no such file or directory", "/no/such/report.json"),
		Entry("a flag", "", "-fast", "x"),
	)

	It("takes no requirement that there is not", func() {
		path := answered(answers{"A-ONE": report.Pass})
		for _, arguments := range [][]string{{"-require=C-*", path}, {"-require=A-[", path}} {
			code, err := run(arguments, io.Discard, io.Discard)
			Expect(code).To(Equal(misused))
			Expect(err).To(MatchError(ContainSubstring("-require: ")))
		}
		_, err := run([]string{"-baseline=/no/such", path}, io.Discard, io.Discard)
		Expect(err).To(HaveOccurred())
	})
})
