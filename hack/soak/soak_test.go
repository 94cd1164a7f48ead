package main_test

import (
	"os"
	"regexp"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	main "zerocopy-conformance/hack/soak"
	"zerocopy-conformance/hack/soak/adversity"
)

var _ = Describe("The command", func() {
	DescribeTable("refuses bad input, and says what is valid:", func(says string, arguments ...string) {
		session := soak(nil, arguments...)
		Expect(session).To(gexec.Exit(2))
		Expect(session.Err.Contents()).To(ContainSubstring(says))
	},
		Entry("a time that is none", `-for="abc" is no time that a soak may take: such as 90s, 20m or 1h`, "-for=abc"),
		Entry("no time", `-for="0" is no time`, "-for=0"),
		Entry("a time before", `-for="-1m" is no time`, "-for=-1m"),
		Entry("a suite that is not there", `there is no suite "csot"; there are: textbook, safety, cost, contract, copies, integrity`, "-suites=csot"),
		Entry("a condition that is not there", `there is no condition "cald"; there are: plain, parallel, race, `, "-conditions=load+cald"),
		Entry("conditions that exclude each other", "load and idle cannot be posed together", "-conditions=load+idle"),
		Entry("no run at a time", "-at-once must be positive", "-at-once=0"),
		Entry("words", `["now"] is more than flags`, "now"),
		Entry("an unknown flag", "flag provided but not defined: -seeds", "-seeds=1"),
	)

	It("lists the conditions", func() {
		session := soak(nil, "-list")
		Expect(session).To(gexec.Exit(0))
		for _, c := range adversity.All {
			Expect(string(session.Out.Contents())).To(MatchRegexp(`(?m)^` + regexp.QuoteMeta(c.Name) + ` +` + regexp.QuoteMeta(c.Says) + `$`))
		}
	})
})

var _ = Describe("A soak", func() {
	// of runs a suite of this test's own, once under each of the conditions that can be had.
	of := func(what string, conditions string, arguments ...string) *gexec.Session {
		GinkgoHelper()
		return soak([]string{"OWN=" + what}, append([]string{"-program=" + own, "-conditions=" + conditions, "-seed=7", "-at-once=1"}, arguments...)...)
	}

	It("of one suite of the kit's under one condition is green, and quiet where nobody watches", func() {
		session := soak(nil, "-for=1ms", "-suites=textbook", "-conditions=parallel", "-seed=7", "-at-once=1")
		Expect(session).To(gexec.Exit(0))
		Expect(string(session.Out.Contents())).To(MatchRegexp(`(?m)^parallel +1 +\d+ +\d+ +0 +0 `))
		Expect(string(session.Err.Contents())).To(Equal("soak: for 1ms, 1 at a time, seed 7\n"))
	})

	It("poses every condition that this machine allows, and says of each other why it does not", func() {
		for _, c := range adversity.All {
			// What is built with the race detector is the kit's own.
			if c.Name == "race" {
				continue
			}
			session := of("", c.Name, "-runs=1")
			if why := (adversity.Set{c}).Missing(); why != nil {
				Expect(session).To(gexec.Exit(1), "nothing was run")
				Expect(string(session.Out.Contents())).To(And(ContainSubstring("not posed: "+c.Name+": "+why.Error()), Not(MatchRegexp(`(?m)^`+c.Name+` `))))
			} else {
				Expect(session).To(gexec.Exit(0), "%s: %s", c.Name, session.Out.Contents())
				Expect(string(session.Out.Contents())).To(MatchRegexp(`(?m)^` + c.Name + ` +1 `))
			}
		}
	})

	It("takes what a run has read out of the page cache, and never the end of a pipe", func() {
		conditions, err := adversity.Parse("evicted+tmp-on-disk")
		Expect(err).NotTo(HaveOccurred())
		if why := conditions.Missing(); why != nil {
			Skip("not-checked: " + why.Error())
		}
		session := of("evicted", conditions.String(), "-runs=1")
		Expect(session).To(gexec.Exit(0), "%s", session.Out.Contents())
	})

	DescribeTable("is red, with what repeats it, when a run", func(what, says string) {
		session := of(what, "plain", "-runs=1")
		Expect(session).To(gexec.Exit(1))
		Expect(string(session.Out.Contents())).To(And(MatchRegexp(says),
			ContainSubstring("to repeat the run: go run ./hack/soak -runs=1 -program="+own+" -conditions=plain -seed=7\n")))
	},
		Entry("fails", "fails", `• .*does what it is told: failed: this spec fails`),
		Entry("leaves a file", "litters", `left: file .*/litter`),
		Entry("leaves a process", "leaves", `left: process sleep 1000`),
		Entry("ends without a report", "exits", `it ended with exit code 3 and 0 reports`),
	)

	Describe("that ends a run by a signal", func() {
		It("is green when the run is red, says so in its report, and leaves nothing", func() {
			for _, name := range []string{"sigint", "sigterm", "sigint+parallel", "sigterm+parallel"} {
				session := of("waits", name, "-runs=1", "-after=1500ms")
				Expect(session).To(gexec.Exit(0), "%s: %s", name, session.Out.Contents())
				Expect(string(session.Out.Contents())).To(MatchRegexp(`(?m)^all +1 .* the slowest end took \d+\.\d s\n`))
			}
		})

		It("is green when a SIGKILL leaves nothing", func() {
			Expect(of("ignores", "sigkill", "-runs=1", "-after=1s")).To(gexec.Exit(0))
		})

		It("counts a run that was over before", func() {
			session := of("", "sigkill", "-runs=1", "-after=1h")
			Expect(session).To(gexec.Exit(0))
			Expect(string(session.Out.Contents())).To(ContainSubstring("1 over before"))
		})

		It("counts a run that was over, and was writing its report, as one that was over before", func() {
			const half = `[{"SuitePath": "/`
			result, err := main.Judged(GinkgoT().TempDir(), "[INTERRUPTED] [ReportAfterSuite] Autogenerated ReportAfterSuite for --json-report\n", half)
			Expect(err).NotTo(HaveOccurred())
			Expect(result.Reds).To(BeEmpty())
			Expect(result.Late).To(BeTrue())
			result, err = main.Judged(GinkgoT().TempDir(), "[INTERRUPTED] [It] does what it is told\n", half)
			Expect(err).NotTo(HaveOccurred())
			Expect(result.Reds).To(ConsistOf(ContainSubstring("its report: unexpected end of JSON input")))
		})

		It("counts a run that had not begun", func() {
			session := of("", "sigint", "-runs=1", "-after=0s")
			Expect(session).To(gexec.Exit(0))
			Expect(string(session.Out.Contents())).To(MatchRegexp("1 (before the suite began|over before)|slowest end"))
		})
	})

	It("that is interrupted ends its run, which does not count, and leaves nothing", func() {
		session, temp := start([]string{"OWN=waits"}, "-program="+own, "-conditions=load", "-at-once=1", "-for=1h")
		Eventually(func() []string { return runs(temp) }).WithTimeout(patience).WithPolling(10 * time.Millisecond).ShouldNot(BeEmpty())
		session.Signal(syscall.SIGINT)
		Eventually(session).WithTimeout(patience).Should(gexec.Exit(1))
		Expect(string(session.Out.Contents())).To(And(HavePrefix("condition "), Not(ContainSubstring("\nload "))))
		Expect(string(session.Err.Contents())).To(ContainSubstring("it was interrupted"))
		Expect(os.ReadDir(temp)).To(BeEmpty())
	})
})
