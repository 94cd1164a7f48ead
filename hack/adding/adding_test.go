package adding_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// example is a section of the page, and its patch.
type example struct {
	name string
	// focus is as much as is run here of the tests that the section names: what the patch has to do with.
	focus string
	// found judges what the section's commands have reported.
	found func(*report.Report)
}

var examples = []example{
	{"method", `read\+sendmsg|The registry|mutated methods`, func(r *report.Report) {
		kept(r, "INTEGRITY-RANGE", "COST-CALLS", "COST-ACCOUNTING", "COPIES-USER", "COPIES-COPIED")
		Expect(r.Ledger).To(And(Not(BeEmpty()), HaveEach(HaveField("Method", "read+sendmsg"))))
	}},
	{"sink", `pipe-packet|is found by its name`, func(r *report.Report) {
		kept(r, "INTEGRITY-RANGE", "COPIES-USER", "COPIES-COPIED", "COPIES-SHARED-PIPE-PACKET", "COPIES-SPLICED-PIPE-PACKET")
		Expect(r.Ledger).To(And(Not(BeEmpty()), HaveEach(HaveField("Sink", "pipe-packet"))))
	}},
	{"requirement", `A table of clauses|violate what there is`, func(r *report.Report) {
		Expect(r.Requirements).To(HaveLen(1))
		kept(r, "PWRITEV2-NOAPPEND")
	}},
	{"kernel", `host|a kernel's name`, func(r *report.Report) {
		Expect(r.Requirements).To(HaveLen(1))
		kept(r, "SENDFILE-OFFSET")
	}},
}

// kept finds requirements that were measured, and are as owed, or no more than this kernel owes. One that this machine cannot
// check ends the spec.
func kept(r *report.Report, ids ...string) {
	GinkgoHelper()
	for _, id := range ids {
		at := slices.IndexFunc(r.Requirements, func(each report.Requirement) bool { return each.ID == id })
		Expect(at).NotTo(Equal(-1), "%s was not asked for", id)
		if each := r.Requirements[at]; each.Verdict == report.NotChecked {
			Skip("not-checked: " + each.Reason)
		} else {
			Expect(each.Verdict).To(BeElementOf(report.Pass, report.NotRequired), "%s: %s", id, each.Reason)
		}
	}
	Expect(r.Summary[report.Fail]+r.Summary[report.KitError]).To(BeZero(), "%v", r.Summary)
}

// section is a part of the page, by its heading.
func section(name string) string {
	GinkgoHelper()
	page, err := os.ReadFile("README.md")
	Expect(err).NotTo(HaveOccurred())
	_, text, found := strings.Cut(string(page), "\n## A "+name+"\n")
	Expect(found).To(BeTrue(), "README.md has no section: A %s", name)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// commands are the lines of a section that are indented as code is.
func commands(name string) (lines []string) {
	for _, match := range regexp.MustCompile(`(?m)^    (\S.*)$`).FindAllStringSubmatch(section(name), -1) {
		lines = append(lines, match[1])
	}
	return lines
}

// reported is what the lines of a section have left in a copy.
func reported(root string) *report.Report {
	GinkgoHelper()
	if matrix, err := table.Read(filepath.Join(root, "reports", "matrix.json")); err == nil {
		Expect(matrix.Columns).To(HaveLen(1))
		Expect(matrix.Columns[0].Broken).To(BeEmpty())
		return matrix.Columns[0].Report
	}
	text, err := os.ReadFile(filepath.Join(root, "reports", "ginkgo.json"))
	Expect(err).NotTo(HaveOccurred())
	var suites []types.Report
	Expect(json.Unmarshal(text, &suites)).To(Succeed())
	gathered, err := report.Gather(suites)
	Expect(err).NotTo(HaveOccurred())
	return gathered
}

var _ = Describe("How to add", func() {
	for _, e := range examples {
		Describe("a "+e.name, func() {
			It("names, in its section, the files that its patch touches, each once and no others", func() {
				var named, touched []string
				for _, match := range regexp.MustCompile("(?m)^\\d+\\. `([^`]+)`").FindAllStringSubmatch(section(e.name), -1) {
					named = append(named, match[1])
				}
				for _, each := range partsOf(e.name) {
					touched = append(touched, each.path)
				}
				Expect(named).To(ConsistOf(touched))
				Expect(section(e.name)).To(ContainSubstring("`" + e.name + ".patch`"))
			})

			It("is what its commands then show", func() {
				root := patched(e.name)
				run := 0
				for _, line := range commands(e.name) {
					switch {
					case strings.HasPrefix(line, "make mutants "), strings.HasPrefix(line, "make matrix "):
						// Minutes: of mutants see below, and of kernels nothing is new but the name.
						continue
					case strings.Contains(line, "go tool ginkgo run "):
						line = strings.Replace(line, "ginkgo run ", "ginkgo run --no-color --keep-going --output-dir=reports --json-report=ginkgo.json ", 1)
						Expect(os.MkdirAll(filepath.Join(root, "reports"), 0o755)).To(Succeed())
					case strings.HasPrefix(line, "go test "):
						// What make vet is for need not be done again.
						line = "go test -vet=off" + strings.TrimPrefix(line, "go test") + ` -ginkgo.no-color -ginkgo.focus="` + e.focus + `"`
					default:
						Expect(line).To(HavePrefix("go run "), "nobody runs this line of the page")
					}
					run++
					code, said := shell(root, line)
					Expect(code).To(BeZero(), "%s\n%s", line, said)
				}
				Expect(run).To(Equal(2))
				e.found(reported(root))
			})
		})
	}
})
