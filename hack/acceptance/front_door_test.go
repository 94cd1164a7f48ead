package acceptance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The README", func() {
	page := func() string {
		GinkgoHelper()
		text, err := os.ReadFile("../../README.md")
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("is read in a few minutes: it has 200 lines at most", func() {
		Expect(strings.Count(page(), "\n")).To(BeNumerically("<=", 200))
	})

	It("names targets of make, pages and folders that there are", func() {
		makefile, err := os.ReadFile("../../Makefile")
		Expect(err).NotTo(HaveOccurred())
		targets := regexp.MustCompile("(?m)^    make ([a-z-]+)|`make ([a-z-]+)").FindAllStringSubmatch(page(), -1)
		Expect(targets).NotTo(BeEmpty())
		for _, match := range targets {
			Expect(string(makefile)).To(ContainSubstring("\n"+match[1]+match[2]+":"), match[0])
		}
		paths := regexp.MustCompile("\\]\\(([^):]+)\\)|(?:\\./|`)((?:hack|suites|impl|fixtures)/[a-zA-Z/._-]*)").FindAllStringSubmatch(page(), -1)
		Expect(paths).NotTo(BeEmpty())
		for _, match := range paths {
			path := strings.TrimRight(match[1]+match[2], "/.")
			Expect(filepath.Join("../..", path)).To(BeAnExistingFile(), match[0])
		}
	})
})

var _ = Describe("The page of hack", func() {
	It("has a row for each folder, and no other", func() {
		text, err := os.ReadFile("../README.md")
		Expect(err).NotTo(HaveOccurred())
		var named, there []string
		table, _, _ := strings.Cut(string(text), "\n## ")
		for _, match := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(table, -1) {
			named = append(named, match[1])
		}
		entries, err := os.ReadDir("..")
		Expect(err).NotTo(HaveOccurred())
		for _, entry := range entries {
			if entry.IsDir() {
				there = append(there, entry.Name())
			}
		}
		Expect(named).To(Equal(there))
	})
})
