package hack_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/gomega"
)

// The ginkgo command runs a package whose tests do not import Ginkgo as a plain Go test, and drops the user's
// filters, -p and report files without a word.
func TestEverySuiteIsKnownToTheGinkgoCommand(t *testing.T) {
	g := gomega.NewWithT(t)
	bootstraps, err := filepath.Glob("../suites/*/*_test.go")
	g.Expect(err).NotTo(gomega.HaveOccurred())
	suites := 0
	for _, path := range bootstraps {
		text, err := os.ReadFile(path)
		g.Expect(err).NotTo(gomega.HaveOccurred())
		suites++
		g.Expect(string(text)).To(gomega.ContainSubstring(`/ginkgo/v2"`), path)
	}
	g.Expect(suites).To(gomega.BeNumerically(">=", 4))
}
