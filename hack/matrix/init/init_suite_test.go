package main_test

import (
	"os/exec"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestInit(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "init")
}

// program is init, built once.
var program string

var _ = BeforeSuite(func() {
	program = GinkgoT().TempDir() + "/init"
	said, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(said))
})
