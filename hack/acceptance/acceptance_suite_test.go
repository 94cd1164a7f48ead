// Package acceptance_test meets the kit as its users do. It builds the suites and a module of an outsider, runs
// them as processes, on this machine and on poorer ones, and looks at what a user sees: exit codes, output,
// Ginkgo's JSON report, and what is left on the machine afterwards.
//
// Specs labelled slow are left out unless ZC_SLOW=1 is set.
package acceptance_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/keeper"
)

// patience is how long a command may take before it counts as stuck. It is no measure of speed.
const patience = 2 * time.Minute

func TestMain(m *testing.M) {
	keeper.Enter()
	if len(os.Args) == 5 && os.Args[1] == serveArgument {
		serve(os.Args[2], os.Args[3], os.Args[4])
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestAcceptance(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/acceptance")
}

// Who reads only the end of a long log finds there what failed, and not only where.
var _ = ReportAfterSuite("what failed", func(all Report) {
	for _, s := range all.SpecReports {
		if s.Failed() {
			fmt.Printf("\n%s\n%s\n", s.FullText(), s.Failure.Message)
		}
	}
})

// workshop is where everything that outlives one spec is built.
var workshop string

var _ = BeforeSuite(func() {
	var err error
	workshop, err = os.MkdirTemp("", "zc-acceptance-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, workshop)
})

var slow = Label("slow")

var _ = BeforeEach(func() {
	if slices.Contains(CurrentSpecReport().Labels(), "slow") && os.Getenv("ZC_SLOW") != "1" {
		Skip("slow: set ZC_SLOW=1 to have it run")
	}
})
