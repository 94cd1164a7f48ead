package machine_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/machine"
)

var _ = Describe("the architecture of a kernel's image", func() {
	// efi is the header of a program for EFI, as which newer kernels can be started.
	efi := func(processor uint16) []byte {
		header := make([]byte, 200)
		copy(header, "MZ")
		binary.LittleEndian.PutUint32(header[0x3c:], 128)
		copy(header[128:], "PE\x00\x00")
		binary.LittleEndian.PutUint16(header[132:], processor)
		return header
	}
	image := append(make([]byte, 56), "ARM\x64"...)
	packed := func(contents []byte) []byte {
		var all bytes.Buffer
		w := gzip.NewWriter(&all)
		_, err := w.Write(contents)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Close()).To(Succeed())
		return all.Bytes()
	}

	DescribeTable("is told by its header", func(contents func() []byte, architecture string) {
		path := filepath.Join(GinkgoT().TempDir(), "vmlinuz")
		Expect(os.WriteFile(path, contents(), 0o600)).To(Succeed())
		Expect(machine.ArchitectureOf(path)).To(Equal(architecture))
	},
		Entry("an Image of arm64", func() []byte { return image }, "arm64"),
		Entry("one that gzip has packed", func() []byte { return packed(image) }, "arm64"),
		Entry("one that unpacks itself, for EFI", func() []byte { return efi(0xaa64) }, "arm64"),
		Entry("a bzImage that is for EFI, too", func() []byte { return efi(0x8664) }, "amd64"),
		Entry("what has no such header", func() []byte { return []byte("MZ") }, "amd64"),
		Entry("a header that lies elsewhere", func() []byte { return efi(0xaa64)[:130] }, "amd64"),
		Entry("nothing", func() []byte { return nil }, "amd64"),
	)

	It("is not told by what cannot be read", func() {
		_, err := machine.ArchitectureOf("/nowhere/Image")
		Expect(err).To(MatchError(os.ErrNotExist))
		path := filepath.Join(GinkgoT().TempDir(), "cut.gz")
		Expect(os.WriteFile(path, []byte("\x1f\x8b\x08"), 0o600)).To(Succeed())
		_, err = machine.ArchitectureOf(path)
		Expect(err).To(MatchError(ContainSubstring(path)))
	})

	It("must be one that there is an emulator for", func() {
		err := machine.QEMU{Architecture: "riscv64"}.Run(context.Background(), machine.Boot{Folder: GinkgoT().TempDir()}, GinkgoWriter, GinkgoWriter)
		Expect(err).To(MatchError(`no emulator is known for "riscv64"`))
	})
})
