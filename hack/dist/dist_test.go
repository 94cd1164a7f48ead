package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
	"zerocopy-conformance/hack/sonobuoy"
)

func TestDist(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/dist")
}

// patience is how long a run of a few specs may take on a machine that is busy.
const patience = 2 * time.Minute

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

	It("has the report as the last line of a log, and stays where it is told to", func() {
		temp := GinkgoT().TempDir()
		ended := func() int {
			command := exec.Command(built, "-ended")
			command.Env = append(os.Environ(), "TMPDIR="+temp)
			code, _ := ran(command)
			return code
		}
		// Of one that was killed.
		Expect(os.WriteFile(filepath.Join(temp, "zerocopy-conformance.ended"), nil, 0o600)).To(Succeed())
		Expect(ended()).To(BeZero())
		command := exec.Command(built, "-filter=SPLICE-EINTR", "-json", "-stay", "contract")
		command.Env = append(os.Environ(), "TMPDIR="+temp)
		session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		Eventually(session).WithTimeout(patience).Should(gbytes.Say("Running Suite"))
		Expect(ended()).To(Equal(1))
		Eventually(session).WithTimeout(patience).Should(gbytes.Say(`"summary":.*\n`))
		Eventually(ended).WithTimeout(patience).Should(BeZero())
		Expect(session).NotTo(gexec.Exit())
		Expect(session.Terminate().Wait(patience)).To(gexec.Exit(judge.Conformant))
		Expect(ended()).To(Equal(1))
		Expect(os.ReadDir(temp)).To(BeEmpty())
		lines := bytes.Split(bytes.TrimSpace(session.Out.Contents()), []byte("\n"))
		r, err := report.Parse("the last line", lines[len(lines)-1])
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Requirements).To(HaveLen(1))
	})

	DescribeTable("says what it was asked for that does not exist:", func(says string, environment []string, arguments ...string) {
		code, said := carried(environment, arguments...)
		Expect(code).To(Equal(misused), said)
		Expect(said).To(ContainSubstring(says))
	},
		Entry("a suite", `there is no suite "speed"; there are: integrity, `, nil, "speed"),
		Entry("a plugin whose log ends otherwise", "-sonobuoy goes without -json and -stay", nil, "-sonobuoy", "-json"),
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

	Describe("as a plugin of Sonobuoy's", func() {
		var results, temp string
		BeforeEach(func() { results, temp = GinkgoT().TempDir(), GinkgoT().TempDir() })

		node := func(arguments ...string) *gexec.Session {
			GinkgoHelper()
			command := exec.Command(built, append([]string{"-sonobuoy"}, arguments...)...)
			command.Env = append(os.Environ(), "TMPDIR="+temp, sonobuoy.ResultsVariable+"="+results, sonobuoy.ProgressVariable+"=")
			session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(func() { session.Kill().Wait(patience) })
			return session
		}
		// said is what the worker finds, as Sonobuoy's archive would have it.
		said := func() report.Column {
			GinkgoHelper()
			path, err := os.ReadFile(filepath.Join(results, "done"))
			Expect(err).NotTo(HaveOccurred())
			Expect(exec.Command("tar", "-C", results, "-xzf", string(path)).Run()).To(Succeed())
			whole := filepath.Join(GinkgoT().TempDir(), "whole.tar.gz")
			Expect(exec.Command("tar", "-C", results, "--transform", "s,^,plugins/"+sonobuoy.Plugin+"/results/here/,", "--exclude=*.gz", "--exclude=done", "-czf", whole, "sonobuoy_results.yaml").Run()).To(Succeed())
			columns, err := sonobuoy.Read(whole)
			Expect(err).NotTo(HaveOccurred())
			return columns[0]
		}
		done := func() string { return filepath.Join(results, "done") }

		It("hands over its results, stays, and does not run again when it is started again", func() {
			session := node("-filter=SPLICE-EINTR", "contract")
			Eventually(done).WithTimeout(patience).Should(BeAnExistingFile())
			Expect(session).NotTo(gexec.Exit())
			Expect(session.Terminate().Wait(patience)).To(gexec.Exit(judge.Conformant))
			Expect(said().Broken).To(BeEmpty())
			for _, name := range []string{"report.json", "junit.xml", "report.html"} {
				Expect(filepath.Join(results, name)).To(BeAnExistingFile())
			}
			again := node("-filter=SPLICE-EINTR", "contract")
			Consistently(again.Out).WithTimeout(time.Second).ShouldNot(gbytes.Say("Running Suite"))
			Expect(again.Terminate().Wait(patience)).To(gexec.Exit(0))
		})

		It("hands over that it broke, or was asked for something that there is not", func() {
			temp = "/no/such"
			session := node()
			Eventually(done).WithTimeout(patience).Should(BeAnExistingFile())
			Expect(session.Terminate().Wait(patience)).To(gexec.Exit(judge.Broke))
			Expect(said().Broken).To(ContainSubstring("set TMPDIR to a folder that can be written"))

			Expect(os.Remove(done())).To(Succeed())
			temp = GinkgoT().TempDir()
			session = node("-filter=nonsense", "contract")
			Eventually(done).WithTimeout(patience).Should(BeAnExistingFile())
			Expect(session.Terminate().Wait(patience)).To(gexec.Exit(misused))
			Expect(said().Broken).To(ContainSubstring(`--label-filter names "nonsense"`))
		})

		It("hands over that it was ended in the middle", func() {
			session := node("integrity")
			Eventually(session).WithTimeout(patience).Should(gbytes.Say("Running Suite"))
			Expect(session.Terminate().Wait(patience)).To(gexec.Exit(judge.Broke))
			Expect(said().Broken).To(Equal("it was interrupted"))
			Expect(os.ReadDir(temp)).To(BeEmpty())
		})

		It("is not one where Sonobuoy has not started it", func() {
			code, said := carried([]string{sonobuoy.ResultsVariable + "="}, "-sonobuoy")
			Expect(code).To(Equal(misused))
			Expect(said).To(ContainSubstring("SONOBUOY_RESULTS_DIR is not set"))
		})
	})

	It("tells how far it is: each spec, and which suite runs", func() {
		var all []far
		GinkgoT().Setenv("ZC_PATIENCE", "1m")
		own = func() string { return built }
		DeferCleanup(func() { own = ownPath })
		_, err := runSuites(context.Background(), []string{"contract", "copies"}, "SPLICE-EINTR || COPIES-SHARED-PIPE", io.Discard, func(f far) { all = append(all, f) })
		Expect(err).NotTo(HaveOccurred())
		Expect(all[0]).To(Equal(far{Suite: "contract", Total: all[0].Total}))
		last := all[len(all)-1]
		Expect(last).To(Equal(far{Suite: "copies", Done: last.Total, Total: last.Total}))
		Expect(all).To(HaveLen(last.Total + 2))
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
		_, err := runSuites(ctx, []string{"integrity"}, "", io.Discard, func(far) {})
		Expect(err).To(MatchError(ContainSubstring("it was interrupted")))
	})
})
