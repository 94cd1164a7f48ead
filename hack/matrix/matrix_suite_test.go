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
)

func TestMatrix(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "matrix")
}

// program is the command, built once.
var program string

var _ = BeforeSuite(func() {
	var err error
	program, err = gexec.Build("zerocopy-conformance/hack/matrix")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(gexec.CleanupBuildArtifacts)
})

// patience is the deadline of what must not take for ever, on a machine that is busy.
const patience = 3 * time.Minute

// place is where a command of the running spec runs: folders of its own for what is temporary, cached and reported.
type place struct{ temp, cache, reports string }

func newPlace() place {
	folder := GinkgoT().TempDir()
	p := place{filepath.Join(folder, "temp"), filepath.Join(folder, "cache"), filepath.Join(folder, "reports")}
	Expect(os.Mkdir(p.temp, 0o700)).To(Succeed())
	return p
}

// start starts the command there.
func (p place) start(arguments ...string) *gexec.Session {
	GinkgoHelper()
	command := exec.Command(program, arguments...)
	command.Env = append(os.Environ(), "TMPDIR="+p.temp, "ZC_CACHE="+p.cache)
	session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	return session
}

// run runs it to its end.
func (p place) run(arguments ...string) *gexec.Session {
	GinkgoHelper()
	session := p.start(arguments...)
	Eventually(session).WithTimeout(patience).Should(gexec.Exit())
	return session
}
