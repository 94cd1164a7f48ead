package modules_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/modules"
)

func TestModules(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/matrix/modules")
}

// object stands for a module's contents.
const object = "\x7fELF and so on"

// tables are what depmod would have written of the tree of these specs.
var tables = map[string]string{
	"modules.dep": `kernel/a.ko: kernel/c.ko kernel/b-b.ko
kernel/b-b.ko: kernel/c.ko
kernel/c.ko:
kernel/libsum.ko:
kernel/sum_generic.ko:
kernel/sum-fast.ko: kernel/c.ko
kernel/x.ko:
kernel/y.ko:
kernel/broken.ko: kernel/nowhere.ko
kernel/gone.ko:
`,
	"modules.softdep": "# comment\nsoftdep libsum pre: sum-algorithm never-heard post: a\nsoftdep x pre: y\nsoftdep y pre: x\n",
	"modules.alias":   "# comment\nalias sum-algorithm sum_fast\nalias sum-algorithm sum_generic\nalias pci:v00001AF4d*sv* c\nalias two-eared sound card y\n",
	"modules.builtin": "kernel/fs/built-in.ko\n",
	// The records end in a zero byte.
	"modules.builtin.modinfo": "built_in.license=GPL\x00built_in.alias=fs-built-*\x00",
}

func tree(changed map[string]string) string {
	GinkgoHelper()
	folder := filepath.Join(GinkgoT().TempDir(), "6.1.0-test")
	Expect(os.MkdirAll(filepath.Join(folder, "kernel"), 0o755)).To(Succeed())
	for _, name := range []string{"a", "b-b", "c", "libsum", "sum_generic", "sum-fast", "x", "y", "broken"} {
		Expect(os.WriteFile(filepath.Join(folder, "kernel", name+".ko"), []byte(object), 0o644)).To(Succeed())
	}
	for _, contents := range []map[string]string{tables, changed} {
		for name, text := range contents {
			Expect(os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644)).To(Succeed())
		}
	}
	return folder
}

func read(folder string) *modules.Tree {
	GinkgoHelper()
	t, err := modules.Read(folder)
	Expect(err).NotTo(HaveOccurred())
	return t
}

var _ = Describe("The files of a module", func() {
	DescribeTable("come after all it needs:", func(names, files, missing []string) {
		gotFiles, gotMissing, err := read(tree(nil)).Resolve(names...)
		Expect(err).NotTo(HaveOccurred())
		Expect(gotFiles).To(Equal(files))
		Expect(gotMissing).To(Equal(missing))
	},
		Entry("nothing", nil, nil, nil),
		Entry("one alone", []string{"c"}, []string{"kernel/c.ko"}, nil),
		Entry("the deepest first", []string{"a"}, []string{"kernel/c.ko", "kernel/b-b.ko", "kernel/a.ko"}, nil),
		Entry("each once", []string{"c", "a", "c"}, []string{"kernel/c.ko", "kernel/b-b.ko", "kernel/a.ko"}, nil),
		Entry("- and _ are one", []string{"b_b"}, []string{"kernel/c.ko", "kernel/b-b.ko"}, nil),
		Entry("_ and - are one", []string{"sum-generic"}, []string{"kernel/sum_generic.ko"}, nil),
		Entry("a softdep, with all that answer to its alias and what they need", []string{"libsum"},
			[]string{"kernel/c.ko", "kernel/sum-fast.ko", "kernel/sum_generic.ko", "kernel/libsum.ko"}, nil),
		Entry("softdeps in a circle", []string{"x"}, []string{"kernel/y.ko", "kernel/x.ko"}, nil),
		Entry("a pattern", []string{"pci:v00001AF4d00001000sv00001AF4"}, []string{"kernel/c.ko"}, nil),
		Entry("a pattern of several words", []string{"two_eared sound card"}, []string{"kernel/x.ko", "kernel/y.ko"}, nil),
		Entry("built in", []string{"built_in", "built-in", "fs-built-x"}, nil, nil),
		Entry("missing", []string{"zfs", "c", "never-heard"}, []string{"kernel/c.ko"}, []string{"zfs", "never-heard"}),
	)

	It("are refused where the folder is not what modules.dep says", func() {
		_, _, err := read(tree(nil)).Resolve("broken")
		Expect(err).To(MatchError(And(ContainSubstring("kernel/nowhere.ko"), ContainSubstring("run depmod"))))
		_, _, err = read(tree(nil)).Resolve("gone")
		Expect(err).To(MatchError(And(ContainSubstring("kernel/gone.ko"), ContainSubstring("run depmod"))))
	})

	It("are found without the tables that older kernels do not have", func() {
		folder := tree(nil)
		for name := range tables {
			if name != "modules.dep" {
				Expect(os.Remove(filepath.Join(folder, name))).To(Succeed())
			}
		}
		files, missing, err := read(folder).Resolve("libsum", "built_in")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(Equal([]string{"kernel/libsum.ko"}))
		Expect(missing).To(Equal([]string{"built_in"}))
	})
})

