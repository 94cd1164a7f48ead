package kernels_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/kernels"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

var _ = Describe("a kernel's name", func() {
	DescribeTable("is one of", func(name string) { Expect(kernels.Check(name)).To(Succeed()) },
		Entry(nil, "debian:6.12-arm64"), Entry(nil, "debian:6.12-cloud-arm64"), Entry(nil, "debian:6.12-16k-arm64"),
		Entry(nil, "debian:6.12"), Entry(nil, "debian:6.12.101-rt"), Entry(nil, "uml"), Entry(nil, "uml:6.12"), Entry(nil, "gvisor"),
		Entry(nil, "host"), Entry(nil, "file:/boot/vmlinuz,modules=/lib/modules/6.1"))

	DescribeTable("tells the architecture of its programs", func(name, architecture string) {
		Expect(kernels.Architecture(name)).To(Equal(architecture))
	},
		Entry(nil, "debian:6.12", "amd64"), Entry(nil, "debian:6.12-cloud", "amd64"), Entry(nil, "debian:6.12-arm64", "arm64"),
		Entry(nil, "debian:6.12.101-1-rt-arm64", "arm64"), Entry(nil, "uml", runtime.GOARCH), Entry(nil, "gvisor", runtime.GOARCH), Entry(nil, "host", runtime.GOARCH),
		Entry("an image that cannot be read", "file:/nowhere/Image", runtime.GOARCH))

	DescribeTable("is refused, with what is valid", func(name, said string) {
		Expect(kernels.Check(name)).To(MatchError(ContainSubstring(said)))
		_, err := kernels.Catalogue{}.Open(context.Background(), name)
		Expect(err).To(MatchError(ContainSubstring(said)))
	},
		Entry("when nobody knows it", "minix:3", "debian:VERSION[-cloud|-rt|-16k][-arm64]"),
		Entry("when it is empty", "", `unknown kernel ""`),
		Entry("when the version is missing", "debian", `kernel "debian" is not whole: debian:VERSION`),
		Entry("when it ends in a colon", "uml:", `kernel "uml:" is not whole: uml[:VERSION|:PROGRAM]`),
		Entry("when more follows than may", "host:6.1", `kernel "host:6.1" is not whole: host: this machine`),
		Entry("when there is no file", "file:", `kernel "file:" is not whole: file:IMAGE`),
	)
})

var _ = Describe("a kernel of the user's own", func() {
	var image string

	BeforeEach(func() {
		image = filepath.Join(GinkgoT().TempDir(), "bzImage")
		Expect(os.WriteFile(image, []byte("a kernel"), 0o600)).To(Succeed())
	})

	open := func(name string) (string, error) {
		k, err := kernels.Catalogue{Deviations: "deviations", CPUs: 1, MemoryMiB: 512}.Open(context.Background(), name)
		if err != nil {
			return "", err
		}
		return k.Machine.(machine.QEMU).Image, nil
	}

	It("is one of arm64 where it says so itself", func() {
		Expect(os.WriteFile(image, []byte(strings.Repeat("\x00", 56)+"ARM\x64"), 0o600)).To(Succeed())
		k, err := kernels.Catalogue{}.Open(context.Background(), "file:"+image)
		Expect(err).NotTo(HaveOccurred())
		Expect(k.Machine).To(HaveField("Architecture", "arm64"))
		Expect(kernels.Architecture("file:" + image + ",modules=" + filepath.Dir(image))).To(Equal("arm64"))
	})

	It("is run as it is, without modules", func() {
		Expect(open("file:" + image)).To(Equal(image))
	})

	It("takes those of its modules that are wanted, what they depend on first", func() {
		folder := filepath.Join(GinkgoT().TempDir(), "7.4.0")
		Expect(os.MkdirAll(filepath.Join(folder, "kernel"), 0o755)).To(Succeed())
		for _, name := range []string{"veth", "failover", "virtio_net", "sound"} {
			Expect(os.WriteFile(filepath.Join(folder, "kernel", name+".ko"), []byte("\x7fELF "+name), 0o600)).To(Succeed())
		}
		Expect(os.WriteFile(filepath.Join(folder, "modules.dep"), []byte("kernel/veth.ko:\nkernel/sound.ko:\nkernel/failover.ko:\nkernel/virtio_net.ko: kernel/failover.ko\n"), 0o600)).To(Succeed())
		k, err := kernels.Catalogue{}.Open(context.Background(), "file:"+image+",modules="+folder)
		Expect(err).NotTo(HaveOccurred())
		var contents []string
		for _, file := range k.Modules {
			contents = append(contents, strings.TrimPrefix(string(file.Bytes), "\x7fELF "))
		}
		Expect(contents).To(ConsistOf("veth", "failover", "virtio_net"))
		Expect(strings.Join(contents, " ")).To(MatchRegexp("failover.* virtio_net"))
	})

	It("is an error when there is no such image, or no such folder of modules", func() {
		_, err := open("file:/nowhere/bzImage")
		Expect(err).To(MatchError(ContainSubstring("stat /nowhere/bzImage: no such file or directory")))
		_, err = open("file:" + filepath.Dir(image))
		Expect(err).To(MatchError(ContainSubstring(filepath.Dir(image))))
		_, err = open("file:" + image + ",modules=" + filepath.Dir(image))
		Expect(err).To(MatchError(ContainSubstring("no modules.dep")))
	})
})

var _ = Describe("a kernel of the distribution", func() {
	It("that is not cached, where there is no network, is an error that says how to get it", func() {
		store, err := debian.Open(GinkgoT().TempDir(), "amd64", "file:/nowhere", "")
		Expect(err).NotTo(HaveOccurred())
		_, err = kernels.Catalogue{Stores: map[string]*debian.Store{"amd64": store}}.Open(context.Background(), "debian:6.1")
		Expect(err).To(MatchError(ContainSubstring("debian:6.1: ")))
	})
})

var _ = Describe("the lists of known deviations", func() {
	It("name requirements that there are, each with a reason", func() {
		spec.SelectAll()
		known := map[string]bool{}
		for _, r := range spec.Requirements() {
			known[r.ID] = true
		}
		Expect(catalogue.Suites).NotTo(BeEmpty())
		files, err := filepath.Glob("../../deviations/*")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		for _, file := range files {
			text, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			for line := range strings.Lines(string(text)) {
				if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
					continue
				}
				id, reason, _ := strings.Cut(line, " ")
				Expect(known).To(HaveKey(id), file)
				Expect(len(strings.Fields(reason))).To(BeNumerically(">", 3), "%s: %s", file, line)
			}
		}
	})
})
