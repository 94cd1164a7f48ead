package forms_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/forms"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestForms(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/report/forms")
}

// hostile is what means something in each of the forms.
const hostile = "a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody\nand a line"

// columns are two kernels, of which one answered in every way, and one is broken.
func columns() []report.Column {
	r := &report.Report{Kernel: kernel.Kernel{Release: "6.12.1", Version: hostile, Platform: kernel.Linux, Machine: "x86_64"}, Summary: map[report.Verdict]int{}}
	for _, verdict := range report.Verdicts {
		r.Requirements = append(r.Requirements, report.Requirement{
			Requirement: spec.Requirement{ID: "IS-" + strings.ToUpper(string(verdict)), Text: "a call is " + string(verdict), Source: "call(2)", Since: "5.10"},
			Verdict:     verdict, Reason: map[bool]string{true: hostile}[verdict != report.Pass], Reproduce: "go tool ginkgo run ./x", NotChecked: map[string]int{},
		})
		r.Summary[verdict] = 1
	}
	r.Requirements[4].NotChecked = map[string]int{hostile: 3}
	r.Ledger = []ledger.Row{{Technique: "read + write", Claimed: &ledger.Numbers{ModeSwitches: 4, Copies: 4, CPU: 2, DMA: 2}}}
	return []report.Column{{Name: "6.12", Report: r}, {Name: "file:#1", Broken: "it panicked"}}
}

func in(form func(io.Writer, string, []report.Column) error) string {
	GinkgoHelper()
	var text bytes.Buffer
	Expect(form(&text, "Two kernels", columns())).To(Succeed())
	return text.String()
}

// outside has somebody else's program read a text, and says what it says.
func outside(text, name string, line ...string) string {
	GinkgoHelper()
	program, err := exec.LookPath(line[0])
	if err != nil {
		Skip("not-checked: " + err.Error() + " (to have it checked: install it)")
	}
	path := filepath.Join(GinkgoT().TempDir(), name)
	Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
	said, err := exec.Command(program, append(line[1:], path)...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(said))
	return string(said)
}

var _ = Describe("JUnit's XML", func() {
	It("has a case for each requirement, the reasons of skipped ones, and the verdicts by ID", func() {
		text := in(forms.JUnit)
		var read struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Suites   []struct {
				Name       string `xml:"name,attr"`
				Skipped    int    `xml:"skipped,attr"`
				Properties []struct {
					Name  string `xml:"name,attr"`
					Value string `xml:"value,attr"`
				} `xml:"properties>property"`
				Cases []struct {
					Name    string  `xml:"name,attr"`
					Skipped *string `xml:"skipped"`
					Failure *string `xml:"failure"`
					Error   *string `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		Expect(xml.Unmarshal([]byte(text), &read)).To(Succeed())
		Expect([]int{read.Tests, read.Failures, read.Errors}).To(Equal([]int{7, 1, 2}))
		first := read.Suites[0]
		Expect(first.Skipped).To(Equal(3))
		Expect(first.Properties).To(ContainElement(And(HaveField("Name", "IS-FAIL"), HaveField("Value", "fail"))))
		Expect(first.Cases[0]).To(And(HaveField("Skipped", BeNil()), HaveField("Failure", BeNil()), HaveField("Error", BeNil())))
		Expect(*first.Cases[1].Failure).To(ContainSubstring("again: go tool ginkgo run ./x"))
		Expect(*first.Cases[4].Skipped).To(HavePrefix("not-checked: a | <b> & ``` # ]]> ::error::x%0A"))
		Expect(first.Cases[5].Error).NotTo(BeNil())
		Expect(read.Suites[1].Cases).To(ConsistOf(HaveField("Name", "the kernel answers in full")))
	})

	It("is XML to somebody else", func() {
		outside(in(forms.JUnit), "junit.xml", "xmllint", "--noout")
	})

	It("is read by junitparser", func() {
		if err := exec.Command("/usr/bin/python3", "-c", "import junitparser").Run(); err != nil {
			Skip("not-checked: there is no junitparser (to have it checked: install python3-junitparser)")
		}
		said := outside(in(forms.JUnit), "junit.xml", "/usr/bin/python3", "-c", "import sys, junitparser; x = junitparser.JUnitXml.fromfile(sys.argv[1]); print(x.tests, x.failures, x.errors, [s.skipped for s in x])")
		Expect(said).To(Equal("7 1 2 [3, 0]\n"))
	})
})

var _ = Describe("KTAP", func() {
	It("has a subtest for each kernel, and in it a result for each requirement", func() {
		Expect(strings.Split(in(forms.KTAP), "\n")).To(Equal([]string{
			"KTAP version 1", "1..2",
			"  KTAP version 1", "  # Subtest: 6.12", "  1..6",
			"  ok 1 IS-PASS",
			"  # a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody", "  # and a line", "  # again: go tool ginkgo run ./x", "  not ok 2 IS-FAIL",
			"  ok 3 IS-NOT-REQUIRED # SKIP not-required: a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody and a line",
			"  ok 4 IS-DEVIATION # SKIP deviation: a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody and a line",
			"  ok 5 IS-NOT-CHECKED # SKIP not-checked: a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody and a line",
			"  # a | <b> & ``` # ]]> ::error::x%0A [y](z) *w* \x01 @somebody", "  # and a line", "  # again: go tool ginkgo run ./x", "  not ok 6 IS-KIT-ERROR",
			"not ok 1 6.12",
			"  KTAP version 1", "  # Subtest: file:_1", "  1..0",
			"# it panicked", "not ok 2 file:_1", "",
		}))
	})
})

var _ = Describe("Annotations", func() {
	It("are a command for each failure, in a line each, and end nobody else's", func() {
		Expect(strings.Split(in(forms.Annotations), "\n")).To(HaveExactElements(
			HavePrefix("::error title=IS-FAIL on 6.12::a | <b> & ``` # ]]> ::error::x%250A [y](z) *w* \x01 @somebody%0Aand a line%0Aagain: "),
			HavePrefix("::warning title=IS-DEVIATION on 6.12::"),
			HavePrefix("::error title=IS-KIT-ERROR on 6.12::"),
			"::notice title=6.12::not checked: 1 of 6 requirements; the report says why",
			"::error title=file%3A#1::it panicked",
			"",
		))
	})
})

var _ = Describe("Markdown", func() {
	It("has the verdicts, what fails in full, the textbook's table, and the reasons", func() {
		text := in(forms.Markdown)
		Expect(text).To(HavePrefix("# Two kernels\n\n| kernel | pass | fail | not-required | deviation | not-checked | kit-error |\n|---|--:|--:|--:|--:|--:|--:|\n| 6.12 | 1 | 1 | 1 | 1 | 1 | 1 |\n| file:\\#1 |  |  |  |  |  |  |\n"))
		Expect(text).To(And(ContainSubstring("**IS-FAIL on 6.12: fail** — a call is fail (call(2))"), ContainSubstring("**file:\\#1 is broken:** it panicked"), ContainSubstring("<summary>The textbook's table on 6.12</summary>")))
		By("in which what was seen is shown as it is, and cannot end that")
		Expect(text).To(ContainSubstring("\n````\n" + hostile + "\nagain: go tool ginkgo run ./x\n````\n"))
		Expect(text).To(ContainSubstring("- a \\| &lt;b&gt; &amp; \\`\\`\\` \\# \\]\\]&gt; ::error::x%0A \\[y\\](z) \\*w\\* \x01 &#64;somebody and a line (3)"))
	})
})