var _ = Describe("A folder that cannot be read", func() {
	It("says how modules.dep is made", func() {
		folder := tree(nil)
		Expect(os.Remove(filepath.Join(folder, "modules.dep"))).To(Succeed())
		_, err := modules.Read(folder)
		Expect(err).To(MatchError(ContainSubstring("depmod -b ROOT 6.1.0-test")))
	})

	DescribeTable("names the record:", func(table, text, complaint string) {
		_, err := modules.Read(tree(map[string]string{table: text}))
		Expect(err).To(MatchError(And(ContainSubstring(table), ContainSubstring(complaint))))
	},
		Entry("dependencies", "modules.dep", "kernel/c.ko:\nnonsense\n", `record 2: "nonsense"`),
		Entry("softdeps", "modules.softdep", "nonsense\n", `record 1: "nonsense"`),
		Entry("aliases", "modules.alias", "alias x\n", `record 1: "alias x"`),
	)
})

var _ = Describe("The contents of a module", func() {
	compressed := func(program string) []byte {
		GinkgoHelper()
		if _, err := exec.LookPath(program); err != nil {
			Skip("not-checked: " + err.Error())
		}
		command := exec.Command(program, "-c")
		command.Stdin = bytes.NewReader([]byte(object))
		packed, err := command.Output()
		Expect(err).NotTo(HaveOccurred())
		return packed
	}
	gz := func() []byte {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		writer.Write([]byte(object))
		Expect(writer.Close()).To(Succeed())
		return packed.Bytes()
	}

	DescribeTable("are decompressed, and whole:", func(extension string, pack func() []byte) {
		folder, packed := tree(nil), pack()
		file := "kernel/c.ko" + extension
		Expect(os.WriteFile(filepath.Join(folder, file), packed, 0o644)).To(Succeed())
		Expect(read(folder).Contents(file)).To(BeEquivalentTo(object))

		if extension != "" {
			Expect(os.WriteFile(filepath.Join(folder, file), packed[:len(packed)-5], 0o644)).To(Succeed())
			_, err := read(folder).Contents(file)
			Expect(err).To(MatchError(ContainSubstring(file)))
		}
	},
		Entry("plain", "", func() []byte { return []byte(object) }),
		Entry("gzip", ".gz", gz),
		Entry("xz", ".xz", func() []byte { return compressed("xz") }),
		Entry("zstd", ".zst", func() []byte { return compressed("zstd") }),
	)

	It("must be a module", func() {
		folder := tree(map[string]string{"kernel/c.ko": "text"})
		_, err := read(folder).Contents("kernel/c.ko")
		Expect(err).To(MatchError(ContainSubstring(`no ELF object, but 4 bytes that begin with "text"`)))
	})

	It("have an ending that is known", func() {
		_, err := read(tree(map[string]string{"kernel/c.ko.lz4": "?"})).Contents("kernel/c.ko.lz4")
		Expect(err).To(MatchError(ContainSubstring(".ko.zst")))
	})

	DescribeTable("say which package has the program that is missing:", func(extension, distribution string) {
		GinkgoT().Setenv("PATH", GinkgoT().TempDir())
		_, err := read(tree(map[string]string{"kernel/c.ko" + extension: "?"})).Contents("kernel/c.ko" + extension)
		Expect(err).To(MatchError(ContainSubstring("it comes in the package " + distribution)))
	},
		Entry("xz", ".xz", "xz-utils"),
		Entry("zstd", ".zst", "zstd"),
	)
})
