package acceptance_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
)

var _ = Describe("The README's method of your own", func() {
	mine := func(variables ...string) *run {
		GinkgoHelper()
		return suiteRun(outsiders("."), append(variables, "ZC_METHODS=mine")...).do()
	}

	It("compiles as it stands there, and is held to the requirements of the suites that it names", func() {
		r := mine("ZC_SIZES=4097", "ZC_SOURCES=memfd")
		questions := map[string]bool{}
		for _, j := range r.cases("") {
			Expect(j.Method).To(Equal("mine"))
			Expect(j.Verdict).NotTo(Equal(report.KitError), "%v", j)
			question, _, _ := strings.Cut(j.Requirement.ID, "-")
			questions[question] = true
		}
		Expect(questions).To(Equal(map[string]bool{"INTEGRITY": true, "COST": true, "COPIES": true}), r.output())
	})

	It("passes with a Copy that is sendfile(2) and nothing else", func() {
		r := mine("ZC_SIZES=4097,1M")
		for _, j := range r.cases("") {
			Expect(j.Verdict).To(BeElementOf(report.Pass, report.NotRequired, report.NotChecked), "%v", j)
		}
		Expect(r.code()).To(BeZero(), r.output())
	})
})
