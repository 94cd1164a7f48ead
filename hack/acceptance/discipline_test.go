package acceptance_test

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
)

// listed is a file of known deviations with these lines.
func listed(lines string) string {
	GinkgoHelper()
	path := filepath.Join(GinkgoT().TempDir(), "deviations")
	Expect(os.WriteFile(path, []byte(lines), 0o644)).To(Succeed())
	return "ZC_DEVIATIONS=" + path
}

var _ = Describe("A list of deviations", func() {
	// oneShort runs the suites on a method that always delivers a byte less.
	oneShort := func(variables ...string) *run {
		GinkgoHelper()
		variables = append(variables, "ZC_METHODS=one-short", "ZC_SINKS=unix-stream", "ZC_SOURCES=memfd")
		return suiteRun(outsiders("./sabotage"), variables...).with("--ginkgo.label-filter=INTEGRITY-RANGE").do()
	}

	It("makes what it names no failure, and shows it with the reason", func() {
		Expect(oneShort().code()).NotTo(BeZero())
		r := oneShort(listed("# known\n\nINTEGRITY-RANGE   its last byte is lost\n"))
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.cases("")).To(HaveLen(1))
		Expect(r.cases("")[0].Verdict).To(Equal(report.Deviation))
		Expect(r.output()).To(MatchRegexp(`known deviations(?s:.*)INTEGRITY-RANGE: its last byte is lost; owed: 0 bytes of the source from offset 0 on, seen: the method reports 1 bytes`))
	})

	It("does not excuse what it does not name", func() {
		Expect(oneShort(listed("INTEGRITY-COLD it is cold\n")).code()).NotTo(BeZero())
	})

	It("is red when what it names is kept everywhere: its lines have to go", func() {
		r := wideRun(suite("textbook"), listed("TEXTBOOK-SENDFILE it never was\n")).do()
		if r.cases("TEXTBOOK-SENDFILE")[0].Verdict == report.NotChecked {
			Skip("not-checked: " + r.cases("TEXTBOOK-SENDFILE")[0].NotChecked)
		}
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring("ZC_DEVIATIONS lists TEXTBOOK-SENDFILE, which this kernel meets: take the line away"))
	})

	It("says nothing of what a narrowed run has seen kept: the rest may deviate", func() {
		r := suiteRun(suite("textbook"), listed("TEXTBOOK-SENDFILE it never was\n")).with("--ginkgo.label-filter=TEXTBOOK-SENDFILE").do()
		Expect(r.output()).NotTo(ContainSubstring("take the line away"))
	})

	DescribeTable("that cannot be read is refused, with the file, the line, and what is valid:", func(lines string, says ...string) {
		variable := listed(lines)
		r := suiteRun(suite("cost"), variable).do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.reports()).To(BeEmpty(), "specs were run")
		for _, text := range append(says, "a line is a requirement's ID, a blank, and the reason why it is not met") {
			Expect(r.output()).To(ContainSubstring(text))
		}
	},
		Entry("no reason", "# one\nCOST-CALLS\n", `deviations:2: "COST-CALLS" gives no reason`),
		Entry("an unknown requirement", "COST-CALS too many\n", `deviations:1: "COST-CALS too many" names no requirement; there are: COST-ACCOUNTING, COST-CALLS, COST-FAULTS`),
		Entry("an unknown family", "NO-SUCH thing\n", "names no requirement; `make requirements` lists all"),
		Entry("one twice", "COST-CALLS one\nCOST-CALLS two\n", `deviations:2: "COST-CALLS two" names a requirement for the second time`),
		Entry("another suite's is known", "SENDFILE-OFFSET one\nSENDFILE-OFFSET two\n", `deviations:2: "SENDFILE-OFFSET two" names a requirement for the second time`),
	)

	It("that is not there is refused", func() {
		r := suiteRun(suite("cost"), "ZC_DEVIATIONS=/no/such/file").do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring("ZC_DEVIATIONS: open /no/such/file: no such file or directory"))
	})
})

