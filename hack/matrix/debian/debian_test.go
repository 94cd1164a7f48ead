package debian_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/debian"
)

var _ = Describe("A kernel", func() {
	var a *archive
	var cache string
	var s *debian.Store

	BeforeEach(func() {
		a = newArchive()
		a.kernel("6.1.0-9-amd64", "6.1.9-1")
		a.kernel("6.12.9+deb13-amd64", "6.12.9-1")
		a.kernel("6.12.10+deb13-amd64", "6.12.10-1")
		a.kernel("6.12.10+deb13-cloud-amd64", "6.12.10-1")
		a.add("linux-image-6.12-amd64", "6.12.99-1", "linux-image-6.12.10+deb13-amd64 (= 6.12.10-1)", nil)
		a.add("linux-image-6.12.11+deb13-amd64-unsigned", "6.12.11-1", "kmod", nil)
		cache = filepath.Join(GinkgoT().TempDir(), "a cache")
		s = open(cache, a.site())
	})

	kernel := func(name string) *debian.Kernel {
		GinkgoHelper()
		version, flavour, _ := debian.Split(name)
		k, err := s.Kernel(deadline(), version, flavour)
		Expect(err).NotTo(HaveOccurred())
		return k
	}
	contents := func(path string) string {
		GinkgoHelper()
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("is the newest of the version that is asked for, in whole numbers", func() {
		k := kernel("debian:6.12")
		Expect(k.Version).To(Equal("6.12.10-1"))
		Expect(k.Release).To(Equal("6.12.10+deb13-amd64"))
		Expect(contents(k.Image)).To(Equal("image 6.12.10-1"))
		Expect(contents(k.Config)).To(Equal("CONFIG_X=y\n"))
		Expect(filepath.Base(k.Modules)).To(Equal(k.Release))
		Expect(filepath.Join(k.Modules, "modules.dep")).To(BeARegularFile())

		Expect(kernel("debian:6.1").Version).To(Equal("6.1.9-1"))
		Expect(kernel("debian:6.12.9").Version).To(Equal("6.12.9-1"))
		Expect(kernel("debian:6.12.9-1").Version).To(Equal("6.12.9-1"))
		Expect(kernel("debian:6.12-cloud").Release).To(Equal("6.12.10+deb13-cloud-amd64"))
	})

	It("of another architecture is got as this machine's is", func() {
		a = newArchive()
		a.architecture = "arm64"
		a.kernel("6.12.9+deb13-arm64", "6.12.9-1")
		a.kernel("6.12.9+deb13-rt-arm64", "6.12.9-1")
		a.kernel("6.12.9+deb13-arm64-16k", "6.12.9-1")
		cache = filepath.Join(GinkgoT().TempDir(), "arm64")
		var err error
		s, err = debian.Open(cache, "arm64", a.site(), "")
		Expect(err).NotTo(HaveOccurred())
		k := kernel("debian:6.12-arm64")
		Expect(k.Name).To(Equal("debian:6.12.9-1-arm64"))
		Expect(k.Release).To(Equal("6.12.9+deb13-arm64"))
		Expect(contents(k.Image)).To(Equal("image 6.12.9-1"))
		Expect(filepath.Join(cache, "debs", "linux-image-6.12.9+deb13-arm64_6.12.9-1_arm64.deb")).To(BeARegularFile())
		all, err := s.Kernels(deadline())
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveExactElements(
			And(HaveField("Name", "debian:6.12-arm64"), HaveField("Cached", true)),
			And(HaveField("Name", "debian:6.12-rt-arm64"), HaveField("Cached", false)),
			And(HaveField("Name", "debian:6.12-16k-arm64"), HaveField("Package", "linux-image-6.12.9+deb13-arm64-16k"))))
		Expect(kernel("debian:6.12-16k-arm64").Release).To(Equal("6.12.9+deb13-arm64-16k"))
		_, err = s.Kernel(deadline(), "6.12", "cloud")
		Expect(err).To(MatchError(ContainSubstring(`debian:6.12-cloud-arm64: there is no kernel of this flavour, "cloud"`)))
		a.close()
		s, err = debian.Open(cache, "arm64", "", "")
		Expect(err).NotTo(HaveOccurred())
		Expect(kernel("debian:6.12-arm64")).To(Equal(k))
	})

	It("is listed by the shortest name that it is got by", func() {
		Expect(s.Kernels(deadline())).To(BeEmpty())
		kernel("debian:6.1")
		all, err := s.Kernels(deadline())
		Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, k := range all {
			names = append(names, k.Name)
			Expect(k.Cached).To(Equal(k.Name == "debian:6.1"), k.Name)
			Expect(kernel(k.Name).Version).To(Equal(k.Version))
		}
		Expect(names).To(Equal([]string{"debian:6.12", "debian:6.12-cloud", "debian:6.12.9", "debian:6.1"}))
	})

	It("of an unknown version is refused, and the nearest are named", func() {
		_, err := s.Kernel(deadline(), "6.12.8", "")
		Expect(err).To(MatchError(And(ContainSubstring("debian:6.12.8"), ContainSubstring("6.12.10-1, 6.12.9-1"), Not(ContainSubstring("6.1.9")))))
		_, err = s.Kernel(deadline(), "4.19", "")
		Expect(err).To(MatchError(ContainSubstring("there are 6.12, 6.1")))
		_, err = s.Kernel(deadline(), "6.12", "big")
		Expect(err).To(MatchError(ContainSubstring("must be empty, cloud, rt or 16k")))
	})

	It("is put together of the packages that it depends on, as far as they are still there", func() {
		parts := func(release, version string, modules bool) {
			depends := "linux-binary-" + release + " (= " + version + "), linux-modules-" + release + " (= " + version + "), linux-base-" + release + " (= " + version + ")"
			lib := "usr/lib/modules/" + release + "/"
			a.add("linux-image-"+release, version, depends, nil)
			a.add("linux-binary-"+release, version, "", map[string]string{lib + "vmlinuz": version})
			if modules {
				a.add("linux-modules-"+release, version, "", map[string]string{lib + "kernel/README": ""})
				a.add("linux-base-"+release, version, "", map[string]string{lib + "config": "", lib + "modules.builtin": "", lib + "modules.order": ""})
			}
		}
		parts("7.2.1+deb13-amd64", "7.2.1-1", true)
		parts("7.2.2+deb13-amd64", "7.2.2-1", false)
		k := kernel("debian:7.2")
		Expect(k.Version).To(Equal("7.2.1-1"))
		Expect(contents(k.Image)).To(Equal("7.2.1-1"))
		Expect(filepath.Join(k.Modules, "modules.dep")).To(BeARegularFile())
		Expect(k.Config).To(BeARegularFile())

		k = kernel("debian:7.2.2")
		Expect(contents(k.Image)).To(Equal("7.2.2-1"))
		Expect(k.Modules).To(BeEmpty())
		Expect(k.Lacks).To(Equal([]string{"linux-modules-7.2.2+deb13-amd64", "linux-base-7.2.2+deb13-amd64"}))
	})

	It("is there without archive, lists and apt once it is cached", func() {
		first := kernel("debian:6.12")
		a.close()
		Expect(os.RemoveAll(filepath.Join(cache, "apt"))).To(Succeed())
		GinkgoT().Setenv("PATH", GinkgoT().TempDir())
		s = open(cache, "")
		Expect(kernel("debian:6.12")).To(Equal(first))
		Expect(s.Kernels(deadline())).To(HaveLen(1))
		_, err := s.Kernel(deadline(), "6.1", "")
		Expect(err).To(MatchError(And(ContainSubstring("debian:6.1"), ContainSubstring("not in the cache"), ContainSubstring("package apt"))))
	})

	It("is found in new lists where the archive has it no longer", func() {
		kernel("debian:6.1")
		a.remove("linux-image-6.12.10+deb13-amd64")
		Expect(kernel("debian:6.12").Version).To(Equal("6.12.9-1"))
	})

	It("is made anew of the cached package where a file of it is cut or altered", func() {
		k := kernel("debian:6.12")
		a.close()
		for _, damage := range []func() error{
			func() error { return os.Truncate(k.Image, 1) },
			func() error { return os.WriteFile(k.Image, []byte("image 6.12.10-2"), 0o644) },
			func() error { return os.Remove(k.Config) },
			func() error { return os.RemoveAll(k.Modules) },
			func() error { return os.Truncate(filepath.Join(k.Image, "../../../manifest.json"), 10) },
		} {
			Expect(damage()).To(Succeed())
			Expect(kernel("debian:6.12")).To(Equal(k))
			Expect(contents(k.Image)).To(Equal("image 6.12.10-1"))
			Expect(k.Config).To(BeARegularFile())
			Expect(filepath.Join(k.Modules, "modules.dep")).To(BeARegularFile())
		}
	})

	Describe("whose package is damaged", func() {
		var k *debian.Kernel
		var deb string
		BeforeEach(func() {
			k = kernel("debian:6.12")
			deb = filepath.Join(cache, "debs", "linux-image-6.12.10+deb13-amd64_6.12.10-1_amd64.deb")
			Expect(os.Truncate(deb, 100)).To(Succeed())
			Expect(os.Truncate(k.Image, 1)).To(Succeed())
		})

		It("is fetched anew", func() {
			Expect(kernel("debian:6.12")).To(Equal(k))
			Expect(contents(k.Image)).To(Equal("image 6.12.10-1"))
		})

		It("is refused where it cannot be fetched", func() {
			a.close()
			_, err := s.Kernel(deadline(), "6.12", "")
			Expect(err).To(MatchError(And(ContainSubstring("debian:6.12"), ContainSubstring("linux-image-6.12.10+deb13-amd64"))))
		})
	})

	It("is not had of a package that is another than the lists say", func() {
		Expect(s.Refresh(deadline())).To(BeAssignableToTypeOf(&debian.Incomplete{}))
		deb := filepath.Join(a.folder, "pool", "linux-image-6.12.10+deb13-amd64_6.12.10-1_amd64.deb")
		other := filepath.Join(a.folder, "pool", "linux-image-6.12.9+deb13-amd64_6.12.9-1_amd64.deb")
		Expect(os.Rename(other, deb)).To(Succeed())
		_, err := s.Kernel(deadline(), "6.12", "")
		Expect(err).To(MatchError(ContainSubstring("Hash Sum mismatch")))
		Expect(os.ReadDir(filepath.Join(cache, "trees"))).To(BeEmpty())
	})

	It("is absent where it could not be finished", func() {
		Expect(s.Refresh(deadline())).To(BeAssignableToTypeOf(&debian.Incomplete{}))
		tools := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(tools, "depmod"), []byte("#!/bin/sh\necho No space left on device >&2\nexit 1\n"), 0o755)).To(Succeed())
		path := os.Getenv("PATH")
		GinkgoT().Setenv("PATH", tools+":"+path)
		_, err := s.Kernel(deadline(), "6.12", "")
		Expect(err).To(MatchError(And(ContainSubstring("depmod"), ContainSubstring(cache+" is full"))))
		Expect(os.ReadDir(filepath.Join(cache, "trees"))).To(BeEmpty())
		GinkgoT().Setenv("PATH", path)
		kernel("debian:6.12")
	})

	It("is not waited for longer than the caller wants, with another process at it", func() {
		if _, err := exec.LookPath("flock"); err != nil {
			Skip("not-checked: " + err.Error())
		}
		holder := exec.Command("flock", filepath.Join(cache, "lock"), "sh", "-c", "echo held; read _")
		input, err := holder.StdinPipe()
		Expect(err).NotTo(HaveOccurred())
		output, err := holder.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(holder.Start()).To(Succeed())
		DeferCleanup(func() { input.Close(); holder.Wait() })
		_, err = output.Read(make([]byte, 5))
		Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		Expect(s.Refresh(ctx)).To(MatchError(ContainSubstring("somebody else has the lock")))
	})
})

