package table_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

var _ = Describe("First kernel that", func() {
	// along are Linux kernels, in no order, of which each says one thing; nil says nothing.
	along := func(old, middle, host, newest any) []table.Column {
		column := func(name, release string, says any) table.Column {
			if says == nil {
				return linux(name, release)
			}
			return linux(name, release, says)
		}
		return []table.Column{
			column("debian:6.12", "6.12.118", newest), column("debian:5.10", "5.10.262", old), column("host", "6.6.44", host), column("debian:6.1", "6.1.192", middle),
		}
	}
	shares := func(sharing aliasing.Sharing) any { return row("sendfile", "pipe", "tmp", sharing) }
	calls := func(n int) any {
		return ledger.Row{Method: "splice", Sink: "udp", Source: "tmp", Calls: map[string]int{"splice": n, "poll": 1}}
	}
	answers := func(verdict report.Verdict, reason string) any { return judged("SPLICE-X", verdict, reason) }

	DescribeTable("is said of what changes along the versions", func(columns []table.Column, line string) {
		Expect(section(matrix(columns...), "First kernel that …")).To(Equal("First kernel that …\n" + line + "\n"))
	},
		Entry("pages, once", along(shares(aliasing.Copied), shares(aliasing.Shared), shares(aliasing.Shared), shares(aliasing.Shared)),
			"sendfile → pipe: shared from 6.1.192 on (copied on 5.10.262)"),
		Entry("pages, where not all have measured", along(shares(aliasing.Copied), nil, shares(aliasing.Copied), shares(aliasing.Shared)),
			"sendfile → pipe: shared from 6.12.118 on (copied up to 6.6.44 (host))"),
		Entry("pages, back and forth", along(shares(aliasing.Copied), shares(aliasing.Shared), shares(aliasing.Shared), shares(aliasing.Copied)),
			"sendfile → pipe: back and forth: copied on 5.10.262, shared on 6.1.192 – 6.6.44 (host), copied from 6.12.118 on"),
		Entry("calls", along(calls(3), calls(3), calls(2), calls(2)),
			"calls of splice → udp: poll:1 splice:2 from 6.6.44 (host) on (poll:1 splice:3 up to 6.1.192)"),
		Entry("a verdict, with the reason for the old one", along(answers(report.NotRequired, "older; seen: 4"), answers(report.NotRequired, "older; seen: 5"), answers(report.Pass, "not everywhere"), answers(report.Pass, "")),
			"SPLICE-X: pass from 6.6.44 (host) on (not-required up to 6.1.192: older; seen: 5)"),
		Entry("a verdict, with the reason for the new one", along(answers(report.Pass, ""), answers(report.NotChecked, "no tls"), answers(report.Pass, ""), answers(report.Fail, "SPLICE-X: text\n  seen:   4\n  again:  go")),
			"SPLICE-X: fail from 6.12.118 on: seen: 4 (pass up to 6.6.44 (host))"),
		Entry("nothing", along(answers(report.Pass, ""), answers(report.NotChecked, "no tls"), answers(report.KitError, ""), answers(report.Pass, "")),
			"nothing has changed between 5.10.262, 6.1.192, 6.6.44 (host), 6.12.118"),
		Entry("one kernel", []table.Column{linux("debian:6.1", "6.1.192")}, "this takes two Linux kernels"),
	)

	It("is said once of all that have changed in the same way, for the same reason", func() {
		m := matrix(
			linux("debian:5.10", "5.10.262", judged("A", report.NotRequired, "older"), judged("B", report.NotRequired, "older"), judged("C", report.NotRequired, "slower")),
			linux("debian:6.1", "6.1.192", judged("A", report.Pass, ""), judged("B", report.Pass, ""), judged("C", report.Pass, "")))
		Expect(section(m, "First kernel that …")).To(Equal("First kernel that …\n" +
			"A; B: pass from 6.1.192 on (not-required on 5.10.262: older)\n" +
			"C: pass from 6.1.192 on (not-required on 5.10.262: slower)\n"))
	})

	It("asks no other platform, and no broken kernel for verdicts that might have become worse", func() {
		broken := linux("debian:6.1", "6.1.192", judged("A", report.Pass, ""), row("sendfile", "pipe", "tmp", aliasing.Shared))
		broken.Broken = "cut"
		m := matrix(linux("debian:5.10", "5.10.262", judged("A", report.Fail, ""), row("sendfile", "pipe", "tmp", aliasing.Copied)), broken,
			on(kernel.UML, "uml", "6.12.1", judged("A", report.Pass, ""), row("sendfile", "pipe", "tmp", aliasing.Copied)))
		text := section(m, "First kernel that …")
		Expect(text).To(ContainSubstring("sendfile → pipe: shared from 6.1.192 on (copied on 5.10.262)\n"))
		Expect(text).NotTo(ContainSubstring("A: "))
	})
})
