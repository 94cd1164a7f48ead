package acceptance_test

import (
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
)

var _ = Describe("make conformance", Ordered, func() {
	var where, written string

	// conformance runs it in a copy of the tree, for what it writes there; in the tree's own place, where that can be
	// had, the copy need not be compiled anew.
	conformance := func(arguments []string, environment ...string) *run {
		GinkgoHelper()
		if _, err := exec.LookPath("make"); err != nil {
			Skip("not-checked: " + err.Error())
		}
		t := task{command: append([]string{"make", "conformance"}, arguments...), environment: environment}
		where = treeCopy()
		written = filepath.Join(where, "reports", "report.json")
		if t.folder = where; keeper.OwnRefused() == nil {
			t.machine.Covered = []keeper.Cover{{Folder: tree(), By: where}}
			t.folder = tree()
		}
		return t.do()
	}

	It("ends with the digest of the run, whose report it has written", func() {
		r := conformance([]string{"LABELS=INTEGRITY-RANGE && pipe"}, spine...)
		Expect(r.code()).To(BeZero(), r.output())
		Expect(colour.ReplaceAllString(r.output(), "")).To(MatchRegexp(`\n1 requirements: 1 pass, 0 fail, 0 not-required, 0 deviation, 0 not-checked, 0 kit-error\nin full, and the ledger's 0 rows: reports/report.json\n`))
		gathered, err := report.Read(written)
		Expect(err).NotTo(HaveOccurred())
		Expect(gathered.Requirements).To(HaveExactElements(HaveField("ID", "INTEGRITY-RANGE")))
	})

	It("that cannot begin is red, and leaves no report of an earlier run behind", func() {
		Expect(written).To(BeAnExistingFile())
		r := conformance([]string{"LABELS=INTEGRITY-RANGE"}, "ZC_METHODS=teleport")
		Expect(r.code()).NotTo(BeZero(), r.output())
		Expect(r.output()).To(ContainSubstring(`ZC_METHODS names "teleport"`))
		Expect(written).NotTo(BeAnExistingFile())
	})
})
