package table_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

var _ = Describe("matrix.json", func() {
	var path string

	BeforeEach(func() { path = filepath.Join(GinkgoT().TempDir(), "matrix.json") })

	whole := func() *table.Matrix {
		m := matrix(
			linux("debian:6.1", "6.1.192", judged("A", report.Fail, "owed, seen"), row("sendfile", "tcp", "tmp", aliasing.Shared)),
			table.Column{Kernel: "uml", Broken: "the kernel panicked", Console: "Kernel panic\r\n", Seconds: 3},
		)
		m.Columns[0].Report.Environment = kernel.Environment{Privileges: []string{}, Sandbox: []string{}}
		return m
	}

	It("reads as it was written", func() {
		Expect(whole().Write(path)).To(Succeed())
		Expect(table.Read(path)).To(Equal(whole()))
	})

	It("has its columns in the order in which they are printed, whatever the order they came in", func() {
		m := whole()
		m.Columns[0], m.Columns[1] = m.Columns[1], m.Columns[0]
		Expect(m.Write(path)).To(Succeed())
		Expect(table.Read(path)).To(Equal(whole()))
		Expect(m.Columns[0].Kernel).To(Equal("uml"), "what the caller has stays in its order")
	})

	DescribeTable("is refused, with the key's path, when", func(old, new, reason string) {
		Expect(whole().Write(path)).To(Succeed())
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		changed := regexp.MustCompile(old).ReplaceAll(text, []byte(new))
		Expect(changed).NotTo(Equal(text))
		Expect(os.WriteFile(path, changed, 0o644)).To(Succeed())
		_, err = table.Read(path)
		Expect(err).To(MatchError(And(ContainSubstring(path), ContainSubstring(reason))))
	},
		Entry("a key is unknown", `"broken": "t`, `"broke": 1, "broken": "t`, "no matrix of this version of the kit: key columns[1].broke is unknown"),
		Entry("a key is missing", `"boot_seconds": 0,`, ``, "key columns[1].boot_seconds is missing"),
		Entry("a key of a report is missing", `"bytes": 0,`, ``, "key columns[0].report.ledger[0].bytes is missing"),
		Entry("a number is a word", `"boot_seconds": 0`, `"boot_seconds": "soon"`, "cannot unmarshal string"),
		Entry("it is cut short", `\}\s*$`, ``, "is no JSON"),
		Entry("it has no kernel", `(?s).*`, `{"columns": []}`, "has no kernel"),
		Entry("it is nothing", `(?s).*`, `null`, "has no kernel"),
	)

	It("is not written of no kernel", func() {
		Expect(matrix().Write(path)).To(MatchError(ContainSubstring("has no kernel")))
		Expect(path).NotTo(BeAnExistingFile())
	})

	It("is not half written over a good one", func() {
		Expect(whole().Write(path)).To(Succeed())
		Expect(matrix(table.Column{Kernel: "uml", Seconds: math.NaN()}).Write(path)).To(MatchError(ContainSubstring("writing the matrix")))
		Expect(table.Read(path)).To(Equal(whole()))
		Expect(filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))).To(BeEmpty())
	})

	It("has the keys that SCHEMA.md documents, and no others", func() {
		text, err := os.ReadFile("SCHEMA.md")
		Expect(err).NotTo(HaveOccurred())
		var documented []string
		for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllSubmatch(text, -1) {
			documented = append(documented, string(match[1]))
		}
		Expect(whole().Write(path)).To(Succeed())
		text, err = os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		var written map[string][]map[string]any
		Expect(json.Unmarshal(text, &written)).To(Succeed())
		keys := []string{}
		for key, columns := range written {
			keys = append(keys, key)
			for inside := range columns[1] {
				keys = append(keys, key+"[]."+inside)
			}
		}
		Expect(keys).To(ConsistOf(documented))
	})
})

var _ = Describe("A column", func() {
	It("stands by its kernel's version, other platforms after Linux, the host last, and equals as they came", func() {
		debian := linux("debian:5.10", "5.10.0-30-amd64")
		debian.Report.Kernel.Version = "#1 SMP Debian 5.10.262-1 (2026-01-01)"
		m := matrix(
			linux("host", "5.4.1"), on(kernel.GVisor, "gvisor", "4.4.0"), on(kernel.UML, "uml:6.1", "6.1.1"),
			linux("file:/mine", "of-mine"), linux("debian:6.12", "6.12.118"), linux("file:/boot/vmlinuz", "5.10.9"), debian,
			table.Column{Kernel: "debian:6.1", Broken: "the kernel panicked"}, table.Column{Kernel: "uml:5.10", Broken: "hung"},
		)
		var heads []string
		for line := range strings.Lines(section(m, "Kernels")) {
			heads = append(heads, strings.Fields(line)[0])
		}
		Expect(heads[2:11]).To(Equal([]string{"5.10.9", "5.10.262", "debian:6.1!", "6.12.118", "gvisor", "uml:6.1", "file:/mine", "uml:5.10!", "host"}))
	})

	DescribeTable("has a head that is no other's", func(kernels []table.Column, heads ...string) {
		m := matrix(append(kernels, linux("debian:7.3", "7.3.1", judged("A", report.Fail, "")))...)
		Expect(cells(section(m, "Requirements"), "requirement")).To(Equal(append(append([]string{"since"}, heads...), "7.3.1")))
	},
		Entry("two of one version", []table.Column{linux("debian:6.1", "6.1.9"), linux("debian:6.1-rt", "6.1.9-rt1")}, "6.1", "6.1-rt"),
		Entry("two architectures", []table.Column{linux("debian:6.12", "6.12.118+deb13-amd64"), linux("debian:6.12-16k-arm64", "6.12.118+deb13-arm64-16k")}, "6.12", "6.12-16k-arm64"),
		Entry("one twice", []table.Column{linux("debian:6.1", "6.1.9"), linux("debian:6.1", "6.1.9")}, "6.1", "6.1#2"),
		Entry("names that are alike but for their beginnings", []table.Column{linux("file:/a/long/path/of/vmlinuz", "6.1.9"), linux("file:/b/long/path/of/vmlinuz", "6.1.9")},
			"…th/of/vmlinuz", "…th/of/vmlinuz#2"),
		Entry("a name that cannot be printed", []table.Column{{Kernel: "debian:6.1-\x1b\x1b\x1b"}}, `…-\x1b\x1b\x1b!`),
		Entry("names of one version that cannot be printed", []table.Column{linux("\x1b\x1b\x1b\x1b1", "6.1.9"), linux("\x1b\x1b\x1b\x1b2", "6.1.9")}, `…\x1b\x1b\x1b1`, `…\x1b\x1b\x1b2`),
	)

	It("is found by its name and by its head; where there is none, the valid ones are listed", func() {
		m := matrix(linux("debian:6.1", "6.1.192"), table.Column{Kernel: "uml", Broken: "the kernel panicked"})
		Expect(m.Report("debian:6.1")).To(BeIdenticalTo(m.Columns[0].Report))
		Expect(m.Report("6.1.192")).To(BeIdenticalTo(m.Columns[0].Report))
		_, err := m.Report("6.2")
		Expect(err).To(MatchError(`"6.2" is no kernel of this matrix; there are: debian:6.1, uml`))
		_, err = m.Report("uml")
		Expect(err).To(MatchError("uml has no report: the kernel panicked"))
	})
})
