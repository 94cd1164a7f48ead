package requirements_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/requirements"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

func TestRequirements(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "requirements")
}

// declared is a spec as a preview shows it.
func declared(suite, file string, labels ...string) types.SpecReport {
	return types.SpecReport{
		LeafNodeType: types.NodeTypeIt, LeafNodeText: "a spec", LeafNodeLabels: labels,
		ContainerHierarchyTexts: []string{suite}, LeafNodeLocation: types.CodeLocation{FileName: "/somewhere/" + file, LineNumber: 7},
	}
}

func preview(specs ...types.SpecReport) types.Report { return types.Report{SpecReports: specs} }

var _ = Describe("The list of requirements", func() {
	known := []spec.Requirement{
		{ID: "A-ONE", Text: "the first holds", Source: "first(2)", Since: "4.2"},
		{ID: "B-TWO", Text: "the second is looked at", Source: "second(2)"},
	}

	It("names the specs of each, by suite and file", func() {
		all, err := requirements.List(known, preview(
			declared("cost", "a.go", "A-ONE", "tcp"), declared("cost", "a.go", "A-ONE", "pipe"), declared("copies", "b.go", "B-TWO")))
		Expect(err).NotTo(HaveOccurred())
		var text bytes.Buffer
		Expect(requirements.Print(&text, all)).To(Succeed())
		Expect(text.String()).To(Equal(`A-ONE
    the first holds
    first(2); since Linux 4.2
    2 specs in cost: a.go
B-TWO
    the second is looked at
    second(2); owed by no kernel: what is seen is recorded
    1 spec in copies: b.go

2 requirements
`))
	})

	It("has every requirement of the kit, whatever the user names", func() {
		for _, variables := range [][]string{nil, {"ZC_PROGRAM=cat {file}", "ZC_SINKS=udp", "ZC_METHODS=sendfile"}} {
			list := exec.Command("go", "run", "./list")
			list.Env = append(os.Environ(), variables...)
			said, err := list.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(said))
			Expect(string(said)).To(ContainSubstring("\nEXTERNAL-SERVED\n"))
		}
	})

	It("is not printed when a requirement has no spec", func() {
		_, err := requirements.List(known, preview(declared("cost", "a.go", "A-ONE")))
		Expect(err).To(MatchError("no spec asserts B-TWO: the second is looked at"))
	})

	It("is not printed when a spec has no requirement, or two", func() {
		_, err := requirements.List(known[:1], preview(declared("cost", "a.go", "A-ONE"), declared("copies", "b.go", "tcp")))
		Expect(err).To(MatchError("a spec asserts 0 requirements, not one: copies a spec (copies: b.go)"))
		_, err = requirements.List(known, preview(declared("cost", "a.go", "A-ONE", "B-TWO")))
		Expect(err).To(MatchError("a spec asserts 2 requirements, not one: cost a spec (cost: a.go)"))
	})
})

var _ = Describe("The suites that a label filter selects", func() {
	report := preview(declared("cost", "a.go", "A-ONE", "tcp"), declared("copies", "b.go", "B-TWO", "pipe"), declared("cost", "a.go", "A-ONE", "pipe"))

	It("are those with such specs, each once", func() {
		Expect(requirements.Suites("pipe", report)).To(Equal([]string{"copies", "cost"}))
		Expect(requirements.Suites("pipe && !B-TWO", report)).To(Equal([]string{"cost"}))
	})

	It("are folders of the kit, and all of them where every spec is selected", func() {
		list := exec.Command("go", "run", "./hack/requirements/list", "-suites", "!slow")
		list.Dir = "../.."
		list.Stderr = GinkgoWriter
		printed, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		folders := strings.Fields(string(printed))
		Expect(folders).To(HaveLen(len(catalogue.Suites)))
		for _, folder := range folders {
			Expect("../../" + folder).To(BeADirectory())
		}
	})

	It("are an error when there are none, and when the filter is none", func() {
		_, err := requirements.Suites("tcp && pipe", report)
		Expect(err).To(MatchError(`no spec of any suite has labels that "tcp && pipe" selects; with ZC_SLOW=1 there are more specs`))
		_, err = requirements.Suites("tcp &&", report)
		Expect(err).To(HaveOccurred())
	})
})
