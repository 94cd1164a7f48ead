package bench_test

import (
	"os"
	"strconv"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/impl"
)

// The bench itself runs only when asked to: ZC_BENCH=1 selects it, and nothing else. ZC_BENCH_JSON names a file for
// its report, relative to the module's folder.
const (
	benchVariable  = "ZC_BENCH"
	reportVariable = "ZC_BENCH_JSON"
	benchLabel     = "bench"
)

// eatVariable makes this program use that many bytes of memory and end with eatenStatus, as a suite may.
const (
	eatVariable = "BENCH_TEST_EAT"
	eatenStatus = 3
)

func TestMain(m *testing.M) {
	if bytes, err := strconv.Atoi(os.Getenv(eatVariable)); err == nil {
		eaten := make([]byte, bytes)
		for i := 0; i < len(eaten); i += os.Getpagesize() {
			eaten[i] = 1
		}
		os.Exit(eatenStatus)
	}
	if address := os.Getenv(serveVariable); address != "" {
		serve(address)
	}
	// Here, after registered has been set, and before the agent's work begins.
	for _, m := range []impl.Method{refused, short, boastful, idle, busy} {
		impl.Register(m)
	}
	reexec.Main()
	os.Exit(m.Run())
}

func TestBench(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	wanted := "!" + benchLabel
	if os.Getenv(benchVariable) != "" {
		wanted = benchLabel
	}
	if suite.LabelFilter != "" {
		wanted = "(" + suite.LabelFilter + ") && " + wanted
	}
	suite.LabelFilter = wanted
	// A run that selects nothing has measured nothing.
	suite.FailOnEmpty = true
	RunSpecs(t, "hack/bench", suite, reporter)
}

// descriptors are the open ones of this process.
func descriptors() []string {
	GinkgoHelper()
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	var all []string
	for _, entry := range entries {
		// The folder itself is among them, and gone by now.
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			all = append(all, entry.Name()+" "+target)
		}
	}
	return all
}