var _ = Describe("What must be checked", func() {
	noNetwork := keeper.Machine{Settings: map[string]string{"user/max_user_namespaces": "0", "user/max_net_namespaces": "0"}}
	over := func(kinds string) task {
		return suiteRun(suite("integrity"), of(kinds, "ZC_METHODS=sendfile", "ZC_SINKS=pipe,veth-sg", "ZC_SOURCES=memfd")...).on(noNetwork)
	}

	It("and cannot be is a failure that says why, and what would let it be checked", func() {
		Expect(over("ZC_REQUIRE=").do().code()).To(BeZero())
		r := over("ZC_REQUIRE=trace,network").do()
		Expect(r.code()).NotTo(BeZero())
		for _, j := range r.cases("") {
			if j.Sink == "veth-sg" {
				Expect(j.Verdict).To(Equal(report.Fail), "%v", j)
				Expect(j.Text).To(And(ContainSubstring("owed:   it is checked (ZC_REQUIRE=network)"), ContainSubstring("to have it checked: "), ContainSubstring("again:  ")))
			} else {
				Expect(j.Verdict).To(Equal(report.Pass), "%v", j)
			}
		}
	})

	It("can be everything", func() {
		Expect(over("ZC_REQUIRE=all").do().code()).NotTo(BeZero())
	})

	It("does not concern what can be checked", func() {
		Expect(over("ZC_REQUIRE=disk,trace").do().code()).To(BeZero())
	})

	It("of a kind that does not exist is refused", func() {
		r := over("ZC_REQUIRE=network,moon").do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.reports()).To(BeEmpty())
		Expect(r.output()).To(ContainSubstring(`ZC_REQUIRE names "moon", which does not exist; there are: network, disk, `))
	})
})

var _ = Describe("Under a filter like Docker's", func() {
	docker := keeper.Machine{
		Refused:  []uint32{unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_PERF_EVENT_OPEN},
		Families: []uint32{unix.AF_ALG, unix.AF_VSOCK},
	}

	for _, name := range suites {
		It("what it denies is not checked for that reason, and all else is judged as before, in "+name, func() {
			t := suiteRun(suite(name), "ZC_METHODS=read+write,sendfile,uring-splice,uring-send-zc", "ZC_SINKS=unix-stream,tcp,vsock,veth-sg")
			plain, poor := t.do(), t.on(docker).do()
			Expect(poor.code()).To(BeZero(), poor.output())
			known := byPlace(plain)
			for _, j := range poor.cases("") {
				switch was := known[place(j)]; {
				case !denied(j):
					Expect(j.Verdict).To(Equal(was.Verdict), "%v; before: %v", j, was)
				case was.Verdict == report.Pass, was.Verdict == report.NotRequired:
					Expect(j.Verdict).To(Equal(report.NotChecked), "%v", j)
					Expect(j.NotChecked).To(ContainSubstring("denied by a filter"), "%v", j)
				}
			}
		})
	}
})

var _ = DescribeTable("Under a filter that denies an interface, what uses it is not checked for that reason, and nothing fails:", func(call string, number uint32) {
	r := suiteRun(suite("contract")).on(keeper.Machine{Refused: []uint32{number}}).do()
	Expect(r.code()).To(BeZero(), r.output())
	Expect(r.cases("")).To(ContainElement(HaveField("NotChecked", ContainSubstring(call+" answers EPERM"))))
},
	// Docker's filter, above, has io_uring.
	Entry(nil, "sendfile", uint32(unix.SYS_SENDFILE)),
	Entry(nil, "splice", uint32(unix.SYS_SPLICE)),
	Entry(nil, "tee", uint32(unix.SYS_TEE)),
	Entry(nil, "vmsplice", uint32(unix.SYS_VMSPLICE)),
	Entry(nil, "copy_file_range", uint32(unix.SYS_COPY_FILE_RANGE)),
	Entry(nil, "preadv2", uint32(unix.SYS_PREADV2)),
)

var _ = Describe("Under a filter that denies all ways to move bytes within the kernel", func() {
	for _, name := range suites {
		if name == "contract" || name == "textbook" {
			continue // above; and a table of which nothing can be measured
		}
		It("methods that use them are not checked for that reason, and nothing fails, in "+name, func() {
			denied := []uint32{unix.SYS_SENDFILE, unix.SYS_SPLICE, unix.SYS_TEE, unix.SYS_VMSPLICE, unix.SYS_COPY_FILE_RANGE, unix.SYS_PREADV2, unix.SYS_IO_URING_SETUP}
			methods := "ZC_METHODS=read+write,nowait+write,sendfile,splice,tee,vmsplice,copy_file_range,uring-splice,go-copy-tcp,go-copy-file,go-write-to"
			r := suiteRun(suite(name), methods, "ZC_SINKS=tcp,unix-stream,pipe,file", "ZC_SOURCES=tmp").on(keeper.Machine{Refused: denied}).do()
			Expect(r.code()).To(BeZero(), r.output())
			Expect(r.cases("")).To(ContainElement(And(HaveField("Method", "go-copy-tcp"), HaveField("NotChecked", ContainSubstring("denied by a filter")))))
		})
	}
})

// denied says whether a case stands on what that filter denies.
func denied(j judged) bool {
	return oneOf(j.Sink, "vsock") || oneOf(j.Method, "uring-splice", "uring-send-zc") || oneOf(j.Interface, "io_uring", "AF_ALG") ||
		oneOf(j.Requirement.ID, "COPIES-GATHER-DRIVER", "ACCOUNTING-IO-URING")
}
