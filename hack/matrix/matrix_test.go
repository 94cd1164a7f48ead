package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

var _ = Describe("matrix", func() {
	DescribeTable("is told what is valid, and exits with 2, when", func(said string, arguments ...string) {
		session := newPlace().run(arguments...)
		Expect(session).To(gexec.Exit(2))
		Expect(string(session.Err.Contents())).To(ContainSubstring(said))
	},
		Entry("there is no command", "no command; there are\n  matrix list"),
		Entry("the command is unknown", `unknown command "boot"; there are`, "boot"),
		Entry("no kernel is named", "no kernel is named; a kernel is one of\n  debian:VERSION", "run"),
		Entry("a kernel is unknown", `unknown kernel "minix"; a kernel is one of`, "run", "host", "minix"),
		Entry("a kernel is named twice", "kernel host is named twice", "run", "host", "host"),
		Entry("labels are unknown", `-labels: --label-filter names "nix", which is no spec's label`, "run", "-labels=nix", "host"),
		Entry("a version is none", `-owes: "soon": a kernel version is two or three numbers`, "run", "-owes=soon", "host"),
		Entry("nothing may run", "-guests and -patience must be positive", "run", "-guests=0", "host"),
		Entry("a flag is unknown", "flag provided but not defined: -fast", "run", "-fast", "host"),
		Entry("an architecture is unknown", "-architecture=mips: must be amd64 or arm64", "list", "-architecture=mips"),
		Entry("one kernel is compared", "two kernels of a matrix, or the files of two reports, are needed; 1 are named", "diff", "host"),
		Entry("there is no matrix to compare in", "make matrix makes it", "diff", "-in=/nowhere/matrix.json", "host", "uml"),
	)

	It("runs a part of the suites on this machine, and writes what it prints", func() {
		p := newPlace()
		session := p.run("run", "-reports="+p.reports, "-labels=SENDFILE-OFFSET", "host")
		Expect(session).To(gexec.Exit(0))
		Expect(session.Out).To(gbytes.Say("== Green: 1 kernel, 1 requirement"))
		Expect(session.Err.Contents()).To(BeEmpty(), "how far it is was told where nobody watches")
		matrix, err := table.Read(filepath.Join(p.reports, "matrix.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(matrix.Columns).To(HaveLen(1))
		Expect(matrix.Columns[0].Report.Summary).To(HaveKeyWithValue(report.Pass, 1))
		Expect(os.ReadFile(filepath.Join(p.reports, "matrix.md"))).To(ContainSubstring("host"))
		Expect(filepath.Join(p.reports, "matrix/host/contract.txt")).To(BeARegularFile())
		Expect(os.ReadDir(p.temp)).To(BeEmpty())

		one := filepath.Join(p.reports, "matrix/host/report.json")
		Expect(p.run("diff", "-in="+filepath.Join(p.reports, "matrix.json"), "host", one)).To(gexec.Exit(0))
		Expect(p.run("diff", "-in="+filepath.Join(p.reports, "matrix.json"), "host", "uml")).To(gexec.Exit(2))
	})

	It("is red, and goes on with the others, when a kernel cannot be had", func() {
		p := newPlace()
		session := p.run("run", "-mirror=file:/nowhere", "-reports="+p.reports, "-labels=SENDFILE-OFFSET", "debian:6.1", "host")
		Expect(session).To(gexec.Exit(1))
		Expect(string(session.Out.Contents())).To(And(ContainSubstring("debian:6.1 is broken"), ContainSubstring("== Red, for 1 reason")))
		matrix, err := table.Read(filepath.Join(p.reports, "matrix.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(matrix.Columns).To(ConsistOf(
			And(HaveField("Kernel", "debian:6.1"), HaveField("Report", BeNil()), HaveField("Broken", ContainSubstring("it is not in the cache"))),
			And(HaveField("Kernel", "host"), HaveField("Broken", BeEmpty()))))
	})

	It("ends its guests and leaves nothing behind when it is interrupted", func() {
		linux, err := exec.LookPath("linux.uml")
		if err != nil {
			Skip("not-checked: there is no linux.uml here (apt-get install user-mode-linux)")
		}
		if err := (machine.UML{Program: linux}).Fits(); err != nil {
			Skip("not-checked: " + err.Error())
		}
		p := newPlace()
		session := p.start("run", "-reports="+p.reports, "-labels=cold", "uml:"+linux)
		Eventually(func() []string { return guests(p.temp) }).WithTimeout(patience).ShouldNot(BeEmpty())
		session.Interrupt()
		Eventually(session).WithTimeout(patience).Should(gexec.Exit(1))
		Eventually(func() []string { return guests(p.temp) }).WithTimeout(patience).Should(BeEmpty())
		Expect(os.ReadDir(p.temp)).To(BeEmpty())
		Expect(p.reports).NotTo(BeADirectory(), "a matrix that was given up is none")
	})
})

// guests are the processes whose command lines name a folder.
func guests(folder string) (all []string) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		if line, _ := os.ReadFile(file); strings.Contains(string(line), "initrd="+folder) {
			all = append(all, file)
		}
	}
	return all
}
