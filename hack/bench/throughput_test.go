package bench_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/hack/bench"
	"zerocopy-conformance/impl"
)

// Methods whose behaviour is known.
var (
	refused = method("refused", func(*impl.Transfer) (int64, error) { return 0, unix.EOPNOTSUPP })
	short   = method("short", func(t *impl.Transfer) (int64, error) {
		half := *t
		half.Length /= 2
		return impl.Sendfile.Move(&half)
	})
	boastful = method("boastful", func(t *impl.Transfer) (int64, error) {
		half := *t
		half.Length /= 2
		_, err := impl.Sendfile.Move(&half)
		return t.Length, err
	})
	// idle waits without a processor, busy on one: for so long each time. The clock that busy looks at is exact,
	// and makes what getrusage(2) says so, too: else that is as old as the scheduler's last tick.
	idle = method("idle", func(t *impl.Transfer) (int64, error) {
		if err := unix.Nanosleep(&unix.Timespec{Nsec: pauseNanoseconds}, nil); err != nil {
			return 0, err
		}
		return impl.Sendfile.Move(t)
	})
	busy = method("busy", func(t *impl.Transfer) (int64, error) {
		var now unix.Timespec
		for end := int64(0); ; {
			if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
				return 0, err
			}
			if end == 0 {
				end = now.Nano() + pauseNanoseconds
			}
			if now.Nano() > end {
				return impl.Sendfile.Move(t)
			}
		}
	})
)

const pauseNanoseconds = 20e6

func method(name string, move func(*impl.Transfer) (int64, error)) impl.Method {
	return impl.Method{Name: "bench-" + name, Claim: impl.Claim{Calls: map[string]int{"sendfile": 1}}, Move: move}
}

// plan is a small one.
func plan(sink string, methods ...impl.Method) bench.Plan {
	GinkgoHelper()
	memfd, err := source.Lookup("memfd")
	Expect(err).NotTo(HaveOccurred())
	sinks := bench.Sinks(sink)
	Expect(sinks).To(HaveLen(1))
	return bench.Plan{
		Methods: methods, Sinks: sinks, Chunks: []int{64 << 10}, Source: memfd, SourceBytes: 1 << 20,
		Runs: 3, Budget: time.Minute,
	}
}

