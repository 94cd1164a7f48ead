package table_test

import (
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestTable(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "table")
}

// linux is a column of a Linux kernel that said this.
func linux(name, release string, said ...any) table.Column {
	return on(kernel.Linux, name, release, said...)
}

// on is a column of a platform. A kernel says requirements and rows.
func on(platform, name, release string, said ...any) table.Column {
	GinkgoHelper()
	r := &report.Report{
		Kernel:  kernel.Kernel{Release: release, Platform: platform, Machine: "x86_64"},
		Summary: map[report.Verdict]int{}, Ledger: []ledger.Row{}, Requirements: []report.Requirement{},
	}
	// A report that judges nothing is a broken one.
	for _, each := range append(said, judged("ALWAYS", report.Pass, "")) {
		switch each := each.(type) {
		case report.Requirement:
			r.Requirements = append(r.Requirements, each)
			r.Summary[each.Verdict]++
		case ledger.Row:
			r.Ledger = append(r.Ledger, each)
		default:
			Fail("a kernel says requirements and rows")
		}
	}
	return table.Column{Kernel: name, Report: r, BootSeconds: 2.5, Seconds: 40}
}

func judged(id string, verdict report.Verdict, reason string) report.Requirement {
	return report.Requirement{
		Requirement: spec.Requirement{ID: id, Text: "the sentence of " + id, Source: "splice(2)", Since: "4.2"},
		Verdict:     verdict, Reason: reason, Cases: map[report.Verdict]int{verdict: 1}, Reproduce: "go tool ginkgo run",
	}
}

func row(method, sink, source string, sharing aliasing.Sharing) ledger.Row {
	return ledger.Row{Method: method, Sink: sink, Source: source, Aliasing: sharing, Calls: map[string]int{"sendfile": 1}}
}

func matrix(columns ...table.Column) *table.Matrix { return &table.Matrix{Columns: columns} }

func terminal(m *table.Matrix) string {
	GinkgoHelper()
	var text strings.Builder
	Expect(m.Terminal(&text)).To(Succeed())
	return text.String()
}

func markdown(m *table.Matrix) string {
	GinkgoHelper()
	var text strings.Builder
	Expect(m.Markdown(&text)).To(Succeed())
	return text.String()
}

// section is a part of what a terminal shows, by how its title begins.
func section(m *table.Matrix, title string) string {
	GinkgoHelper()
	for _, part := range strings.Split("\n"+terminal(m), "\n== ")[1:] {
		if strings.HasPrefix(part, title) {
			return part
		}
	}
	Fail("there is no section " + title)
	return ""
}

// cells are the words of the line that begins with a name.
func cells(text, name string) []string {
	GinkgoHelper()
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			return strings.Fields(rest)
		}
	}
	Fail("no line begins with " + name + ":\n" + text)
	return nil
}

func ptr[T any](v T) *T { return &v }
