package bench_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/hack/bench"
)

// write puts files into a new folder and returns it.
func write(files map[string]string) string {
	GinkgoHelper()
	folder := GinkgoT().TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o755)).To(Succeed())
	}
	return folder
}

// emptyTemp makes a new folder the one for temp files.
func emptyTemp() string {
	GinkgoHelper()
	folder := GinkgoT().TempDir()
	GinkgoT().Setenv("TMPDIR", folder)
	return folder
}

const goMod = "module example.com/kit\n\ngo 1.21\n"

var _ = Describe("The default run", func() {
	It("runs each suite in its folder, without the kit's variables, and leaves nothing", func(ctx SpecContext) {
		module := write(map[string]string{
			"go.mod": goMod,
			"suites/good/good_test.go": `package good
import ("os"; "strings"; "testing")
func TestGood(t *testing.T) {
	if _, err := os.Stat("good_test.go"); err != nil { t.Fatal(err) }
	for _, v := range os.Environ() { if strings.HasPrefix(v, "ZC_") { t.Fatal(v) } }
}
`,
			"suites/bad/bad_test.go": "package bad\nimport \"testing\"\nfunc TestBad(t *testing.T) { t.Fatal() }\n",
			"suites/words/words.go":  "package words\n",
			"other/other_test.go":    "package other\nimport \"testing\"\nfunc TestOther(t *testing.T) {}\n",
		})
		temp := emptyTemp()
		GinkgoT().Setenv("ZC_METHODS", "sendfile")
		result, err := bench.MeasureDefaultRun(ctx, filepath.Join(module, "other"))
		Expect(err).NotTo(HaveOccurred())
		if result.NotChecked != "" {
			Skip("not-checked: " + result.NotChecked)
		}
		Expect(result.Suites).To(HaveLen(2))
		bad, good := result.Suites[0], result.Suites[1]
		Expect([]string{bad.Name, bad.Exit, good.Name, good.Exit}).To(Equal([]string{"bad", "exit status 1", "good", ""}))
		Expect(good.Seconds).To(BeNumerically(">", 0))
		Expect(result.Seconds).To(Equal(bad.Seconds + good.Seconds))
		Expect(result.PeakBytes).To(Equal(max(bad.PeakBytes, good.PeakBytes)))
		Expect(os.ReadDir(temp)).To(BeEmpty())
		Expect(os.ReadDir(module)).To(HaveLen(3))
	})

	It("that does not compile is an error that says where", func(ctx SpecContext) {
		module := write(map[string]string{"go.mod": goMod, "suites/broken/broken_test.go": "package broken\nthis is not Go\n"})
		temp := emptyTemp()
		result, err := bench.MeasureDefaultRun(ctx, module)
		if err == nil && result.NotChecked != "" {
			Skip("not-checked: " + result.NotChecked)
		}
		Expect(err).To(MatchError(ContainSubstring("broken_test.go:2")))
		Expect(os.ReadDir(temp)).To(BeEmpty())
	})

	It("of no suites is an error", func(ctx SpecContext) {
		GinkgoT().Setenv("GOCACHE", filepath.Join(GinkgoT().TempDir(), "new", "cache"))
		result, err := bench.MeasureDefaultRun(ctx, write(map[string]string{"go.mod": goMod, "suites/words/words.go": "package words\n"}))
		if err == nil && strings.Contains(result.NotChecked, "the go command") {
			Skip("not-checked: " + result.NotChecked)
		}
		Expect(err).To(MatchError(ContainSubstring("no suites")))
	})

	DescribeTable("is not checked",
		func(ctx SpecContext, variable, value, why string) {
			module := write(map[string]string{"go.mod": goMod})
			GinkgoT().Setenv(variable, value)
			result, err := bench.MeasureDefaultRun(ctx, module)
			Expect(err).NotTo(HaveOccurred())
			Expect(result.NotChecked).To(And(ContainSubstring(why), ContainSubstring("to have it checked")))
			Expect(result.String()).To(Equal("not-checked: " + result.NotChecked))
		},
		Entry("without the go command", "PATH", "/nowhere", "the go command is not available"),
		Entry("without a folder for temp files", "TMPDIR", "/proc/nowhere", "a temp folder is not available"),
	)

	It("is not checked without the kit's source", func(ctx SpecContext) {
		result, err := bench.MeasureDefaultRun(ctx, "/")
		Expect(err).NotTo(HaveOccurred())
		Expect(result.NotChecked).To(HavePrefix("the kit's source is not available: there is no go.mod in / or above"))
	})

	DescribeTable("is not checked without a build cache that can be written",
		func(ctx SpecContext, path string) {
			GinkgoT().Setenv("GOCACHE", path)
			result, err := bench.MeasureDefaultRun(ctx, write(map[string]string{"go.mod": goMod}))
			Expect(err).NotTo(HaveOccurred())
			if strings.Contains(result.NotChecked, "the go command") {
				Skip("not-checked: " + result.NotChecked)
			}
			Expect(result.NotChecked).To(ContainSubstring("Go's build cache " + path + " is not available"))
		},
		Entry("one that is there", "/proc"),
		Entry("one that is not", "/proc/nowhere"),
	)
})

