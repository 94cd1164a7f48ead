// Package ci_test holds the examples of this folder, and the kit's own workflow, to what there is.
package ci_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestCI(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/ci")
}

const tree = "../.."

var _ = Describe("What CI is told to run", func() {
	makefile, err := os.ReadFile(filepath.Join(tree, "Makefile"))
	targets := regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(string(makefile), -1)

	for _, path := range []string{"github.yml", "gitlab.yml", "Makefile", filepath.Join(tree, ".github", "workflows", "conformance.yml")} {
		It("is there: "+path, func() {
			Expect(err).NotTo(HaveOccurred())
			text, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			text = regexp.MustCompile(`(?m)^#.*$`).ReplaceAll(text, nil)
			var names []string
			for _, target := range targets {
				names = append(names, target[1])
			}
			asked := regexp.MustCompile(`(?:make|\$\(MAKE\))(?: -C \S+)? ([a-z-]+)`).FindAllStringSubmatch(string(text), -1)
			Expect(asked).NotTo(BeEmpty())
			for _, each := range asked {
				Expect(names).To(ContainElement(each[1]), each[0])
			}
			for _, folder := range regexp.MustCompile(`\./((?:hack|suites)/[a-z/]+)`).FindAllStringSubmatch(string(text), -1) {
				Expect(filepath.Join(tree, folder[1])).To(BeADirectory())
			}
			// YAML has no tabs.
			if filepath.Ext(path) == ".yml" {
				Expect(string(text)).NotTo(ContainSubstring("\t"))
			}
		})
	}
})
