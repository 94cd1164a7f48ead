package acceptance_test

import (
	"fmt"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
)

var _ = Describe("A method of an outsider's that does not keep its claim", func() {
	// sabotage runs one method of the outsider's on some requirements and returns the cases.
	sabotage := func(method, label string, variables ...string) (*run, []judged) {
		GinkgoHelper()
		r := suiteRun(outsiders("./sabotage"), append([]string{"ZC_METHODS=" + method}, variables...)...).with("--ginkgo.label-filter=" + label).do()
		return r, r.cases("")
	}
	// fails are the texts of the cases, all of which fail.
	fails := func(method, label string, variables ...string) []string {
		GinkgoHelper()
		r, cases := sabotage(method, label, variables...)
		Expect(r.code()).NotTo(BeZero())
		Expect(cases).NotTo(BeEmpty())
		var texts []string
		for _, j := range cases {
			Expect(j.Verdict).To(Equal(report.Fail), "%v", j)
			Expect(j.Text).To(MatchRegexp(`(?s)^` + j.Requirement.ID + `: .+\n  owed:   .+\n  seen:   .+\n  where:  ` + method + ` from .+\n  again:  .+$`))
			texts = append(texts, j.Text)
		}
		return texts
	}

	It("and copies where it claims to share is caught by its calls, at the user boundary, and by whose pages arrive", func() {
		memfd := "ZC_SOURCES=memfd"
		Expect(fails("copying", "COST-CALLS", memfd)).To(HaveEach(And(
			ContainSubstring("owed:   calls map[sendfile:1]"), ContainSubstring("seen:   calls map[read:1 write:1]"))))
		Expect(fails("copying", "COPIES-USER", memfd)).To(HaveEach(And(
			ContainSubstring("owed:   0 copies of each byte across the user boundary"), ContainSubstring("seen:   2, calls map[read:1 write:1]"))))
		owed := "COPIES-SHARED-UNIX-STREAM || COPIES-SHARED-TCP || COPIES-SHARED-TCP6 || COPIES-SHARED-VETH-SG || COPIES-GATHER"
		Expect(fails("copying", owed, memfd, "ZC_SINKS=unix-stream,tcp,tcp6,veth-sg")).To(And(HaveLen(5), HaveEach(And(
			MatchRegexp(`owed:   shared`), MatchRegexp(`seen:   copied(: 0 pages shared, 8 copied| and copied)`)))))
	})

	It("and delivers a byte less is caught with the count", func() {
		Expect(fails("one-short", "INTEGRITY-RANGE", "ZC_SOURCES=memfd", "ZC_SIZES=10000", "ZC_OFFSETS=3000", "ZC_SINKS=pipe,tcp,file")).To(HaveEach(And(
			ContainSubstring("owed:   7000 bytes of the source from offset 3000 on"), MatchRegexp(`seen:   .*\b6999\b`))))
	})

	It("and delivers a byte less is caught over UDP, too, when what is missing has had its time", slow, func() {
		Expect(fails("one-short", "INTEGRITY-RANGE", "ZC_SOURCES=memfd", "ZC_SIZES=10000", "ZC_OFFSETS=3000", "ZC_SINKS=udp")).To(HaveEach(
			MatchRegexp(`seen:   .*\b6999\b`)))
	})

	It("and takes the wrong page is caught with the offset that the bytes are from", func() {
		Expect(fails("page-shifted", "INTEGRITY-RANGE", "ZC_SOURCES=memfd", "ZC_SIZES=20000", "ZC_OFFSETS=100", "ZC_SINKS=pipe,tcp,file")).To(HaveEach(
			ContainSubstring(fmt.Sprintf("seen:   byte 0: owed payload offset 100, holds payload offset %d ", 100+os.Getpagesize()))))
	})

	DescribeTable("and crashes is caught with the signal, and those after it are judged all the same,",
		func(method, signal string) {
			r, cases := sabotage(method+",sendfile", "INTEGRITY-RANGE || COST-CALLS || COPIES-USER", "ZC_SOURCES=memfd", "ZC_SINKS=pipe,veth-sg", "ZC_SIZES=4097", "ZC_OFFSETS=0")
			Expect(r.code()).NotTo(BeZero())
			Expect(cases).To(HaveLen(12))
			for _, j := range cases {
				if j.Method == "sendfile" {
					Expect(j.Verdict).To(Equal(report.Pass), "%v", j)
				} else {
					Expect(j.Verdict).To(Equal(report.Fail), "%v", j)
					Expect(j.Text).To(And(ContainSubstring("the agent crashed: "), ContainSubstring(signal)))
				}
			}
		},
		Entry("by SIGSEGV", "segv", "SIGSEGV"),
		Entry("by SIGBUS", "bus", "SIGBUS"),
	)

	DescribeTable("and hangs is caught after the deadline, with the call that it hangs in,", slow,
		func(requirement string) {
			Expect(fails("hanging", requirement, "ZC_SOURCES=memfd", "ZC_SINKS=unix-stream", "ZC_SIZES=1", "ZC_OFFSETS=0")).To(And(HaveLen(1), HaveEach(
				MatchRegexp(`seen:   the transfer hung: in read\b.* for 20s`))))
		},
		Entry("under trace", "COST-ACCOUNTING"),
		Entry("without", "INTEGRITY-RANGE"),
	)

	It("and keeps a descriptor of its source open is caught by its calls", func() {
		Expect(fails("leaking-source", "COST-CALLS", "ZC_SOURCES=memfd", "ZC_SINKS=pipe")).To(HaveEach(ContainSubstring("dup:1")))
	})

	It("and keeps a descriptor open that is not the transfer's is caught by its calls, too", func() {
		Expect(fails("leaking", "COST-CALLS", "ZC_SOURCES=memfd", "ZC_SINKS=pipe")).To(HaveEach(ContainSubstring("openat:1")))
	})
})
