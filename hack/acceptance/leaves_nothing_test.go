package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
)

// Every run of this package is looked after: see run.wait. These are the ends at which something is left easily,
// in a room of their own, where mounts and namespaces can be counted, too.
var _ = Describe("Nothing is left", func() {
	// inRoom runs the task in a folder that holds an earlier report, which it must not touch.
	inRoom := func(t task) task {
		t.room = true
		t.folder = GinkgoT().TempDir()
		earlier := filepath.Join(t.folder, "reports", "report.json")
		Expect(os.Mkdir(filepath.Dir(earlier), 0o755)).To(Succeed())
		Expect(os.WriteFile(earlier, []byte("{}"), 0o444)).To(Succeed())
		written, err := os.Stat(earlier)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() {
			now, err := os.Stat(earlier)
			Expect(err).NotTo(HaveOccurred())
			Expect(os.SameFile(now, written) && now.ModTime().Equal(written.ModTime())).To(BeTrue(), "the report was touched")
			for _, folder := range []string{t.folder, filepath.Dir(earlier)} {
				Expect(os.ReadDir(folder)).To(HaveLen(1))
			}
		})
		return t
	}
	everySink := []string{"ZC_SIZES=4097", "ZC_OFFSETS=0", "ZC_SOURCES=tmp,tmpfs,disk"}
	sabotaged := func(label string, variables ...string) task {
		GinkgoHelper()
		return suiteRun(outsiders("./sabotage"), append(slices.Clone(everySink), variables...)...).with("--ginkgo.label-filter=" + label)
	}

	It("after a pass", func() {
		for _, name := range suites {
			r := inRoom(suiteRun(suite(name), everySink...)).do()
			Expect(r.code()).To(BeZero(), r.output())
		}
	})

	It("after a failing method", func() {
		r := inRoom(sabotaged("COPIES-SHARED-TCP || COPIES-SHARED-VETH-SG", "ZC_METHODS=copying")).do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.cases("")).To(HaveEach(HaveField("Verdict", report.Fail)))
	})

	It("after a panicking method, which took its agent along", func() {
		r := inRoom(sabotaged("INTEGRITY-RANGE || COST-CALLS", "ZC_METHODS=panicking", "ZC_SINKS=tcp,veth-sg,file")).do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.cases("")).To(And(HaveLen(10), HaveEach(HaveField("Text", And(ContainSubstring("the agent crashed: "), ContainSubstring("this method panics"))))))
	})

	It("after a panicking spec", func() {
		r := inRoom(sabotaged("own || COPIES-SHARED-VETH-SG", "ZC_METHODS=sendfile", "OUTSIDER_PANICS=1")).with("--ginkgo.seed=1").do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.reports()[0].SpecReports).To(ContainElement(HaveField("State", types.SpecStatePanicked)))
		Expect(r.cases("")).To(And(HaveLen(1), HaveEach(HaveField("Verdict", report.Pass))))
	})

	It("at any moment: a file of the kit never has a name that somebody would have to remove", func() {
		t := inRoom(suiteRun(suite("integrity"), append(everySink, "ZC_METHODS=sendfile", "ZC_SINKS=file")...))
		r := t.on(keeper.Machine{Refused: []uint32{unix.SYS_UNLINKAT}}).do()
		Expect(r.code()).To(BeZero(), r.output())
	})

	// hangs runs the method that hangs, and says when it does.
	hangs := func(requirement, sink string) (*run, func() error) {
		sign := filepath.Join(GinkgoT().TempDir(), "hangs")
		r := inRoom(sabotaged(requirement, "ZC_METHODS=hanging", "ZC_SOURCES=disk", "ZC_SINKS="+sink, "OUTSIDER_HANGS="+sign)).start()
		return r, func() error { _, err := os.Stat(sign); return err }
	}
	// unanswered asks a server that never answers, and says when it was asked.
	unanswered := func(sink string) (*run, func() error) {
		sign := filepath.Join(GinkgoT().TempDir(), "asked")
		r := inRoom(suiteRun(suite("external"), signVariable+"="+sign, "ZC_SINKS="+sink, "ZC_PROGRAM="+ownServer("never", "{host}:{port}", "{root}"))).start()
		return r, func() error { _, err := os.Stat(sign); return err }
	}
	// moments are what a run can be in the middle of: each begins a run, and says when it is there.
	moments := []struct {
		name  string
		begin func() (*run, func() error)
	}{
		{"when its first child is there", func() (*run, func() error) {
			r := inRoom(suiteRun(suite("integrity"))).start()
			return r, func() error {
				if len(keeper.ChildrenOf(r.pid())) == 0 {
					return os.ErrNotExist
				}
				return nil
			}
		}},
		{"while large transfers cross a network of its own", func() (*run, func() error) {
			// They would take minutes.
			sizes := strings.Repeat("64M,", 400)
			r := inRoom(suiteRun(suite("integrity"), "ZC_METHODS=sendfile", "ZC_SINKS=veth-sg", "ZC_SOURCES=tmpfs", "ZC_SIZES="+sizes).with("--ginkgo.label-filter=INTEGRITY-RANGE")).start()
			return r, func() error { return inOtherNetwork(keeper.ChildrenOf(r.pid())) }
		}},
		{"in a transfer that hangs", func() (*run, func() error) { return hangs("INTEGRITY-RANGE", "unix-stream") }},
		{"while a server does not answer", func() (*run, func() error) { return unanswered("tcp") }},
		{"while a server does not answer over the network", func() (*run, func() error) { return unanswered("veth-sg") }},
		{"in a traced transfer that hangs over the network", func() (*run, func() error) { return hangs("COST-CALLS", "veth-sg") }},
	}

	for _, moment := range moments {
		interrupted := func(signal syscall.Signal) *run {
			GinkgoHelper()
			r, reached := moment.begin()
			Eventually(reached, patience, "2ms").Should(Succeed())
			Expect(r.session).NotTo(gexec.Exit(), "it was over before")
			Expect(syscall.Kill(r.pid(), signal)).To(Succeed())
			return r
		}

		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			It("by a "+unix.SignalName(signal)+" "+moment.name+", and the run is red at once, with a report", func() {
				r := interrupted(signal)
				// It does not wait for what hangs.
				Eventually(r.session, agent.DefaultDeadline-5*time.Second).Should(gexec.Exit())
				r.wait()
				Expect(r.code()).NotTo(BeZero())
				Expect(r.code()).To(BeNumerically("<", 128), "it was killed")
				Expect(r.reports()).NotTo(BeEmpty(), "no report is written, exit code %d, %s", r.code(), r.session.Err.Contents())
				// Between two specs it finds none to interrupt.
				Expect(r.reports()[0].SpecialSuiteFailureReasons).To(ContainElement("Interrupted by User"))
			})
		}

		It("by a SIGKILL "+moment.name, func() {
			r := interrupted(syscall.SIGKILL).wait()
			Expect(r.code()).To(Equal(128 + int(syscall.SIGKILL)))
		})
	}
})

// inOtherNetwork is nil when one of the processes is in another network namespace than this one.
func inOtherNetwork(pids []int) error {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid)); err == nil && its != own {
			return nil
		}
	}
	return os.ErrNotExist
}
