package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"zerocopy-conformance/hack/keeper"
)

func TestMain(m *testing.M) {
	// What a machine cannot be made here is found out by keepers, which are this program.
	keeper.Enter()
	os.Exit(m.Run())
}

func TestSoak(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/soak")
}

// program is the command, and own a suite that does what its environment says.
var program, own string

// patience is the deadline of what must not take for ever, on a machine that is busy.
const patience = 5 * time.Minute

var _ = BeforeSuite(func() {
	if out, err := exec.Command("go", "env", "GOCACHE").CombinedOutput(); err != nil {
		Skip("not-checked: nothing can be built here: " + string(out))
	}
	var err error
	program, err = gexec.Build("zerocopy-conformance/hack/soak")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(gexec.CleanupBuildArtifacts)
	folder, err := os.MkdirTemp("", "zc-soak-test-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, folder)
	own = filepath.Join(folder, "own.test")
	out, err := exec.Command("go", "test", "-c", "-o", own, "./testdata/own").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	Expect(os.Chmod(folder, 0o755)).To(Succeed())
})

// soak runs the command to its end, in a TMPDIR of its own, which it leaves empty.
func soak(environment []string, arguments ...string) *gexec.Session {
	GinkgoHelper()
	session, temp := start(environment, arguments...)
	Eventually(session).WithTimeout(patience).Should(gexec.Exit())
	Expect(os.ReadDir(temp)).To(BeEmpty())
	return session
}

func start(environment []string, arguments ...string) (session *gexec.Session, temp string) {
	GinkgoHelper()
	temp = GinkgoT().TempDir()
	// Some runs are another user's.
	for folder := temp; folder != filepath.Clean(os.TempDir()); folder = filepath.Dir(folder) {
		Expect(os.Chmod(folder, 0o755)).To(Succeed())
	}
	command := exec.Command(program, arguments...)
	command.Env = append(append(os.Environ(), "TMPDIR="+temp), environment...)
	session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { session.Kill().Wait(patience) })
	return session, temp
}

// runs are the folders of the runs under way in a soak's TMPDIR.
func runs(temp string) []string {
	GinkgoHelper()
	all, err := filepath.Glob(filepath.Join(temp, "zc-soak-*", "run-*", "notes", "pid"))
	Expect(err).NotTo(HaveOccurred())
	return all
}