var _ = Describe("A suite", func() {
	It("is measured by its own memory and exit", func(ctx SpecContext) {
		own, err := bench.OwnPeak()
		Expect(err).NotTo(HaveOccurred())
		// A process that is smaller than this one cannot be told from it.
		eats := 2*own + 32<<20
		GinkgoT().Setenv(eatVariable, strconv.FormatInt(eats, 10))
		program, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		suite, err := bench.RunSuite(ctx, program, GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		Expect(suite.Exit).To(Equal(fmt.Sprint("exit status ", eatenStatus)))
		Expect(suite.PeakBytes).To(And(BeNumerically(">=", eats), BeNumerically("<", 4*eats)))
		Expect(suite.PeakIsBound).To(BeFalse())
	})

	It("that is smaller than this process has a bound for a peak", func(ctx SpecContext) {
		folder := write(map[string]string{"small": "#!/bin/sh\nexit 0\n"})
		suite, err := bench.RunSuite(ctx, filepath.Join(folder, "small"), folder)
		Expect(err).NotTo(HaveOccurred())
		Expect(suite.Exit).To(BeEmpty())
		Expect(suite.PeakIsBound).To(BeTrue())
		own, err := bench.OwnPeak()
		Expect(err).NotTo(HaveOccurred())
		Expect(suite.PeakBytes).To(BeNumerically("<", 2*own))
	})

	It("that this machine does not let run is not checked", func(ctx SpecContext) {
		folder := write(map[string]string{"suite": "#!/bin/sh\n"})
		program := filepath.Join(folder, "suite")
		Expect(os.Chmod(program, 0o644)).To(Succeed())
		_, err := bench.RunSuite(ctx, program, folder)
		Expect(kernel.AsUnavailable(err)).To(MatchError(ContainSubstring("permission denied (to have it checked: set TMPDIR")))
	})

	It("that is interrupted cleans up before it is left", func(ctx SpecContext) {
		folder := write(map[string]string{"suite": holding})
		interrupted, interrupt := context.WithCancel(ctx)
		defer interrupt()
		ended := make(chan error, 1)
		go func() {
			_, err := bench.RunSuite(interrupted, filepath.Join(folder, "suite"), folder)
			ended <- err
		}()
		Eventually(filepath.Join(folder, "held")).WithTimeout(soon).Should(BeAnExistingFile())
		interrupt()
		Eventually(ended).WithTimeout(soon).Should(Receive(MatchError(context.Canceled)))
		Expect(filepath.Join(folder, "held")).NotTo(BeAnExistingFile())
		text, err := os.ReadFile(filepath.Join(folder, "pid"))
		Expect(err).NotTo(HaveOccurred())
		group, err := strconv.Atoi(strings.TrimSpace(string(text)))
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() error { return unix.Kill(-group, 0) }).WithTimeout(soon).Should(MatchError(unix.ESRCH), "processes of the suite are left")
	})

	It("is interrupted when the bench is killed", func() {
		folder := write(map[string]string{"suite": holding})
		killed, err := reexec.Start(runnerName, reexec.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(killed.Close)
		Expect(killed.Send(folder)).To(Succeed())
		Eventually(filepath.Join(folder, "held")).WithTimeout(soon).Should(BeAnExistingFile())
		killed.Kill()
		Eventually(filepath.Join(folder, "held")).WithTimeout(soon).ShouldNot(BeAnExistingFile())
	})
})

// holding is a suite that has something to clean up, and runs until it is interrupted.
const holding = `#!/bin/sh
trap 'rm held; exit 1' INT
echo $$ > pid
: > held
while :; do sleep 0.1; done
`

// A child that runs the suite in a folder, so that it can be killed for real.
const runnerName = "bench-test-runner"

func init() {
	reexec.Register(runnerName, func(conn *reexec.Conn) error {
		var folder string
		if _, err := conn.Receive(&folder, time.Time{}); err != nil {
			return err
		}
		_, err := bench.RunSuite(context.Background(), filepath.Join(folder, "suite"), folder)
		return err
	})
}
