package table_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

var _ = Describe("Diff", func() {
	said := func(said ...any) *report.Report { return linux("debian:6.1", "6.1.1", said...).Report }
	cost := func(change func(*ledger.Row)) ledger.Row {
		r := row("sendfile", "pipe", "tmp", aliasing.Copied)
		r.CPUCopies, r.MinorFaults, r.MajorFaults = ptr(1.0), ptr(int64(0)), ptr(int64(0))
		change(&r)
		return r
	}

	It("lists verdicts that differ with both reasons, then rows with what differs of them", func() {
		a := said(judged("A", report.NotRequired, "older"), judged("B", report.Pass, ""), judged("GONE", report.Pass, ""), cost(func(*ledger.Row) {}), row("tee", "pipe", "tmp", aliasing.Shared))
		b := said(judged("A", report.Pass, ""), judged("B", report.Pass, "not everywhere"), cost(func(r *ledger.Row) {
			r.Aliasing, r.CPUCopies, r.MinorFaults = aliasing.Shared, ptr(0.0), ptr(int64(3))
		}))
		Expect(table.Diff(a, b)).To(Equal([]table.Change{
			{"A", "not-required: older", "pass"},
			{"GONE", "pass", "?"},
			{"sendfile → pipe from tmp", "pages copied, CPU copies 1, faults 0+0", "pages shared, CPU copies 0, faults 3+0"},
			{"tee → pipe from tmp", "pages shared, calls sendfile:1, CPU copies ?, DMA transfers ?, faults ?+?", "?"},
		}))
	})

	DescribeTable("sees each number of a row", func(change func(*ledger.Row), a, b string) {
		Expect(table.Diff(said(cost(func(*ledger.Row) {})), said(cost(change)))).To(Equal([]table.Change{{"sendfile → pipe from tmp", a, b}}))
	},
		Entry("pages", func(r *ledger.Row) { r.Aliasing = aliasing.Mixed }, "pages copied", "pages mixed"),
		Entry("calls", func(r *ledger.Row) { r.Calls = map[string]int{"sendfile": 2} }, "calls sendfile:1", "calls sendfile:2"),
		Entry("copies", func(r *ledger.Row) { r.CPUCopies = nil }, "CPU copies 1", "CPU copies ?"),
		Entry("DMA", func(r *ledger.Row) { r.DMATransfers = ptr(2) }, "DMA transfers ?", "DMA transfers 2"),
		Entry("faults", func(r *ledger.Row) { r.MajorFaults = ptr(int64(1)) }, "faults 0+0", "faults 0+1"),
	)

	It("compares rows of one place one by one, and finds nothing between equals", func() {
		twice := func(second aliasing.Sharing) *report.Report {
			return said(row("sendfile", "pipe", "tmp", aliasing.Copied), row("sendfile", "pipe", "tmp", second))
		}
		Expect(table.Diff(twice(aliasing.Copied), twice(aliasing.Shared))).To(ConsistOf(table.Change{What: "sendfile → pipe from tmp, row 2", A: "pages copied", B: "pages shared"}))
		Expect(table.Diff(twice(aliasing.Copied), twice(aliasing.Copied))).To(BeEmpty())
	})

	It("takes no report for one that answers nothing", func() {
		Expect(table.Diff(nil, said())).To(Equal([]table.Change{{"ALWAYS", "?", "pass"}}))
		Expect(table.Diff(nil, nil)).To(BeEmpty())
	})

	It("is printed with the kernels' names", func() {
		var text strings.Builder
		Expect(table.PrintDiff(&text, "debian:5.10", "uml", []table.Change{{"A", "pass", "fail: seen: 4"}})).To(Succeed())
		Expect(text.String()).To(Equal("== debian:5.10 and uml: 1 difference\nA\n    debian:5.10: pass\n    uml: fail: seen: 4\n"))
	})
})
