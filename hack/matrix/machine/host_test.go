package machine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/program"
)

// boot is one whose init is a shell script.
func boot(script string) machine.Boot {
	b := machine.Boot{Folder: GinkgoT().TempDir(), CPUs: 1, MemoryMiB: 64}
	b.Root.AddBytes("/init", []byte("#!/bin/sh\n"+script), 0o755)
	return b
}

// ours are the processes that have the running spec's folder in their command lines or working directories.
func ours(folder string) (all []string) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		line, _ := os.ReadFile(file)
		here, _ := os.Readlink(filepath.Dir(file) + "/cwd")
		if strings.Contains(string(line), folder) || strings.HasPrefix(here, folder) {
			all = append(all, file+" "+string(line))
		}
	}
	return all
}

var _ = Describe("the host as a machine", func() {
	It("has the words of its init apart from what that prints", func() {
		var words, console bytes.Buffer
		Expect(machine.Host{}.Run(context.Background(), boot("echo printed; echo as an error >&2; printf said >&3"), &words, &console)).To(Succeed())
		Expect(words.String()).To(Equal("said"))
		Expect(console.String()).To(ContainSubstring("printed\n"))
		Expect(console.String()).To(ContainSubstring("as an error\n"))
	})

	It("gives init its job, with the programs where they are", func() {
		var words, console bytes.Buffer
		b := boot(`cat "$1" >&3`)
		b.Job.Suites = []job.Suite{{Name: "cost", Program: "/suites/cost"}}
		Expect(machine.Host{}.Run(context.Background(), b, &words, &console)).To(Succeed())
		Expect(words.String()).To(ContainSubstring(filepath.Join(b.Folder, "root/suites/cost")))
		Expect(b.Job.Suites[0].Program).To(Equal("/suites/cost"))
	})

	It("says how init ended", func() {
		var words, console bytes.Buffer
		Expect(machine.Host{}.Run(context.Background(), boot("exit 3"), &words, &console)).To(MatchError("init: exit status 3"))
	})

	It("ends init, and whatever that has started, when it is told to", func() {
		ctx, cancel := context.WithCancel(context.Background())
		words := gbytes.NewBuffer()
		b := boot(`cd "${0%/*}"; sleep 1000 & printf up >&3; sleep 1000`)
		ended := make(chan error)
		go func() { ended <- machine.Host{}.Run(ctx, b, words, GinkgoWriter) }()
		Eventually(words).WithTimeout(20 * time.Second).Should(gbytes.Say("up"))
		Expect(ours(b.Folder)).NotTo(BeEmpty())
		cancel()
		Eventually(ended).WithTimeout(20 * time.Second).Should(Receive(MatchError(context.Canceled)))
		Eventually(func() []string { return ours(b.Folder) }).WithTimeout(20 * time.Second).Should(BeEmpty())
	})

	It("ends what init has left, which would keep its words open", func() {
		var words, console bytes.Buffer
		b := boot(`cd "${0%/*}"; sleep 1000 & printf up >&3`)
		Expect(machine.Host{}.Run(context.Background(), b, &words, &console)).To(Succeed())
		Expect(words.String()).To(Equal("up"))
		Eventually(func() []string { return ours(b.Folder) }).WithTimeout(20 * time.Second).Should(BeEmpty())
	})
})

var _ = Describe("a scratch disk", func() {
	It("is made by a program that is found also where administrators have theirs", func() {
		if _, err := program.Find("mkfs.ext4", "e2fsprogs"); err != nil {
			Skip("not-checked: " + err.Error())
		}
		GinkgoT().Setenv("PATH", "/usr/bin:/bin")
		image, err := machine.Disk{Filesystem: "ext4", Folder: "/var/tmp"}.Make(context.Background(), GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		file, err := os.Open(image)
		Expect(err).NotTo(HaveOccurred())
		defer file.Close()
		magic := make([]byte, 2)
		_, err = file.ReadAt(magic, 1024+56) // the superblock's s_magic
		Expect(err).NotTo(HaveOccurred())
		Expect(magic).To(Equal([]byte{0x53, 0xef}))
		var s unix.Stat_t
		Expect(unix.Stat(image, &s)).To(Succeed())
		Expect(s.Blocks*512).To(BeNumerically("<", s.Size/2), "it is not sparse")
	})

	It("of a filesystem that nobody knows is an error", func() {
		_, err := machine.Disk{Filesystem: "minix"}.Make(context.Background(), GinkgoT().TempDir())
		Expect(err).To(MatchError(ContainSubstring("minix")))
	})
})
