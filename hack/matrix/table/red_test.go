package table_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

const failure = "A: the sentence of A\n  owed:   shared (splice(2); since Linux 4.2)\n  seen:   copied\n  where:  here\n  again:  go tool ginkgo run"

var _ = Describe("Red", func() {
	It("is empty where every kernel is whole and nothing failed", func() {
		m := matrix(linux("debian:6.1", "6.1.1", judged("A", report.Deviation, "known"), judged("B", report.NotRequired, "older"), judged("C", report.NotChecked, "no tls")))
		Expect(m.Red()).To(BeEmpty())
		Expect(section(m, "Green")).To(ContainSubstring("1 kernel, 4 requirements"))
	})

	It("names kernel, requirement and reason", func() {
		cut := linux("debian:6.12", "6.12.1")
		cut.Broken = "the suite contract did not end:\nit was killed"
		m := matrix(cut, linux("debian:6.1", "6.1.1", judged("A", report.Fail, failure), judged("B", report.KitError, "nil map")))
		Expect(m.Red()).To(Equal([]string{
			"debian:6.1: fail: A: the sentence of A: owed: shared (splice(2); since Linux 4.2); seen: copied; where: here",
			"debian:6.1: kit-error: B: the sentence of B: nil map",
			"debian:6.12: broken: the suite contract did not end: it was killed",
		}))
	})

	DescribeTable("has a line for a column that says nothing:", func(column table.Column, reason string) {
		Expect(matrix(linux("debian:6.1", "6.1.1"), column).Red()).To(ConsistOf(reason))
	},
		Entry("no report, and no reason", table.Column{Kernel: "uml"}, "uml: broken: there is no report, and nothing says why"),
		Entry("an empty report", table.Column{Kernel: "uml", Report: &report.Report{}}, "uml: broken: its report judges no requirement"),
	)

	It("has one for a matrix without a kernel", func() {
		Expect(matrix().Red()).To(ConsistOf(ContainSubstring("has no kernel")))
		Expect(terminal(matrix())).To(ContainSubstring("Red: the matrix has no kernel"))
	})

	It("says on the terminal what each kernel did, and how to ask those again", func() {
		m := matrix(
			linux("debian:6.1", "6.1.1", judged("A", report.Fail, failure)), linux("debian:6.12", "6.12.1", judged("A", report.Fail, failure)),
			table.Column{Kernel: "file:/a b/$x", Broken: "it hung", Console: "one\r\ntwo\r\n"},
		)
		Expect(section(m, "Red, for 3 reasons")).To(Equal(`Red, for 3 reasons
file:/a b/$x is broken: it hung
    again: make matrix KERNELS='file:/a b/$$x'
A: the sentence of A
    6.1.1: fail: owed: shared (splice(2); since Linux 4.2); seen: copied; where: here
    6.12.1: fail: owed: shared (splice(2); since Linux 4.2); seen: copied; where: here
    again: make matrix KERNELS='debian:6.1 debian:6.12' LABELS=A
`))
		Expect(section(m, "Kernels")).To(ContainSubstring("file:/a b/$x is broken: it hung\n    one\n    two\n"))
	})

	It("asks a kernel that is there twice once", func() {
		m := matrix(linux("debian:6.1", "6.1.1", judged("A", report.Fail, "")), linux("debian:6.1", "6.1.1", judged("A", report.Fail, "")))
		Expect(section(m, "Red, for 2 reasons")).To(HaveSuffix("    again: make matrix KERNELS=debian:6.1 LABELS=A\n"))
	})

	It("breaks what is too long for a line between words, and within words that are", func() {
		m := matrix(table.Column{Kernel: "uml", Broken: strings.Repeat("x", 150) + strings.Repeat(" word", 40)})
		Expect(section(m, "Red")).To(ContainSubstring("\numl is broken: " + strings.Repeat("x", 145) + "\n    xxxxx" + strings.Repeat(" word", 30) + "\n    word word"))
	})

	It("shows the last of a long console", func() {
		m := matrix(table.Column{Kernel: "uml", Broken: "it hung", Console: strings.Repeat("early\n", 80) + "first\n" + strings.Repeat("late\n", 19)})
		Expect(section(m, "Kernels")).To(HaveSuffix("uml is broken: it hung\n    first\n" + strings.Repeat("    late\n", 19)))
	})
})