// measured fills the table of a plan.
func measured(ctx context.Context, p bench.Plan) *bench.Throughput {
	GinkgoHelper()
	result, experiments, err := p.Throughput(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(experiments).To(HaveLen(len(result.Cells)))
	return result
}

var _ = Describe("The throughput", func() {
	It("has a cell for each method, chunk and sink, of as many runs as were asked for", func(ctx SpecContext) {
		p := plan("unix-stream", impl.ReadWrite, impl.Sendfile)
		p.Sinks = append(p.Sinks, bench.Sinks("tcp")...)
		p.Chunks = []int{4096, 1 << 20}
		result := measured(ctx, p)
		Expect(result.SourceBytes).To(Equal(int64(1 << 20)))
		var places []string
		for _, cell := range result.Cells {
			Expect(cell.NotChecked).To(BeEmpty())
			places = append(places, cell.Method+" "+cell.Sink)
			Expect(cell.GBPerSecond.Min).To(BeNumerically(">", 0))
			for _, spread := range []*bench.Spread{cell.GBPerSecond, cell.MoverCPU} {
				Expect(spread.Runs).To(Equal(3))
				Expect(spread.Median).To(And(BeNumerically(">=", spread.Min), BeNumerically("<=", spread.Max)))
			}
		}
		Expect(places).To(Equal([]string{
			"read+write unix-stream", "read+write tcp", "read+write unix-stream", "read+write tcp",
			"sendfile unix-stream", "sendfile tcp", "sendfile unix-stream", "sendfile tcp",
		}))
		Expect(result.Cells[0].ChunkBytes).To(Equal(4096))
		Expect(result.Cells[2].ChunkBytes).To(Equal(1 << 20))
	})

	It("is in units of 10^9 bytes", func() {
		speed, mover, pair := bench.Recorded(2e9, 4*time.Second, time.Second, nil, 3*time.Second, nil)
		Expect([]float64{speed.Median, mover.Median, pair.Median}).To(Equal([]float64{0.5, 0.5, 1.5}))
	})

	It("goes without a processor time that is not to be had", func() {
		speed, mover, pair := bench.Recorded(1e9, time.Second, 0, errors.New("forbidden"), 0, errors.New("unknown"))
		Expect(speed.Median).To(Equal(1.0))
		Expect(mover).To(BeNil())
		Expect(pair).To(BeNil())
	})

	It("counts waiting as time, and not as processor time", func(ctx SpecContext) {
		start := time.Now()
		cell := measured(ctx, plan("unix-stream", idle)).Cells[0]
		whole := time.Since(start).Seconds()
		const gb = (1 << 20) / 1e9
		Expect(gb / cell.GBPerSecond.Max).To(BeNumerically(">=", pauseNanoseconds/1e9))
		Expect(gb / cell.GBPerSecond.Min).To(BeNumerically("<", whole))
		Expect(cell.MoverCPU.Min * gb).To(BeNumerically("<", pauseNanoseconds/1e9))
	})

	It("counts the mover's work as processor time, the mover's and the pair's", func(ctx SpecContext) {
		cell := measured(ctx, plan("unix-stream", busy)).Cells[0]
		const gb = (1 << 20) / 1e9
		// getrusage(2) counts in microseconds, at either edge.
		Expect(cell.MoverCPU.Min * gb).To(BeNumerically(">=", pauseNanoseconds/1e9-2e-6))
		if cell.PairCPU == nil {
			Skip("this kernel does not tell the processor time of another process")
		}
		Expect(cell.PairCPU.Runs).To(Equal(3))
		Expect(cell.PairCPU.Min).To(BeNumerically(">", cell.MoverCPU.Min))
	})

	It("takes a run at least, however small the budget", func(ctx SpecContext) {
		p := plan("unix-stream", idle, impl.Sendfile)
		p.Budget = 1
		for _, cell := range measured(ctx, p).Cells {
			Expect(cell.GBPerSecond.Runs).To(Equal(1))
		}
	})

	It("leaves cells of a sink that this machine lacks empty, with the reason, and fills the others", func(ctx SpecContext) {
		p := plan("veth-sg", impl.Sendfile)
		p.Sinks = append(p.Sinks, bench.Sinks("tcp")...)
		p.Network = func(bool) (int, int, error) {
			return -1, -1, &kernel.Unavailable{What: "a network namespace", Why: "forbidden", Remedy: "allow it"}
		}
		result := measured(ctx, p)
		Expect(result.Cells).To(HaveLen(2))
		Expect(result.String()).To(ContainSubstring("not-checked: into veth-sg: a network namespace is not available: forbidden (to have it checked: allow it)"))
		for _, cell := range result.Cells {
			if cell.Sink == "tcp" {
				Expect(cell.GBPerSecond.Runs).To(Equal(3))
			} else {
				Expect(cell.GBPerSecond).To(BeNil())
				Expect(cell.NotChecked).To(HavePrefix("a network namespace"))
			}
		}
	})

	It("leaves the cell of a method that the kernel refuses empty, with its error", func(ctx SpecContext) {
		result := measured(ctx, plan("unix-stream", refused, impl.Sendfile))
		Expect(result.Cells[0].NotChecked).To(Equal("the method ended with: operation not supported"))
		Expect(result.Cells[0].GBPerSecond).To(BeNil())
		Expect(result.Cells[1].NotChecked).To(BeEmpty())
	})

	It("leaves the cells of methods that are made for other sources or sinks, or for two, empty, with the reason", func(ctx SpecContext) {
		fromPipe, intoPipe, intoTwo := method("from-pipe", impl.Sendfile.Move), method("into-pipe", impl.Sendfile.Move), method("into-two", impl.Sendfile.Move)
		fromPipe.From, intoPipe.Into, intoTwo.Two = impl.Pipe, impl.Pipe, true
		result := measured(ctx, plan("unix-stream", fromPipe, intoPipe, intoTwo))
		Expect(result.Cells).To(HaveExactElements(
			HaveField("NotChecked", "the method is not made for such a source"), HaveField("NotChecked", "the method is not made for such a sink"),
			HaveField("NotChecked", "the method has a second sink, which nobody reads here"),
		))
	})

	It("is measured of every method of the kit's, or there is a reason why not", func(ctx SpecContext) {
		p := plan("unix-stream", registered...)
		p.Runs = 1
		for _, cell := range measured(ctx, p).Cells {
			Expect(cell.GBPerSecond == nil).To(Equal(cell.NotChecked != ""), "%+v", cell)
		}
	})

	DescribeTable("is no number when bytes are missing",
		func(ctx SpecContext, m impl.Method, seen string) {
			_, _, err := plan("unix-stream", m).Throughput(ctx)
			Expect(err).To(MatchError(And(ContainSubstring(m.Name+" into unix-stream"), ContainSubstring(seen))))
		},
		Entry("and the method says so", short, "65536 bytes were asked for, the method reports 32768, 32768 arrived"),
		Entry("and the method says otherwise", boastful, "65536 bytes were asked for, the method reports 65536, 32768 arrived"),
	)

	It("is measured across the kit's own network, as the sink's name says", func(ctx SpecContext) {
		network := &bench.Network{}
		DeferCleanup(network.Close)
		p := plan("veth-nosg", impl.Sendfile)
		p.Network = network.Connect
		cell := measured(ctx, p).Cells[0]
		if cell.NotChecked != "" {
			Skip("not-checked: " + cell.NotChecked)
		}
		Expect(cell.GBPerSecond.Runs).To(Equal(3))
		Expect(network.ScatterGather()).To(BeFalse())
		p.Sinks = bench.Sinks("veth-sg")
		measured(ctx, p)
		Expect(network.ScatterGather()).To(BeTrue())
	})

	It("stops when it is interrupted, and leaves nothing", func(ctx SpecContext) {
		measured(ctx, plan("unix-stream", impl.Sendfile)) // What the Go runtime opens once and keeps is not the bench's.
		before := descriptors()
		interrupted, interrupt := context.WithCancel(ctx)
		p := plan("unix-stream", idle)
		p.Runs = 1000
		time.AfterFunc(3*pauseNanoseconds, interrupt)
		_, _, err := p.Throughput(interrupted)
		Expect(err).To(MatchError(context.Canceled))
		Expect(descriptors()).To(Equal(before))
	})
})
