package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestDiff(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/report/diff")
}

// answered is a report as a file: requirements by their verdicts, and what a sendfile(2) into a pipe has copied.
func answered(release string, copies float64, verdicts map[string]report.Verdict) string {
	GinkgoHelper()
	r := &report.Report{Ledger: []ledger.Row{{Method: "sendfile", Sink: "pipe", Source: "tmp", CPUCopies: &copies}}, Requirements: []report.Requirement{}, Summary: map[report.Verdict]int{}}
	r.Kernel.Release, r.Environment.Sandbox, r.Ledger[0].CPUCopiesWhich = release, []string{}, []string{}
	for id, v := range verdicts {
		r.Requirements = append(r.Requirements, report.Requirement{Requirement: spec.Requirement{ID: id}, Verdict: v, Reason: "owed: 1\nseen: 2"})
	}
	path := filepath.Join(GinkgoT().TempDir(), "report.json")
	Expect(r.Write(path)).To(Succeed())
	return path
}

var _ = Describe("What has changed between two runs", func() {
	type answers = map[string]report.Verdict

	It("is told by kind: what fails now first, then what is kept now, answered otherwise and costs otherwise", func() {
		old := answered("5.10.1", 1, answers{"A": report.Pass, "B": report.Fail, "C": report.NotChecked, "D": report.Pass, "E": report.Fail})
		new := answered("6.12.1", 0, answers{"A": report.Fail, "B": report.Pass, "C": report.Pass, "D": report.Pass, "E": report.Fail, "F": report.KitError})
		var out bytes.Buffer
		code, err := run([]string{old, new}, &out)
		Expect(err).NotTo(HaveOccurred())
		Expect(code).To(Equal(worse))
		Expect(out.String()).To(Equal(`fails now: A
  before: pass
  now:    fail: owed: 1; seen: 2
fails now: F
  before: ?
  now:    kit-error: owed: 1; seen: 2
is kept now: B
  before: fail: owed: 1; seen: 2
  now:    pass
is answered otherwise: C
  before: not-checked: owed: 1; seen: 2
  now:    pass
costs otherwise: sendfile → pipe from tmp
  before: CPU copies 1
  now:    CPU copies 0
from 5.10.1 to 6.12.1: 2 fails now, 1 is kept now, 1 is answered otherwise, 1 costs otherwise
`))
	})

	It("is nothing to worry about where nothing fails that did not before", func() {
		old := answered("5.10.1", 1, answers{"A": report.Fail})
		var out bytes.Buffer
		Expect(run([]string{old, old}, &out)).To(BeZero())
		Expect(out.String()).To(Equal("from 5.10.1 to 5.10.1: 0 fails now, 0 is kept now, 0 is answered otherwise, 0 costs otherwise\n"))
	})

	It("is asked of two reports", func() {
		there := answered("5.10.1", 1, nil)
		for _, arguments := range [][]string{nil, {there}, {there, there, there}, {there, "/no/such"}, {os.Args[0], there}} {
			code, err := run(arguments, &bytes.Buffer{})
			Expect(code).To(Equal(misused))
			Expect(err).To(HaveOccurred())
		}
	})
})
