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

var _ = Describe("The textbook's table", func() {
	claimed := func(technique, sink string, claim ledger.Numbers, switches, dma *int, cpu *float64) ledger.Row {
		return ledger.Row{Technique: technique, Method: "sendfile", Sink: sink, Source: "disk", Claimed: &claim, ModeSwitches: switches, DMATransfers: dma, CPUCopies: cpu}
	}
	four := ledger.Numbers{ModeSwitches: 4, Copies: 4, CPU: 2, DMA: 2}
	two := ledger.Numbers{ModeSwitches: 2, Copies: 2, CPU: 0, DMA: 2}

	It("has a line for each technique, the costliest first, and marks what is not as claimed or was not measured", func() {
		m := matrix(
			linux("debian:6.1", "6.1.1", claimed("sendfile", "veth-sg", two, ptr(2), ptr(2), ptr(0.0)), claimed("write", "veth-sg", four, ptr(4), ptr(2), ptr(2.0))),
			linux("debian:6.12", "6.12.1", claimed("sendfile", "veth-sg", two, ptr(4), ptr(2), ptr(1.0)), claimed("write", "veth-sg", four, ptr(4), ptr(2), nil)),
			linux("debian:7.3", "7.3.1"),
			table.Column{Kernel: "uml", Broken: "the kernel panicked"},
		)
		text := section(m, "The textbook's table")
		Expect(text).To(MatchRegexp(`(?s)\nwrite +4 4 2 2  4 4 2 2 +4 \? \? 2 +\? +\?\nsendfile +2 2 0 2  2 2 0 2 +4\* 3\* 1\* 2  \? +\?\n`))
	})

	It("tells sinks apart where one technique has several, and names both answers of one place", func() {
		m := matrix(linux("debian:6.1", "6.1.1",
			claimed("sendfile", "veth-sg", two, ptr(2), ptr(2), ptr(0.0)),
			claimed("sendfile", "e1000", two, ptr(2), ptr(2), ptr(0.0)), claimed("sendfile", "e1000", two, ptr(2), ptr(2), ptr(1.0)),
		))
		text := section(m, "The textbook's table")
		Expect(text).To(ContainSubstring("sendfile → e1000    2 2 0 2  2 2 0 2 + 2 3* 1* 2\n"))
		Expect(text).To(ContainSubstring("sendfile → veth-sg  2 2 0 2  2 2 0 2\n"))
	})

	It("says so where nobody has measured it", func() {
		Expect(section(matrix(linux("debian:6.1", "6.1.1")), "The textbook's table")).To(ContainSubstring("no kernel has measured a row of it"))
	})
})

var _ = Describe("Shared or copied", func() {
	It("has a line for each sink, one for each method where they differ, and others only where kernels do", func() {
		m := matrix(
			linux("debian:5.10", "5.10.1",
				row("sendfile", "pipe", "tmp", aliasing.Copied), row("splice", "pipe", "tmp", aliasing.Shared),
				row("sendfile", "tcp", "tmp", aliasing.Shared), row("splice", "tcp", "tmp", aliasing.Shared),
				row("tee", "tcp", "tmp", aliasing.Mixed), row("read+write", "tcp", "tmp", aliasing.Copied), row("splice", "udp", "tmp", aliasing.Copied)),
			linux("debian:6.1", "6.1.1",
				row("sendfile", "pipe", "tmp", aliasing.Shared), row("splice", "pipe", "tmp", aliasing.Shared),
				row("sendfile", "tcp", "tmp", aliasing.Shared), row("splice", "tcp", "tmp", aliasing.Shared),
				row("tee", "tcp", "tmp", aliasing.Shared), row("read+write", "tcp", "tmp", aliasing.Copied),
				row("sendfile", "udp", "tmp", aliasing.Copied), row("splice", "udp", "tmp", aliasing.Copied),
				row("sendfile", "file", "tmp", aliasing.Copied), row("splice", "file", "tmp", aliasing.Copied)),
		)
		text := section(m, "Shared or copied")
		Expect(cells(text, "pipe by sendfile")).To(Equal([]string{"copied", "shared"}))
		Expect(cells(text, "pipe by splice")).To(Equal([]string{"shared", "shared"}))
		Expect(cells(text, "tcp by sendfile, splice")).To(Equal([]string{"shared", "shared"}))
		Expect(cells(text, "tcp by tee")).To(Equal([]string{"mixed", "shared"}))
		Expect(cells(text, "udp by sendfile")).To(Equal([]string{"?", "copied"}), "what a kernel does not deliver is not what it does to another method")
		Expect(cells(text, "file")).To(Equal([]string{"?", "copied"}))
		Expect(text).NotTo(ContainSubstring("read+write"))
	})

	It("tells sources apart only where a kernel does", func() {
		m := matrix(
			linux("debian:5.10", "5.10.1",
				row("sendfile", "pipe", "tmp", aliasing.Shared), row("sendfile", "pipe", "memfd", aliasing.Shared), row("sendfile", "pipe", "xfs", aliasing.Copied),
				row("sendfile", "tcp", "tmp", aliasing.Shared)),
			linux("debian:6.1", "6.1.1", row("sendfile", "pipe", "tmp", aliasing.Shared), row("sendfile", "tcp", "memfd", aliasing.Shared)),
		)
		text := section(m, "Shared or copied")
		Expect(cells(text, "pipe by sendfile")).To(Equal([]string{"shared", "shared"}))
		Expect(cells(text, "pipe by sendfile from xfs")).To(Equal([]string{"copied", "?"}))
		Expect(cells(text, "tcp by sendfile")).To(Equal([]string{"shared", "shared"}))
	})

	It("does not take a method that did it from one source for one that did it from all", func() {
		m := matrix(linux("debian:5.10", "5.10.1", row("sendfile", "pipe", "tmp", aliasing.Shared), row("sendfile", "pipe", "xfs", aliasing.Copied),
			row("splice", "pipe", "tmp", aliasing.Copied)))
		text := section(m, "Shared or copied")
		Expect(cells(text, "pipe by sendfile from xfs")).To(Equal([]string{"copied"}))
		Expect(cells(text, "pipe by splice")).To(Equal([]string{"copied"}))
	})
})

