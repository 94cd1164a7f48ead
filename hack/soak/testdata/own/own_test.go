// Package own_test is a suite that a soak is tried on: it passes, or does what the environment says.
package own_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

func TestOwn(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "own")
}

var _ = ginkgo.It("does what it is told", func(ctx ginkgo.SpecContext) {
	switch os.Getenv("OWN") {
	case "fails":
		ginkgo.Fail("this spec fails")
	case "litters":
		gomega.Expect(os.WriteFile(filepath.Join(os.TempDir(), "litter"), nil, 0o600)).To(gomega.Succeed())
	case "exits":
		os.Exit(3)
	case "leaves":
		gomega.Expect(exec.Command("sleep", "1000").Start()).To(gomega.Succeed())
	case "waits":
		<-ctx.Done()
	case "ignores":
		// It does not end, and leaves no report, unless it is killed.
		time.Sleep(time.Hour)
	}
})
