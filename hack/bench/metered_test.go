package bench_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/meter"
	"zerocopy-conformance/hack/bench"
)

var _ = Describe("A metered transfer", func() {
	It("is timed in batches of one process", func(ctx SpecContext) {
		metered, experiment, err := bench.MeasureMetered(ctx, 2, 3, 12)
		Expect(err).NotTo(HaveOccurred())
		if metered.NotChecked != "" {
			Skip("not-checked: " + metered.NotChecked)
		}
		Expect(metered.Rounds).To(Equal(2))
		Expect(metered.Batches).To(HaveLen(2))
		for i, transfers := range []int{3, 12} {
			batch := metered.Batches[i]
			Expect(batch.Transfers).To(Equal(transfers))
			Expect(batch.TransferSeconds).To(BeNumerically(">", 0))
			Expect(batch.CaseSeconds).To(BeNumerically(">", batch.TransferSeconds))
			Expect(batch.LeastLateCaseSeconds).To(BeNumerically(">", 0))
			Expect(batch.PerSecond).To(BeNumerically(">", 0))
		}
		Expect(experiment.Get("one of 12: the case").Durations).To(HaveLen(2 * 12))
		Expect(experiment.Get("one of 12: the case, late").Durations).To(HaveLen(2 * 3))
	})

	It("is no longer timed when it is interrupted", func(ctx SpecContext) {
		interrupted, interrupt := context.WithCancel(ctx)
		interrupt()
		_, _, err := bench.MeasureMetered(interrupted, 1, 1)
		Expect(err).To(MatchError(context.Canceled))
	})

	whole := func() *agent.Outcome {
		return &agent.Outcome{Moved: 7, Trace: &meter.Trace{}, Cost: &meter.Cost{}, IO: &meter.IO{}, Usage: &meter.Rusage{}}
	}
	It("counts only under all three meters", func() {
		Expect(bench.AllMeters(whole(), 7)).To(Succeed())
	})
	DescribeTable("does not count",
		func(change func(*agent.Outcome), why string) {
			outcome := whole()
			change(outcome)
			Expect(bench.AllMeters(outcome, 7)).To(MatchError(ContainSubstring(why)))
		},
		Entry("when bytes are missing", func(o *agent.Outcome) { o.Moved = 6 }, "6 of 7 bytes"),
		Entry("when it fails", func(o *agent.Outcome) { o.Errno = unix.EPIPE }, "broken pipe"),
		Entry("when the trace is missing", func(o *agent.Outcome) { o.Trace, o.TraceMissing = nil, errors.New("no ptrace") }, "no ptrace"),
		Entry("when the accounting is missing", func(o *agent.Outcome) { o.IO, o.IOMissing = nil, errors.New("no /proc") }, "no /proc"),
		Entry("when the resource usage is missing", func(o *agent.Outcome) { o.Usage, o.UsageMissing = nil, errors.New("no getrusage") }, "no getrusage"),
		Entry("when the resource usage is missing without a reason", func(o *agent.Outcome) { o.Usage = nil }, "a meter was off"),
		Entry("when the trace is missing without a reason", func(o *agent.Outcome) { o.Trace = nil }, "a meter was off"),
		Entry("when the accounting is missing without a reason", func(o *agent.Outcome) { o.IO = nil }, "a meter was off"),
	)
})
