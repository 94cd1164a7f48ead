package report_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/spec"
)

// lacking is a case that could not be checked.
func lacking(id, reason string) types.SpecReport {
	return ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement(id), NotChecked: reason})
}

var _ = Describe("the digest", func() {
	const noTLS = "kernel TLS is not available: no such file or directory (to have it checked: modprobe tls)"

	digest := func(specs ...types.SpecReport) string {
		GinkgoHelper()
		r, err := report.Gather(run(specs...))
		Expect(err).NotTo(HaveOccurred())
		var text strings.Builder
		r.Digest(&text)
		return text.String()
	}
	passed := func(id string) types.SpecReport {
		return ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement(id)})
	}
	seen := func(id, what string) types.SpecReport {
		return ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement(id), NotRequired: what})
	}

	It("of a run in which all passed is the counts, of every verdict", func() {
		Expect(digest(passed("A"), passed("B"))).To(Equal("2 requirements: 2 pass, 0 fail, 0 not-required, 0 deviation, 0 not-checked, 0 kit-error\n"))
	})

	It("says each failure, deviation and defect of the kit in full, and first", func() {
		Expect(digest(lacking("A", noTLS), seen("B", "seen: copied"),
			ended(types.SpecStateFailed, "C: text\n  owed:   1\n  seen:   2", spec.Case{Requirement: requirement("C")}),
			ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("D"), Deviation: "known; owed: 1, seen: 2"}),
			ended(types.SpecStateFailed, "…", spec.Case{Requirement: requirement("E"), KitError: "broke"}),
		)).To(HavePrefix("fail: C: C: text\n      owed:   1\n      seen:   2\ndeviation: D: known; owed: 1, seen: 2\nkit-error: E: broke\nnot-required: B: seen: copied\nnot-checked: "))
	})

	It("says what this kernel does not owe once for all of which the same was seen", func() {
		Expect(digest(seen("B", "seen: copied"), seen("A", "seen: nothing"), seen("C", "seen: copied"))).To(HavePrefix(
			"not-required: B, C: seen: copied\nnot-required: A: seen: nothing\n"))
	})

	It("says a reason once, with its remedy, and how much of what was not checked for it", func() {
		Expect(digest(lacking("A", noTLS), lacking("B", noTLS), passed("C"), lacking("C", noTLS), passed("D"))).To(Equal(
			"not-checked: " + noTLS + "\n    2 in whole: A, B; 1 in part: C\n" +
				"4 requirements: 2 pass, 0 fail, 0 not-required, 0 deviation, 2 not-checked, 0 kit-error\n"))
	})

	It("begins with the reason for which most was not checked in whole", func() {
		Expect(digest(lacking("A", "less"), lacking("B", "most"), lacking("C", "most"), passed("D"), lacking("D", "part"),
			passed("E"), lacking("E", "part"), passed("F"), lacking("F", "part"))).To(MatchRegexp(`(?s)^not-checked: most\n.*not-checked: less\n.*not-checked: part\n`))
	})

	It("says every reason of a requirement, not the first alone", func() {
		Expect(digest(passed("A"), lacking("A", "no xfs"), lacking("A", "no btrfs"), lacking("B", "no xfs"), lacking("B", "no btrfs"))).To(HavePrefix(
			"not-checked: no btrfs\n    1 in whole: B; 1 in part: A\nnot-checked: no xfs\n    1 in whole: B; 1 in part: A\n"))
	})

	It("counts what was not checked of one that failed elsewhere", func() {
		failed := ended(types.SpecStateFailed, "owed, seen", spec.Case{Requirement: requirement("A")})
		Expect(digest(failed, lacking("A", "no xfs"))).To(ContainSubstring("not-checked: no xfs\n    1 in part: A\n"))
	})

	It("has a family's name for many of its IDs", func() {
		var specs []types.SpecReport
		for i := range 78 {
			specs = append(specs, lacking(fmt.Sprintf("TLS-%02d", i), noTLS))
		}
		Expect(digest(append(specs, lacking("COPIES-KTLS", noTLS), lacking("TL", noTLS))...)).To(HavePrefix(
			"not-checked: " + noTLS + "\n    80 in whole: COPIES-KTLS, TL, TLS-* (78)\n"))
	})

	It("says nothing of slow cases where others of the requirement were run, or where the machine lacks something", func() {
		text := digest(passed("A"), lacking("A", spec.LeftOut), lacking("B", spec.LeftOut), lacking("C", "no xfs"), lacking("C", spec.LeftOut))
		Expect(text).To(ContainSubstring("not-checked: no xfs\n    1 in whole: C\n"))
		Expect(text).To(ContainSubstring("not-checked: " + spec.LeftOut + "\n    1 in whole: B\n"))
	})
})
