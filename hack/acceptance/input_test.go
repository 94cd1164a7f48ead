package acceptance_test

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
)

// refused runs a suite that must not begin, and returns the one line that says why.
func refused(t task, variable string) string {
	GinkgoHelper()
	r := t.do()
	Expect(r.code()).NotTo(BeZero(), r.output())
	Expect(r.reports()).To(BeEmpty(), "specs were run")
	Expect(r.output()).NotTo(ContainSubstring("Running Suite"))
	lines := slices.DeleteFunc(strings.Split(r.output(), "\n"), func(line string) bool { return !strings.Contains(line, variable) })
	Expect(lines).To(HaveLen(1), r.output())
	return lines[0]
}

var _ = Describe("A mistake in a variable", func() {
	DescribeTable("is answered with what was read and what is valid, before any spec is run:",
		func(variable, value, read string, valid ...string) {
			line := refused(suiteRun(suite("integrity"), variable+"="+value), variable)
			Expect(line).To(ContainSubstring(read))
			for _, word := range valid {
				Expect(line).To(ContainSubstring(word))
			}
		},
		Entry("an unknown method", "ZC_METHODS", "sendfile,teleport", `"teleport"`, "read+write, ", "mmap+write, ", "sendfile, "),
		Entry("an unknown sink", "ZC_SINKS", "tcp,ether", `"ether"`, "unix-stream", "udp", "veth-nosg"),
		Entry("an unknown source", "ZC_SOURCES", "tape", `"tape"`, "tmp, tmpfs, memfd, disk"),
		Entry("a size that is no number", "ZC_SIZES", "abc", `"abc"`, "4097, 64k, 1M or 2G"),
		Entry("a negative size", "ZC_SIZES", "4096,-1", `"-1"`, "4097, 64k, 1M or 2G"),
		Entry("a size with an unknown suffix", "ZC_SIZES", "1T", `"1T"`, "4097, 64k, 1M or 2G"),
		Entry("a size that would fill the disk", "ZC_SIZES", "17G", `"17G"`, "at most 16G"),
		Entry("a suffix alone", "ZC_SIZES", "k", `"k"`, "4097, 64k, 1M or 2G"),
		Entry("an offset that is no number", "ZC_OFFSETS", "0,one", `"one"`, "4097, 64k, 1M or 2G"),
		Entry("a chunk of nothing", "ZC_CHUNK", "0", `"0"`, "1 to 1G"),
		Entry("two chunks", "ZC_CHUNK", "1,2", `"1,2"`, "one number of bytes"),
		Entry("a chunk that is too large", "ZC_CHUNK", "2G", `"2G"`, "1 to 1G"),
		Entry("a version that is none", "ZC_OWES", "new", `"new"`, "6.5"),
		Entry("a patience without a unit", "ZC_PATIENCE", "20", `"20"`, "20s or 2m", "1s at least"),
		Entry("a patience in which nothing is done", "ZC_PATIENCE", "1ms", `"1ms"`, "1s at least"),
		Entry("one interface", "ZC_NICS", "eth1", `"eth1"`, "two interfaces are needed, wired to each other", "eth1,eth2"),
		Entry("three interfaces", "ZC_NICS", "eth1,eth2,eth3", `"eth1,eth2,eth3"`, "two interfaces are needed"),
		Entry("an interface without a name", "ZC_NICS", "eth1,", `"eth1,"`, "two interfaces are needed"),
		Entry("one interface, twice", "ZC_NICS", "eth1, eth1", "eth1 is named twice"),
		Entry("an interface that is not there", "ZC_NICS", "no-such,lo", `"no-such"`, "no such network interface", "there are: "),
		Entry("the loopback", "ZC_NICS", "lo,no-such", "lo is the loopback"),
		Entry("a release in the place of a version", "ZC_OWES", "6.1.0-13-amd64", `"6.1.0-13-amd64"`, "2.6.33"),
	)

	It("is answered by every suite, and by an outsider's with the outsider's methods", func() {
		for _, name := range suites {
			Expect(refused(suiteRun(suite(name), "ZC_METHODS=mine"), "ZC_METHODS")).To(ContainSubstring(`"mine"`), name)
		}
		Expect(refused(suiteRun(outsiders("."), "ZC_METHODS=teleport"), "ZC_METHODS")).To(MatchRegexp(`there are: .*\bsendfile, .*, mine$`))
	})
})

