package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gmeasure"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/hack/bench"
	"zerocopy-conformance/impl"
)

// registered are the methods that are measured, and not those that the specs of the bench's own code bring along.
var registered = impl.Methods()

// report is filled part by part.
var report = bench.NewReport()

var _ = Describe("The bench", Label(benchLabel), Serial, func() {
	// The default run comes first: a child's peak memory cannot be told apart from that of this process.
	It("times the default run", func(ctx SpecContext) {
		run, err := bench.MeasureDefaultRun(ctx, ".")
		Expect(err).NotTo(HaveOccurred())
		report.DefaultRun = run
		show("the default run", run)
	})

	It("times a metered transfer as cases grow", func(ctx SpecContext) {
		metered, experiment, err := bench.MeasureMetered(ctx, 3, 200, 4*200, 16*200)
		Expect(err).NotTo(HaveOccurred())
		report.Metered = metered
		keep(experiment)
		show("one metered transfer, as cases grow", metered)
	})

	It("times a server that is followed", func(ctx SpecContext) {
		followed, experiment, err := bench.MeasureFollowed(ctx, ownServer(), 1<<30, 5)
		Expect(err).NotTo(HaveOccurred())
		report.Followed = followed
		keep(experiment)
		show("a server that is followed", followed)
	})

	It("measures the throughput of every method", func(ctx SpecContext) {
		// Memory alone: nothing is written back to a disk meanwhile, and every machine has it.
		memfd, err := source.Lookup("memfd")
		Expect(err).NotTo(HaveOccurred())
		network := &bench.Network{}
		defer network.Close()
		plan := bench.Plan{
			Methods: registered, Sinks: bench.Sinks("unix-stream", "tcp", "veth-sg", "veth-nosg"), Chunks: []int{64 << 10, 1 << 20},
			Source: memfd, SourceBytes: 128 << 20, Runs: 11, Budget: 45 * time.Second, Network: network.Connect,
		}
		throughput, experiments, err := plan.Throughput(ctx)
		Expect(err).NotTo(HaveOccurred())
		report.Throughput = throughput
		for _, e := range experiments {
			keep(e)
		}
		show("throughput", throughput)
	})
})

var _ = ReportBeforeSuite(func(Report) {
	if os.Getenv(benchVariable) != "" {
		AddReportEntry("bench", report.Heading(), ReportEntryVisibilityAlways)
	}
})

// A run that broke or was interrupted leaves no report.
var _ = ReportAfterSuite("bench report", func(run Report) {
	path := os.Getenv(reportVariable)
	if os.Getenv(benchVariable) == "" || path == "" || !run.SuiteSucceeded {
		return
	}
	if module, err := bench.ModuleFolder("."); err == nil && !filepath.IsAbs(path) {
		path = filepath.Join(module, path)
	}
	Expect(report.Write(path)).To(Succeed())
})

// show prints a part as soon as it is there.
func show(title string, part fmt.Stringer) {
	AddReportEntry(title, part.String(), ReportEntryVisibilityAlways)
}

// keep puts all single values into Ginkgo's own report, unseen.
func keep(e *gmeasure.Experiment) {
	if e != nil {
		AddReportEntry(e.Name, e, ReportEntryVisibilityNever)
	}
}