var _ = Describe("The table of requirements", func() {
	It("lists what is not kept, excused, answered otherwise or not everywhere, in this order, and counts the rest", func() {
		m := matrix(
			linux("debian:6.1", "6.1.1", judged("B", report.NotChecked, "no tls"), judged("C", report.NotRequired, "older"), judged("D", report.Deviation, "known"),
				judged("E", report.Fail, ""), judged("F", report.NotChecked, "no tls"), judged("ONLY", report.Pass, "")),
			linux("debian:6.12", "6.12.1", judged("B", report.Pass, ""), judged("C", report.Pass, ""), judged("D", report.Deviation, "known"),
				judged("E", report.KitError, ""), judged("F", report.NotChecked, "no tls")),
		)
		Expect(section(m, "Requirements")).To(HavePrefix(`Requirements that are not kept, or not answered alike by all kernels
5 of 7 requirements; alike everywhere: 1 pass, 1 not-checked
requirement  since  6.1.1  6.12.1
E            4.2    F      K
D            4.2    d      d
C            4.2    n      p
B            4.2    -      p
ONLY         4.2    p      ?
`))
	})

	It("says once of an interface's requirements that they are not answered by the same kernels", func() {
		m := matrix(
			linux("debian:6.1", "6.1.1", judged("TLS-A", report.NotChecked, "no tls"), judged("TLS-B", report.NotChecked, "no tls"), judged("TLS-C", report.NotRequired, "older"),
				judged("URING-A", report.NotChecked, "no ring")),
			linux("debian:6.12", "6.12.1", judged("TLS-A", report.Pass, ""), judged("TLS-B", report.Pass, ""), judged("TLS-C", report.Pass, ""), judged("URING-A", report.Pass, "")),
		)
		Expect(section(m, "Requirements")).To(ContainSubstring(`
4 of 5 requirements; alike everywhere: 1 pass
requirement  since  6.1.1  6.12.1
TLS-C        4.2    n      p
TLS-… (2)    …      -      p
URING-A      4.2    -      p
`))
	})

	It("does not list everything because a broken kernel said nothing, or not all", func() {
		cut := linux("uml", "6.1.1", judged("B", report.Fail, ""))
		cut.Broken = "cut"
		m := matrix(linux("debian:6.1", "6.1.1", judged("A", report.Pass, ""), judged("B", report.Pass, "")), table.Column{Kernel: "gvisor"}, cut)
		text := section(m, "Requirements")
		Expect(text).To(ContainSubstring("1 of 3 requirements; alike everywhere: 2 pass\n"))
		Expect(cells(text, "B")).To(Equal([]string{"4.2", "p", "F", "?"}))
	})
})

var _ = Describe("Kernels", func() {
	It("are each shown with what they are, their verdicts and their seconds", func() {
		m := matrix(linux("debian:6.1", "6.1.0-30-amd64", judged("A", report.Fail, "")), on(kernel.GVisor, "gvisor", "4.4.0"), table.Column{Kernel: "uml", Seconds: 1})
		text := section(m, "Kernels")
		Expect(cells(text, "6.1")).To(Equal([]string{"debian:6.1", "6.1.0-30-amd64", "linux", "1", "1", "0", "0", "0", "0", "2.5", "40.0"}))
		Expect(cells(text, "gvisor")).To(Equal([]string{"gvisor", "4.4.0", "gvisor", "1", "0", "0", "0", "0", "0", "2.5", "40.0"}))
		Expect(cells(text, "uml!")).To(Equal([]string{"uml", "?", "?", "?", "?", "?", "?", "?", "?", "-", "1.0"}))
	})
})
