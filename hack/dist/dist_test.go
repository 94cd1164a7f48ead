package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
)

func TestDist(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/dist")
}

// built is the program, as make dist builds it.
var built string

func build(to string) {
	GinkgoHelper()
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", to, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(said))
}

// ran runs a command, and says its exit code and all that it has said.
func ran(command *exec.Cmd) (int, string) {
	GinkgoHelper()
	said, err := command.CombinedOutput()
	if command.ProcessState == nil {
		Expect(err).NotTo(HaveOccurred())
	}
	return command.ProcessState.ExitCode(), string(said)
}

var _ = Describe("The program to carry", Ordered, func() {
	BeforeAll(func() {
		built = filepath.Join(GinkgoT().TempDir(), "zerocopy-conformance")
		build(built)
	})

	carried := func(environment []string, arguments ...string) (int, string) {
		GinkgoHelper()
		command := exec.Command(built, arguments...)
		command.Dir = GinkgoT().TempDir()
		command.Env = append(append(os.Environ(), "TMPDIR="+GinkgoT().TempDir()), environment...)
		return ran(command)
	}

	It("runs what is selected, writes the reports, and leaves nothing else", func() {
		reports := filepath.Join(GinkgoT().TempDir(), "new")
		temp := GinkgoT().TempDir()
		command := exec.Command(built, "-filter=INTEGRITY-RANGE && pipe && sendfile || SPLICE-EINTR", "-reports="+reports)
		command.Dir, command.Env = GinkgoT().TempDir(), append(os.Environ(), "TMPDIR="+temp)
		code, said := ran(command)
		Expect(code).To(Equal(judge.Conformant), said)
		r, err := report.Read(filepath.Join(reports, "report.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Requirements).NotTo(BeEmpty())
		Expect(r.Requirements[0].Reproduce).To(ContainSubstring("zerocopy-conformance -filter=INTEGRITY-RANGE integrity"))
		Expect(filepath.Join(reports, "report.html")).To(BeAnExistingFile())
		Expect(os.ReadDir(temp)).To(BeEmpty())
		Expect(os.ReadDir(command.Dir)).To(BeEmpty())
	})

	It("leaves with what it has found", func() {
		code, said := carried([]string{"ZC_PROGRAM=copies=0 dd if={file} bs=64k status=none", "ZC_SINKS=pipe"}, "-filter=EXTERNAL-CLAIM", "external")
		Expect(code).To(Equal(judge.Deviates), said)
		code, said = carried([]string{"ZC_SINKS=udp"}, "external")
		Expect(code).To(Equal(judge.Unchecked), said)
	})

	DescribeTable("says what it was asked for that does not exist:", func(says string, environment []string, arguments ...string) {
		code, said := carried(environment, arguments...)
		Expect(code).To(Equal(misused), said)
		Expect(said).To(ContainSubstring(says))
	},
		Entry("a suite", `there is no suite "speed"; there are: integrity, `, nil, "speed"),
		Entry("a flag", "flag provided but not defined: -fast", nil, "-fast"),
		Entry("a label", `--label-filter names "nonsense"`, nil, "-filter=nonsense"),
		Entry("a method", `ZC_METHODS names "teleport"`, []string{"ZC_METHODS=teleport"}, "cost"),
		Entry("nothing", "selects no spec of cost", nil, "-filter=SPLICE-EINTR", "cost"),
		Entry("an earlier report", "no such file or directory", nil, "-baseline=/no/such", "-filter=INTEGRITY-RANGE && pipe && sendfile", "integrity"),
	)

	It("says which kit it is, and is alike whoever builds it", func() {
		code, said := carried(nil, "-version")
		Expect(code).To(BeZero())
		Expect(said).To(MatchRegexp(`requirements: \d+, set [0-9a-f]{12}\nsha256: [0-9a-f]{64}\n`))
		again := filepath.Join(GinkgoT().TempDir(), "again")
		build(again)
		_, other := ran(exec.Command(again, "-version"))
		Expect(other).To(Equal(said))
		code, said = carried(nil, "-list")
		Expect(code).To(BeZero())
		Expect(said).To(ContainSubstring("SPLICE-EINTR: "))
	})

	It("runs where there is nothing else", func() {
		if os.Getuid() != 0 {
			Skip("not-checked: a root of its own takes root")
		}
		root := GinkgoT().TempDir()
		for _, name := range []string{"tmp", "dev", "proc"} {
			Expect(os.Mkdir(filepath.Join(root, name), 0o777)).To(Succeed())
		}
		for name, device := range map[string]int{"null": int(unix.Mkdev(1, 3)), "zero": int(unix.Mkdev(1, 5))} {
			if err := unix.Mknod(filepath.Join(root, "dev", name), unix.S_IFCHR|0o666, device); err != nil {
				Skip("not-checked: mknod: " + err.Error())
			}
		}
		program, err := os.ReadFile(built)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(root, "zerocopy-conformance"), program, 0o555)).To(Succeed())
		command := exec.Command("/zerocopy-conformance", "-filter=INTEGRITY-RANGE && pipe || SPLICE-EINTR")
		command.Env, command.Dir = []string{}, "/"
		// There is no /proc either: what needs it says so.
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
		code, said := ran(command)
		Expect(said).NotTo(ContainSubstring("kit-error:"))
		Expect(code).To(Equal(judge.Conformant), said)
		Expect(os.ReadDir(filepath.Join(root, "tmp"))).To(BeEmpty())
	})

	It("compiles for the architectures that there are", func() {
		for _, each := range []string{"arm64", "riscv64"} {
			command := exec.Command("go", "vet", ".")
			command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+each)
			code, said := ran(command)
			Expect(code).To(BeZero(), fmt.Sprintf("%s: %s", each, said))
		}
	})

	It("that is interrupted says so", func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := runSuites(ctx, []string{"integrity"}, "")
		Expect(err).To(MatchError(ContainSubstring("it was interrupted")))
	})
})
