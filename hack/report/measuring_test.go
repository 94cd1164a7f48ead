package report_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	_ "zerocopy-conformance/suites/catalogue" // so that every requirement's ID is known
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

var _ = Describe("The page on how each cell is measured", func() {
	const tree = "../.."
	read := func(path string) string {
		GinkgoHelper()
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("has a row for each column of the table, in its order, and no others", func() {
		head, _, _ := strings.Cut(ledger.Table(nil), "\n")
		columns := regexp.MustCompile(` {2,}`).Split(head, -1)
		Expect(columns).To(HaveExactElements("technique", "switches", "copies", "CPU", "DMA", "teardown", "faults", "verdict", "CPU copies, which"))
		var rows []string
		for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(read("MEASURING.md"), -1)[1:] {
			rows = append(rows, row[1])
		}
		Expect(rows).To(Equal(columns))
	})

	It("puts between backticks nothing but what there is: folders, requirements, keys of the ledger, targets of make", func() {
		keys := report.Fields(reflect.TypeOf(ledger.Row{}))
		known := map[string]bool{}
		for _, r := range spec.Requirements() {
			known[r.ID] = true
		}
		makefile := read(filepath.Join(tree, "Makefile"))
		words := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(read("MEASURING.md"), -1)
		Expect(len(words)).To(BeNumerically(">", 40))
		for _, match := range words {
			word := match[1]
			target, isTarget := strings.CutPrefix(word, "make ")
			switch {
			case isTarget:
				Expect(makefile).To(ContainSubstring("\n"+target+": "), "no target of the Makefile")
			case strings.Contains(word, "/"):
				Expect(filepath.Join(tree, word)).To(BeAnExistingFile(), "no folder or file of the tree")
			case strings.ToUpper(word) == word:
				Expect(known[word]).To(BeTrue(), "%s is no requirement", word)
			default:
				Expect(keys[word]).NotTo(BeNil(), "%s is no key of a row of the ledger", word)
			}
		}
	})

	It("speaks of every number of a row that a meter may be missing for", func() {
		page, numbers := read("MEASURING.md"), 0
		for key, of := range report.Fields(reflect.TypeOf(ledger.Row{})) {
			if of.Kind() != reflect.Map && of.Kind() != reflect.Pointer || !of.Elem().ConvertibleTo(reflect.TypeFor[float64]()) {
				continue
			}
			numbers++
			Expect(page).To(ContainSubstring("`" + key + "`"))
		}
		Expect(numbers).To(BeNumerically(">", 10))
	})
})
