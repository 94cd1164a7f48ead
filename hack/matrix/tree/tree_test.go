package tree_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/tree"
)

// entry is one of an archive, as a reader of its own finds it.
type entry struct {
	name     string
	mode     uint64
	contents string
}

// entries reads an archive by the format's description: eight digits a field, names and contents padded to four bytes.
func entries(archive []byte) (all []entry) {
	GinkgoHelper()
	at := 0
	field := func(number int) int {
		n, err := strconv.ParseUint(string(archive[at+6+8*number:at+14+8*number]), 16, 32)
		Expect(err).NotTo(HaveOccurred())
		return int(n)
	}
	aligned := func(n int) int { return (n + 3) / 4 * 4 }
	for {
		Expect(string(archive[at : at+6])).To(Equal("070701"))
		mode, size, named := field(1), field(6), field(11)
		name := archive[at+110 : at+110+named]
		Expect(name[named-1]).To(BeZero())
		begin := aligned(at + 110 + named)
		all = append(all, entry{string(name[:named-1]), uint64(mode), string(archive[begin : begin+size])})
		if all[len(all)-1].name == "TRAILER!!!" {
			return all[:len(all)-1]
		}
		at = aligned(begin + size)
	}
}

func sample() *tree.Tree {
	from := filepath.Join(GinkgoT().TempDir(), "program")
	Expect(os.WriteFile(from, []byte("five!"), 0o600)).To(Succeed())
	t := &tree.Tree{Folders: []string{"/tmp"}}
	t.Add("/init", from, 0o755)
	t.AddBytes("/etc/zc/job.json", []byte("{}"), 0o644)
	t.AddBytes("/empty", nil, 0o600)
	return t
}

var _ = Describe("a tree", func() {
	It("becomes an archive with every folder before what lies in it", func() {
		var archive bytes.Buffer
		Expect(sample().Initramfs(&archive)).To(Succeed())
		Expect(entries(archive.Bytes())).To(Equal([]entry{
			{"etc", 0o40755, ""}, {"etc/zc", 0o40755, ""}, {"tmp", 0o40755, ""},
			{"init", 0o100755, "five!"}, {"etc/zc/job.json", 0o100644, "{}"}, {"empty", 0o100600, ""},
		}))
	})

	It("becomes the same archive each time", func() {
		var first, second bytes.Buffer
		Expect(sample().Initramfs(&first)).To(Succeed())
		Expect(sample().Initramfs(&second)).To(Succeed())
		Expect(second.Bytes()).To(Equal(first.Bytes()))
	})

	It("becomes an archive that cpio(1) unpacks", func() {
		cpio, err := exec.LookPath("cpio")
		if err != nil {
			Skip("cpio is not installed: the archive was read by the spec's own reader alone")
		}
		var archive bytes.Buffer
		Expect(sample().Initramfs(&archive)).To(Succeed())
		root := GinkgoT().TempDir()
		unpack := exec.Command(cpio, "-idm", "--quiet")
		unpack.Dir, unpack.Stdin, unpack.Stderr = root, &archive, GinkgoWriter
		Expect(unpack.Run()).To(Succeed())
		Expect(os.ReadFile(filepath.Join(root, "init"))).To(BeEquivalentTo("five!"))
		Expect(os.ReadFile(filepath.Join(root, "etc/zc/job.json"))).To(BeEquivalentTo("{}"))
	})

	It("becomes a folder", func() {
		root := GinkgoT().TempDir()
		Expect(sample().Folder(root)).To(Succeed())
		Expect(os.ReadFile(filepath.Join(root, "init"))).To(BeEquivalentTo("five!"))
		stat, err := os.Stat(filepath.Join(root, "init"))
		Expect(err).NotTo(HaveOccurred())
		Expect(stat.Mode().Perm()).To(Equal(os.FileMode(0o755)))
		Expect(filepath.Join(root, "tmp")).To(BeADirectory())
	})

	It("is refused when a file of it does not exist, or is none", func() {
		for _, from := range []string{"/nowhere", "/dev/null"} {
			t := &tree.Tree{}
			t.Add("/init", from, 0o755)
			Expect(t.Initramfs(&bytes.Buffer{})).To(MatchError(ContainSubstring(from)))
			Expect(t.Folder(GinkgoT().TempDir())).To(MatchError(ContainSubstring(from)))
		}
	})
})
