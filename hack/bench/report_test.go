package bench_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/bench"
)

// soon is the deadline of what must not take for ever.
const soon = 20 * time.Second

// cell is one with numbers that are easily told apart.
func cell(method, sink string, chunk int) bench.Cell {
	return bench.Cell{
		Method: method, Sink: sink, ChunkBytes: chunk,
		GBPerSecond: &bench.Spread{Runs: 5, Median: 2.5, Min: 2, Max: 3, Deviation: 0.25},
		MoverCPU:    &bench.Spread{Runs: 5, Median: 0.125, Min: 0.1, Max: 0.2},
		PairCPU:     &bench.Spread{Runs: 5, Median: 0.5, Min: 0.4, Max: 0.6},
	}
}

var _ = Describe("The bench report", func() {
	It("has every key, and null for what was not run", func() {
		path := filepath.Join(GinkgoT().TempDir(), "new", "bench.json")
		Expect(bench.NewReport().Write(path)).To(Succeed())
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		var keys map[string]any
		Expect(json.Unmarshal(text, &keys)).To(Succeed())
		Expect(keys).To(And(HaveLen(8), HaveKey("kernel"), HaveKey("cpus"), HaveKey("load"), HaveKey("go"),
			HaveKeyWithValue("throughput", BeNil()), HaveKeyWithValue("metered", BeNil()), HaveKeyWithValue("followed", BeNil()), HaveKeyWithValue("default_run", BeNil())))
		Expect(keys["kernel"]).To(HaveKeyWithValue("release", kernel.Gather().Kernel.Release))
		Expect(keys["cpus"]).To(BeNumerically(">=", 1))
	})

	It("is read back as it was written", func() {
		report := bench.NewReport()
		empty := bench.Cell{Method: "sendfile", Sink: "veth-sg", ChunkBytes: 65536, NotChecked: "no namespaces"}
		report.Throughput = &bench.Throughput{Source: "a file", Filesystem: "ext4", SourceBytes: 1 << 20, Cells: []bench.Cell{cell("sendfile", "tcp", 65536), empty}}
		report.Metered = &bench.Metered{Bytes: 65536, Rounds: 3, Batches: []bench.Batch{{Transfers: 7, CaseSeconds: 1, TransferSeconds: 2, LeastLateCaseSeconds: 3, PerSecond: 4}}}
		report.Followed = &bench.Followed{Server: "a server", Bytes: 7, Rounds: 2, AloneSeconds: 1, FollowedSeconds: 2}
		report.DefaultRun = &bench.DefaultRun{Suites: []bench.Suite{{Name: "cost", Seconds: 1, PeakBytes: 2, PeakIsBound: true, Exit: "exit status 1"}}, Seconds: 3, PeakBytes: 4}
		path := filepath.Join(GinkgoT().TempDir(), "bench.json")
		Expect(report.Write(path)).To(Succeed())
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		var back bench.Report
		Expect(json.Unmarshal(text, &back)).To(Succeed())
		Expect(&back).To(Equal(report))
		Expect(string(text)).To(ContainSubstring(`"gb_per_second": null`))
	})

	It("is written whole or not at all", func() {
		folder := GinkgoT().TempDir()
		path := filepath.Join(folder, "bench.json")
		Expect(os.MkdirAll(filepath.Join(path, "in the way"), 0o755)).To(Succeed())
		Expect(bench.NewReport().Write(path)).To(MatchError(ContainSubstring("writing the bench report")))
		Expect(os.ReadDir(folder)).To(HaveLen(1), "the draft stays behind")
	})

	It("names the machine", func() {
		report := bench.NewReport()
		Expect(report.Heading()).To(And(ContainSubstring(report.Kernel.Release), ContainSubstring("A GB is 10^9 bytes.")))
	})
})

