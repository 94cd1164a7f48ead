package linux_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/kernel/defects"
	"zerocopy-conformance/hack/mutants/kernel/linux"
)

func TestLinux(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/mutants/kernel/linux")
}

const (
	head = "Says: says no\nViolates: COST-CALLS\nLabels: cost\n\n"
	diff = "--- a/fs/a.c\n+++ b/fs/a.c\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
)

func defect(text string) defects.Defect {
	GinkgoHelper()
	d, err := defects.Parse("says-no.patch", []byte(text))
	Expect(err).NotTo(HaveOccurred())
	return d
}

func write(folder, name, text string) {
	GinkgoHelper()
	path := filepath.Join(folder, name)
	Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
}

var _ = Describe("A kernel's program", func() {
	It("is not made again", func() {
		tree := linux.At(GinkgoT().TempDir())
		d := defect(head + diff)
		path := tree.Path(d)
		write(filepath.Dir(path), filepath.Base(path), "a program")
		Expect(tree.Mutated(context.Background(), d)).To(Equal(path))
	})

	It("is known by what it is made of, and not by what is said of it", func() {
		tree := linux.At(GinkgoT().TempDir())
		path := tree.Path(defect(head + diff))
		Expect(tree.Path(defect(strings.Replace(head, "says no", "says nothing", 1) + diff))).To(Equal(path))
		Expect(tree.Path(defect(head + strings.Replace(diff, "+2", "+zwei", 1)))).NotTo(Equal(path))
		Expect(tree.Path(defects.Defect{})).NotTo(Equal(path))
	})

	It("cannot be made without a compiler: each package that is missing is named", func() {
		tree := linux.At(GinkgoT().TempDir())
		GinkgoT().Setenv("PATH", GinkgoT().TempDir())
		_, err := tree.Mutated(context.Background(), defect(head+diff))
		Expect(err).To(MatchError(And(HavePrefix("defect says-no in linux-source-6.12 6.12.0-1: "),
			ContainSubstring("gcc: not found; it comes in the package gcc"), ContainSubstring("bc: not found; it comes in the package bc"))))
	})
})

var _ = Describe("A defect", func() {
	var folder string
	var tree *linux.Tree

	BeforeEach(func() {
		if _, err := exec.LookPath("patch"); err != nil {
			Skip("not-checked: " + err.Error() + " (apt-get install patch)")
		}
		folder = GinkgoT().TempDir()
		tree = linux.At(folder)
		Expect(os.MkdirAll(filepath.Join(folder, "objects/fs"), 0o755)).To(Succeed())
	})

	over := func() string { return filepath.Join(folder, "objects/fs/a.c") }

	It("lies over the source, which stays as it is, and is taken away, also where its process was killed", func() {
		write(folder, "source/fs/a.c", "zero\none\ntwo\nthree\n")
		Expect(tree.Cover(context.Background(), defect(head+diff))).To(Succeed())
		Expect(os.ReadFile(over())).To(BeEquivalentTo("zero\none\n2\nthree\n"), "the lines are found where they are")
		Expect(os.ReadFile(filepath.Join(folder, "source/fs/a.c"))).To(BeEquivalentTo("zero\none\ntwo\nthree\n"))
		Expect(linux.At(folder).Uncover()).To(Succeed())
		Expect(over()).NotTo(BeAnExistingFile())
		Expect(linux.At(folder).Uncover()).To(Succeed())
	})

	It("that does not fit the source is an error in patch's words", func() {
		write(folder, "source/fs/a.c", "one\ntwo\nfour\n")
		Expect(tree.Cover(context.Background(), defect(head+diff))).To(MatchError(And(ContainSubstring("patch: exit status 1"), ContainSubstring("Hunk #1 FAILED"))))
		Expect(tree.Uncover()).To(Succeed())
		Expect(over()).NotTo(BeAnExistingFile())
	})

	It("of a file that the source does not have is an error", func() {
		Expect(tree.Cover(context.Background(), defect(head+diff))).To(MatchError(ContainSubstring("source/fs/a.c: no such file")))
	})
})

var _ = Describe("The configuration", func() {
	It("is missed where a line of it was dropped, or overruled", func() {
		path := filepath.Join(GinkgoT().TempDir(), ".config")
		Expect(os.WriteFile(path, []byte(linux.Config), 0o644)).To(Succeed())
		Expect(linux.Has(path)).To(Succeed())
		Expect(os.WriteFile(path, []byte(strings.Replace(linux.Config, "CONFIG_TLS=y\n", "# CONFIG_TLS is not set\n", 1)), 0o644)).To(Succeed())
		Expect(linux.Has(path)).To(MatchError(HavePrefix("the configuration has CONFIG_TLS=, not CONFIG_TLS=y: ")))
		Expect(os.WriteFile(path, []byte(strings.Replace(linux.Config, "CONFIG_SOUND=n\n", "CONFIG_SOUND=y\n", 1)), 0o644)).To(Succeed())
		Expect(linux.Has(path)).To(MatchError(HavePrefix("the configuration has CONFIG_SOUND=y, not CONFIG_SOUND=n: ")))
	})
})
