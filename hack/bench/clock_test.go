package bench_test

import (
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/bench"
)

var _ = Describe("The clock", func() {
	own := func() time.Duration {
		var now unix.Timespec
		Expect(unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now)).To(Succeed())
		return time.Duration(now.Nano())
	}

	It("reads this process's own as clock_gettime(2) does", func() {
		before := own()
		read, err := bench.ProcessorTime(os.Getpid())
		after := own()
		Expect(err).NotTo(HaveOccurred())
		Expect(read).To(And(BeNumerically(">=", before), BeNumerically("<=", after)))
	})

	It("counts what is used between its start and its stop", func() {
		var used time.Duration
		before := own()
		elapsed, err := bench.Elapsed(0, func() {
			for began := own(); used < 2*time.Millisecond; used = own() - began {
			}
		})
		after := own()
		Expect(err).NotTo(HaveOccurred())
		Expect(elapsed).To(And(BeNumerically(">=", used), BeNumerically("<=", after-before)))
	})

	It("adds up the processes, and says when one is gone", func() {
		Expect(bench.ProcessorTime()).To(BeZero())
		Expect(bench.ProcessorTime(0)).To(BeZero())
		one, err := bench.ProcessorTime(os.Getpid())
		Expect(err).NotTo(HaveOccurred())
		two, err := bench.ProcessorTime(os.Getpid(), os.Getpid())
		Expect(err).NotTo(HaveOccurred())
		Expect(two).To(BeNumerically(">=", 2*one))
		// No process has so high a number (proc_sys_kernel(5), pid_max).
		_, err = bench.Elapsed(1<<22+1, func() {})
		Expect(err).To(HaveOccurred())
	})
})
