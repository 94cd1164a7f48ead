package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/bench"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

func TestTo(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/report/to")
}

// answered is a report of no requirement, as a file.
func answered() (*report.Report, string) {
	GinkgoHelper()
	r := &report.Report{Ledger: []ledger.Row{}, Requirements: []report.Requirement{}, Summary: map[report.Verdict]int{report.Pass: 0}}
	r.Kernel.Release = "6.12.1"
	r.Environment.Sandbox = []string{}
	path := filepath.Join(GinkgoT().TempDir(), "report.json")
	Expect(r.Write(path)).To(Succeed())
	return r, path
}

func to(form string, paths ...string) (string, error) {
	var out bytes.Buffer
	err := run(append([]string{form}, paths...), &out)
	return out.String(), err
}

var _ = Describe("A result", func() {
	It("is written in every form, of one kernel and of several", func() {
		r, path := answered()
		m := &table.Matrix{Columns: []table.Column{{Kernel: "debian:6.12", Report: r}, {Kernel: "uml", Broken: "it panicked"}}}
		several := filepath.Join(GinkgoT().TempDir(), "matrix.json")
		Expect(m.Write(several)).To(Succeed())
		for _, f := range known {
			if f.name == "annotations" {
				continue
			}
			Expect(to(f.name, path)).To(ContainSubstring("6.12.1"), f.name)
			Expect(to(f.name, several)).To(And(ContainSubstring("uml"), ContainSubstring("it panicked")), f.name)
		}
		Expect(to("annotations", several)).To(ContainSubstring("::error title=uml::it panicked"))
		Expect(to("annotations", path)).To(BeEmpty())
	})

	It("in a form that there is not is refused, with those that there are", func() {
		_, err := to("pdf", "x")
		Expect(err).To(MatchError(ContainSubstring("usage: to [-bench=FILE] html|markdown|junit|ktap|annotations FILE...")))
		Expect(run(nil, &bytes.Buffer{})).To(MatchError(ContainSubstring("usage: ")))
	})

	DescribeTable("that is none is refused, with what it is and what is expected:", func(change func(string) string, owed ...string) {
		_, path := answered()
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(path, []byte(change(string(text))), 0o600)).To(Succeed())
		for _, f := range known {
			out, err := to(f.name, path)
			Expect(out).To(BeEmpty())
			for _, each := range owed {
				Expect(err).To(MatchError(ContainSubstring(each)))
			}
		}
	},
		Entry("empty", func(string) string { return "" }, "report.json is empty", "A report.json, a matrix.json, or Sonobuoy's archive, is expected"),
		Entry("cut short", func(text string) string { return text[:len(text)/2] }, "report.json is no JSON, at byte "),
		Entry("something else", func(string) string { return `["a"]` }, "a report.json, or a matrix.json, is expected: an object"),
		Entry("somebody else's", func(string) string { return `{"results": []}` }, "is no report of this version of the kit: key environment is missing"),
		Entry("an older one", func(text string) string { return strings.Replace(text, `"version"`, `"build"`, 1) }, "key kernel.version is missing"),
		Entry("a newer one", func(text string) string { return strings.Replace(text, `"ledger"`, `"energy": 1, "ledger"`, 1) }, "key energy is unknown"),
		Entry("a matrix of nobody", func(string) string { return `{"columns": []}` }, "the matrix has no kernel"),
	)

	It("of several nodes is written as one, each called as its file is", func() {
		r, path := answered()
		folder := GinkgoT().TempDir()
		a, b := filepath.Join(folder, "node-a.json"), filepath.Join(folder, "node-b.json")
		Expect(r.Write(a)).To(Succeed())
		Expect(r.Write(b)).To(Succeed())
		for _, f := range known {
			if f.name != "annotations" {
				Expect(to(f.name, a, b)).To(And(ContainSubstring("node-a"), ContainSubstring("node-b")), f.name)
			}
		}
		Expect(to("html", a, b)).To(ContainSubstring("Zero-copy I/O on 2 nodes"))
		_, err := to("html", a, a)
		Expect(err).To(MatchError(ContainSubstring("are both called node-a")))
		_, err = to("html", a, filepath.Join(folder, "node-c.json"))
		Expect(err).To(MatchError(os.ErrNotExist))
		Expect(os.WriteFile(b, []byte{0x1f, 0x8b, 0}, 0o600)).To(Succeed())
		_, err = to("html", b)
		Expect(err).To(MatchError(ContainSubstring("the archive that sonobuoy retrieve brings is expected")))
		_, err = to("html", path, b)
		Expect(err).To(MatchError(ContainSubstring("is no JSON")))
	})

	It("has what its kernel's methods are worth in time, and not another's", func() {
		r, path := answered()
		timed := &bench.Report{Kernel: r.Kernel, Throughput: &bench.Throughput{Cells: []bench.Cell{{Method: "sendfile", Sink: "tcp", ChunkBytes: 65536, PairCPU: &bench.Spread{Median: 0.375}}}}}
		file := filepath.Join(GinkgoT().TempDir(), "bench.json")
		Expect(timed.Write(file)).To(Succeed())
		Expect(to("-bench="+file, "html", path)).To(ContainSubstring(`"cpu":0.375`))
		timed.Kernel.Release = "5.10.1"
		Expect(timed.Write(file)).To(Succeed())
		_, err := to("-bench="+file, "html", path)
		Expect(err).To(MatchError(And(ContainSubstring("bench.json is of kernel 5.10.1"), ContainSubstring("there are: 6.12.1"))))
		Expect(os.WriteFile(file, []byte(`{"kernel": {}}`), 0o600)).To(Succeed())
		_, err = to("-bench="+file, "html", path)
		Expect(err).To(MatchError(ContainSubstring("is no bench report of this version of the kit: key ")))
	})

	It("that is not there says so", func() {
		_, err := to("html", "/no/such/report.json")
		Expect(err).To(MatchError(os.ErrNotExist))
	})
})