var _ = Describe("The lists", func() {
	It("are used as far as they could be had, and the rest is named", func() {
		a := newArchive()
		a.kernel("6.1.0-9-amd64", "6.1.9-1")
		s := open(GinkgoT().TempDir(), a.site())
		err := s.Refresh(deadline())
		var incomplete *debian.Incomplete
		Expect(err).To(BeAssignableToTypeOf(incomplete))
		Expect(err.(*debian.Incomplete).Suites).To(And(ContainElements("sid", "trixie-security"), Not(ContainElement("bookworm"))))
		Expect(s.Kernels(deadline())).To(HaveLen(1))
	})

	It("that nobody has signed are not taken", func() {
		a := newArchive()
		a.kernel("6.1.0-9-amd64", "6.1.9-1")
		DeferCleanup(debian.Distrust())
		s := open(GinkgoT().TempDir(), a.site())
		Expect(s.Refresh(deadline())).To(MatchError(Or(ContainSubstring("no lists of packages could be had"), ContainSubstring("package debian-archive-keyring"))))
		Expect(s.Kernels(deadline())).To(BeEmpty())
	})
})

var _ = Describe("A program", func() {
	It("is the newest whose libc this machine has", func() {
		a := newArchive()
		a.add("runsc", "1.0-1", "libc6 (>= 2.2)", map[string]string{"usr/bin/runsc": "one"})
		a.add("runsc", "1.2-1", "libc6 (>= 2.3)", map[string]string{"usr/bin/runsc": "two", "usr/lib/more": ""})
		a.add("runsc", "1.10-1", "libc6 (>= 99.1)", map[string]string{"usr/bin/runsc": "ten"})
		s := open(GinkgoT().TempDir(), a.site())
		p, err := s.Program(deadline(), "runsc", "", "usr/bin/runsc")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Version).To(Equal("1.2-1"))
		Expect(os.ReadFile(p.Path)).To(BeEquivalentTo("two"))
		Expect(filepath.Join(p.Root, "usr/lib/more")).To(BeARegularFile())

		p, err = s.Program(deadline(), "runsc", "1.0", "usr/bin/runsc")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Version).To(Equal("1.0-1"))

		a.addUnreleased("runsc", "1.3-1", map[string]string{"usr/bin/runsc": "three"})
		s = open(GinkgoT().TempDir(), a.site())
		p, err = s.Program(deadline(), "runsc", "1.3", "usr/bin/runsc")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Version).To(Equal("1.3-1"), "asked for by its version")
		p, err = s.Program(deadline(), "runsc", "", "usr/bin/runsc")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Version).To(Equal("1.2-1"), "one of a release, though a newer one is cached")

		_, err = s.Program(deadline(), "runsc", "1.10", "usr/bin/runsc")
		Expect(err).To(MatchError(And(ContainSubstring("for libc6 99.1; this machine has"), ContainSubstring("1.2-1"))))
		_, err = s.Program(deadline(), "runsc", "1.2", "usr/bin/other")
		Expect(err).NotTo(HaveOccurred())
		_, err = s.Program(deadline(), "bash", "", "bin/bash")
		Expect(err).To(MatchError(ContainSubstring("user-mode-linux, runsc")))
	})
})

var _ = Describe("A kernel's source", func() {
	It("is the newest of its branch that was released, as a tarball", func() {
		a := newArchive()
		for _, version := range []string{"6.12.9-1", "6.12.10-1"} {
			a.add("linux-source-6.12", version, "xz-utils", map[string]string{"usr/src/linux-source-6.12.tar.xz": version})
		}
		a.add("linux-source-6.1", "6.1.99-1", "xz-utils", map[string]string{"usr/src/linux-source-6.1.tar.xz": "6.1"})
		a.addUnreleased("linux-source-6.12", "6.12.11-1", map[string]string{"usr/src/linux-source-6.12.tar.xz": "6.12.11"})
		s := open(GinkgoT().TempDir(), a.site())
		p, err := s.Source(deadline(), "6.12")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Version).To(Equal("6.12.10-1"))
		Expect(os.ReadFile(p.Path)).To(BeEquivalentTo("6.12.10-1"))

		_, err = s.Source(deadline(), "6.13")
		Expect(err).To(MatchError(ContainSubstring("linux-source-6.13: ")))
		_, err = s.Source(deadline(), "six")
		Expect(err).To(MatchError(ContainSubstring(`branch "six": must be a kernel's first two numbers, such as 6.12`)))
	})
})