var _ = Describe("The table", func() {
	It("of the throughput has a line for each method and chunk, columns for each sink, and a reason for each gap", func() {
		gap := bench.Cell{Method: "sendfile", Sink: "veth-sg", ChunkBytes: 1 << 20, NotChecked: "no namespaces"}
		unclocked := cell("sendfile", "tcp", 1<<20)
		unclocked.MoverCPU, unclocked.PairCPU = nil, nil
		throughput := &bench.Throughput{Source: "a file", SourceBytes: 128 << 20, Cells: []bench.Cell{
			cell("read+write", "tcp", 65536), cell("read+write", "veth-sg", 65536), unclocked, gap,
			{Method: "mmap+write", Sink: "udp", NotChecked: "no namespaces"},
		}}
		Expect(lines(throughput.String())).To(Equal([]string{
			"Source: a file, of 128 MiB, warm; each run moves it once. The reader drains into nowhere.",
			"GB/s: median of 5 runs, ± the standard deviation in % of it. CPU: seconds per GB, user + system, of the",
			"moving thread / of both processes, mover and reader.",
			"                      tcp                    veth-sg                udp",
			"method      chunk      GB/s  ±%  CPU          GB/s  ±%  CPU          GB/s  ±%  CPU",
			"read+write  64 KiB     2.50  10  0.12/0.50    2.50  10  0.12/0.50",
			"sendfile    1 MiB      2.50  10  ?/?             -",
			"mmap+write  0 bytes       -",
			"not-checked: sendfile into veth-sg, into udp: no namespaces",
		}))
	})

	It("of the throughput says once why a method has no cell", func() {
		throughput := &bench.Throughput{Cells: []bench.Cell{
			cell("sendfile", "tcp", 4096), cell("sendfile", "pipe", 4096),
			{Method: "tee", Sink: "tcp", NotChecked: "two sinks"}, {Method: "tee", Sink: "pipe", NotChecked: "two sinks"},
		}}
		Expect(lines(throughput.String())).To(ContainElement("not-checked: tee: two sinks"))
	})

	It("of the throughput fits on a screen, also with many methods", func() {
		throughput := &bench.Throughput{}
		for _, method := range []string{"a", "b", "c", "d", "e", "f", "g", "copy_file_range"} {
			for _, chunk := range []int{64 << 10, 1 << 20} {
				for _, sink := range []string{"unix-stream", "tcp", "veth-sg", "veth-nosg"} {
					throughput.Cells = append(throughput.Cells, cell(method, sink, chunk))
				}
			}
		}
		all := lines(throughput.String())
		Expect(len(all)).To(BeNumerically("<=", 22))
		for _, line := range all {
			Expect(len([]rune(line))).To(BeNumerically("<=", 120), line)
		}
	})

	It("of the metered transfers says how flat they are", func() {
		metered := &bench.Metered{Bytes: 65536, Rounds: 3, Batches: []bench.Batch{
			{Transfers: 100, CaseSeconds: 0.001, TransferSeconds: 0.0008, LeastLateCaseSeconds: 0.0005, PerSecond: 900},
			{Transfers: 1600, CaseSeconds: 0.002, TransferSeconds: 0.0009, LeastLateCaseSeconds: 0.00055, PerSecond: 450},
		}}
		Expect(lines(metered.String())).To(Equal([]string{
			"Each case: open a UNIX stream, sendfile 64 KiB into it with all three meters on, read, close. Medians, 3 rounds.",
			"  transfers  ms for a case  of it the transfer  quickest late case  cases per second",
			"        100          1.000               0.800               0.500               900",
			"       1600          2.000               0.900               0.550               450",
			"16× as many: a quickest late case takes 1.10× as long, a median case 2.00× (1.00 is flat).",
			"450 transfers per second with all three meters on (aim: 500).",
		}))
	})

	It("of the default run has a line for each suite", func() {
		run := &bench.DefaultRun{Seconds: 3.5, PeakBytes: 64 << 20, Suites: []bench.Suite{
			{Name: "copies", Seconds: 1.25, PeakBytes: 64 << 20}, {Name: "cost", Seconds: 2.25, PeakBytes: 32 << 20, PeakIsBound: true, Exit: "exit status 1"},
		}}
		Expect(lines(run.String())).To(Equal([]string{
			"suite                   seconds                     peak MiB",
			"copies                  1.25                        64",
			"cost                    2.25                        at most 32     exit status 1",
			"all, one after another  3.50 (aim: 20, as root 40)  64 (aim: 300)",
			"Compiled before. Peak: the largest process of each, suite or child (ru_maxrss).",
		}))
	})
})

func lines(text string) []string { return strings.Split(text, "\n") }