var _ = Describe("A label filter", func() {
	filtered := func(filter string) task { return suiteRun(suite("copies")).with("--ginkgo.label-filter=" + filter) }

	DescribeTable("that names what is no spec's label is refused, before any spec is run:",
		func(filter, read string) {
			line := refused(filtered(filter), "--label-filter")
			Expect(line).To(And(ContainSubstring(read), ContainSubstring("make requirements"), ContainSubstring("sendfile, "), ContainSubstring("veth-sg")))
		},
		Entry("a requirement that does not exist", "COPIES-USR", `"COPIES-USR"`),
		Entry("one beside another that does", "COPIES-USER || COPIES-USR", `"COPIES-USR"`),
		Entry("a method that does not exist, denied", "tcp && !teleport", `"teleport"`),
		Entry("in parentheses", "(tcp,ether) && sendfile", `"ether"`),
		Entry("an expression that matches none", "/^TELEPORT-/", `"/^TELEPORT-/"`),
	)

	DescribeTable("selects by all that its labels say:",
		func(filter string, selected func(judged) bool) {
			all := suiteRun(suite("copies"), of("ZC_SOURCES=tmp")...)
			r := all.with("--ginkgo.label-filter=" + filter).do()
			Expect(r.code()).To(BeZero(), r.output())
			owed := 0
			for _, j := range all.do().cases("") {
				if selected(j) {
					owed++
				}
			}
			Expect(owed).NotTo(BeZero())
			Expect(r.cases("")).To(HaveLen(owed))
			for _, j := range r.cases("") {
				Expect(selected(j)).To(BeTrue(), "%v", j)
			}
		},
		Entry("a requirement", "COPIES-USER", func(j judged) bool { return j.Requirement.ID == "COPIES-USER" }),
		Entry("some requirements", "/^COPIES-SHARED-/", func(j judged) bool { return strings.HasPrefix(j.Requirement.ID, "COPIES-SHARED-") }),
		Entry("a method and a sink", "sendfile && !veth-sg", func(j judged) bool { return j.Method == "sendfile" && j.Sink != "veth-sg" }),
		Entry("what it needs of the machine", "network && !root", func(j judged) bool { return oneOf(j.Sink, networks...) && j.Requirement.ID != "COPIES-GATHER-DRIVER" }),
	)
})

var _ = Describe("A selection", func() {
	It("of nothing is red, and says so, in every suite", func() {
		for _, name := range suites {
			// Each of these is some spec's label, and no spec has both.
			r := suiteRun(suite(name)).with("--ginkgo.label-filter=COST-CALLS && TEE-RING").do()
			Expect(r.code()).NotTo(BeZero(), name)
			Expect(r.output()).To(ContainSubstring("nothing was checked"), name)
			Expect(r.cases("")).To(BeEmpty(), name)
		}
	})

	It("of the textbook's table that leaves out all of its rows is red, too", func() {
		r := suiteRun(suite("textbook"), "ZC_SINKS=pipe").do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring("nothing was checked"))
	})

	It("by names is what is run, and nothing else", func() {
		r := suiteRun(suite("integrity"), "ZC_METHODS= sendfile ,read+write", "ZC_SINKS=pipe", "ZC_SOURCES=memfd,tmp").do()
		Expect(r.code()).To(BeZero(), r.output())
		var places []string
		for _, c := range r.cases("INTEGRITY-RANGE") {
			places = append(places, c.Method+" "+c.Source+" "+c.Sink)
		}
		Expect(places).To(ConsistOf("sendfile memfd pipe", "sendfile tmp pipe", "read+write memfd pipe", "read+write tmp pipe"))
	})

	It("of one size and one offset makes one transfer of each case, of those very bytes", func() {
		one := []string{"ZC_SIZES=5000", "ZC_OFFSETS=7", "ZC_SINKS=unix-stream,udp"}
		r := suiteRun(suite("integrity"), one...).with("--ginkgo.label-filter=INTEGRITY-RANGE||INTEGRITY-COLD").do()
		Expect(r.code()).To(BeZero(), r.output())
		cases := r.cases("")
		Expect(cases).NotTo(BeEmpty())
		for _, c := range cases {
			if c.Verdict != report.NotChecked {
				Expect(c.Transfers).To(Equal(1), "%v", c)
				Expect(c.Reproduce).To(ContainSubstring("ZC_SIZES=5000 ZC_OFFSETS=7 "))
			}
		}
		// A method that fails tells which transfer that was.
		wrong := suiteRun(outsiders("./sabotage"), append(one, "ZC_METHODS=one-short", "ZC_SOURCES=memfd")...).with("--ginkgo.label-filter=INTEGRITY-RANGE && unix-stream").do()
		Expect(wrong.code()).NotTo(BeZero())
		Expect(wrong.cases("")).To(HaveLen(1))
		Expect(wrong.cases("")[0].Text).To(ContainSubstring("4994 bytes from offset 7 of a source of 5000"))
	})
})

var _ = Describe("What a kernel owes", func() {
	// verdicts counts those of a method that always delivers a byte less.
	verdicts := func(variables ...string) (*run, map[report.Verdict]int) {
		GinkgoHelper()
		variables = append(variables, "ZC_METHODS=one-short", "ZC_SINKS=unix-stream", "ZC_SOURCES=memfd")
		r := suiteRun(outsiders("./sabotage"), variables...).with("--ginkgo.label-filter=INTEGRITY-RANGE||COST-CALLS").do()
		counts := map[report.Verdict]int{}
		for _, c := range r.cases("") {
			counts[c.Verdict]++
		}
		return r, counts
	}

	It("is less on an old one: a deviation is then not-required, and recorded", func() {
		r, counts := verdicts("ZC_OWES=2.6.20")
		Expect(r.code()).To(BeZero(), r.output())
		Expect(counts).To(Equal(map[report.Verdict]int{report.NotRequired: 2}))
		for _, c := range r.cases("") {
			Expect(c.NotRequired).To(And(ContainSubstring("owed since Linux 2.6.33, and this kernel is held to 2.6.20"), ContainSubstring("seen: ")))
		}
	})

	It("is more on a new one: the same deviation is a failure", func() {
		r, counts := verdicts("ZC_OWES=7.3")
		Expect(r.code()).NotTo(BeZero())
		Expect(counts).To(Equal(map[report.Verdict]int{report.Fail: 2}))
	})
})
