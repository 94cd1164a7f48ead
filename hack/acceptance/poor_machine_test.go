package acceptance_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
)

// narrow keeps runs short: one method that shares and one that copies, and every sink.
var narrow = []string{"ZC_METHODS=read+write,sendfile", "ZC_SIZES=0,4097", "ZC_OFFSETS=0,4096"}

// place names a case.
func place(j judged) string {
	return strings.Join(strings.Fields(strings.Join([]string{j.Requirement.ID, j.Place, j.Method, j.Source, j.Sink}, " ")), " ")
}

// byPlace are a run's cases.
func byPlace(r *run) map[string]judged {
	GinkgoHelper()
	all := map[string]judged{}
	for _, j := range r.cases("") {
		all[place(j)] = j
	}
	return all
}

// differences are the cases of the second run that were judged in another way than in the first.
func differences(first, second *run) (all []string) {
	GinkgoHelper()
	known, found := byPlace(first), byPlace(second)
	Expect(known).NotTo(BeEmpty())
	for at, then := range found {
		if was := known[at]; was.Verdict != then.Verdict {
			all = append(all, fmt.Sprintf("%s: %s %s, and then %s %s", at, was.Verdict, was.Text, then.Verdict, then.Text))
		}
	}
	for at := range known {
		if _, there := found[at]; !there {
			all = append(all, at+": not run")
		}
	}
	slices.Sort(all)
	return all
}

// expectOnly runs a suite on a poor keeper.Machine and on this one: what is affected is not-checked, with a reason and a
// remedy, and the rest is judged just the same.
func expectOnly(t task, m keeper.Machine, reason, remedy string, affected func(judged) bool) *run {
	GinkgoHelper()
	// A room of its own makes a machine poorer, too: it is not what is compared.
	t.room = m.NeedsRoom()
	poor := t.on(m).do()
	t.temp = ""
	plain := t.do()
	known := byPlace(plain)
	Expect(poor.cases("")).To(HaveLen(len(known)))
	struck := 0
	for _, j := range poor.cases("") {
		if known[place(j)].Verdict != report.NotChecked && affected(j) {
			struck++
			Expect(j.Verdict).To(Equal(report.NotChecked), "%v", j)
			Expect(j.NotChecked).To(MatchRegexp(`(?s)^.+ is not available: .*%s.* \(to have it checked: .*%s.*\)$`, reason, remedy))
			Expect(poor.output()).To(ContainSubstring("× "+j.NotChecked), "the summary lacks it")
		} else {
			Expect(j.Verdict).To(Equal(known[place(j)].Verdict), "%v; before: %v", j, known[place(j)])
		}
	}
	Expect(struck).NotTo(BeZero())
	Expect(plain.code()).To(BeZero(), plain.output())
	if struck < len(known) {
		Expect(poor.code()).To(BeZero(), poor.output())
	} else {
		Expect(poor.code()).NotTo(BeZero())
		Expect(poor.output()).To(ContainSubstring("nothing was checked"))
	}
	return poor
}

func of(variables ...string) []string { return append(slices.Clone(narrow), variables...) }

func oneOf(word string, words ...string) bool { return slices.Contains(words, word) }

var networks = []string{"veth-sg", "veth-nosg"}

var _ = Describe("With few descriptors", func() {
	for _, name := range ofTransfers {
		It("32 of them are enough for "+name, func() {
			t := suiteRun(suite(name), "ZC_METHODS=sendfile", "ZC_SOURCES=memfd,disk")
			plain, poor := t.do(), t.under("ulimit -n 32").do()
			Expect(poor.code()).To(BeZero(), poor.output())
			Expect(differences(plain, poor)).To(BeEmpty())
		})
	}

	for _, limit := range []string{"16", "20", "24", "28"} {
		It("such as "+limit+", what is not checked says so, with the remedy, and nothing fails", func() {
			for _, name := range ofTransfers {
				t := suiteRun(suite(name), "ZC_METHODS=sendfile", "ZC_SOURCES=memfd,disk", "ZC_SIZES=0,1,4097", "ZC_OFFSETS=0,1")
				known := byPlace(t.do())
				r := t.under("ulimit -n " + limit).do()
				checked := 0
				for _, j := range r.cases("") {
					if j.Verdict != report.NotChecked {
						Expect(j.Verdict).To(Equal(known[place(j)].Verdict), "%v; before: %v", j, known[place(j)])
						checked++
					} else if known[place(j)].Verdict != report.NotChecked {
						Expect(j.NotChecked).To(And(ContainSubstring("too many open files"), ContainSubstring("raise the limit: ulimit -n ")), "%v", j)
					}
				}
				Expect(r.code() == 0).To(Equal(checked > 0), "%s: %s", name, r.output())
			}
		})
	}

	It("such as 16, a suite in which nothing can be checked is red", func() {
		for _, name := range ofTransfers {
			r := suiteRun(suite(name), "ZC_METHODS=sendfile", "ZC_SOURCES=memfd").under("ulimit -n 16").do()
			Expect(r.code()).NotTo(BeZero(), name)
			Expect(r.output()).To(ContainSubstring("nothing was checked"), name)
		}
	})
})

var _ = Describe("With little memory that may be locked", func() {
	DescribeTable("what is lent to the kernel, or kept in memory, is not checked, and nothing fails,", func(name, limit string) {
		t := suiteRun(suite(name), "ZC_METHODS=read+write,nowait+write,zerocopy-send,uring-send-zc,uring-splice", "ZC_SINKS=tcp,unix-stream", "ZC_SOURCES=tmp", "ZC_SIZES=0,4097,1048589")
		// The capability to lock any amount ends at the room's door.
		t.room = true
		known := byPlace(t.do())
		r := t.under("ulimit -l " + limit).do()
		Expect(r.code()).To(BeZero(), r.output())
		struck := 0
		for _, j := range r.cases("") {
			if j.Verdict != known[place(j)].Verdict {
				struck++
				Expect(j.Verdict).To(Equal(report.NotChecked), "%v", j)
				Expect(j.NotChecked).To(MatchRegexp(`^locked memory of \d+ bytes is not available: this user may lock \d+ \(RLIMIT_MEMLOCK\) \(to have it checked: ulimit -l \d+, or run it as root\)$`), "%v", j)
			}
		}
		Expect(struck).NotTo(BeZero())
	},
		Entry("as it was by default until 5.16", "integrity", "64"),
		Entry("as it was by default until 5.16", "cost", "64"),
		Entry("and none at all", "copies", "0"),
		Entry("and none at all", "contract", "0"),
	)
})

var _ = Describe("With a TMPDIR", func() {
	// inTemp: the source or the sink is a file in the temp directory.
	inTemp := func(j judged) bool { return j.Source == "tmp" || j.Sink == "file" }

	DescribeTable("what lies in it is not checked, and the rest is judged the same,",
		func(temp func() (string, keeper.Machine), reason, remedy string) {
			for _, name := range []string{"integrity", "cost", "copies"} {
				folder, poor := temp()
				t := suiteRun(suite(name), of("ZC_SOURCES=tmp,memfd,disk", "ZC_SINKS=unix-stream,pipe,file")...)
				t.temp = folder
				expectOnly(t, poor, reason, remedy, inTemp)
			}
		},
		Entry("when it does not exist", func() (string, keeper.Machine) {
			return filepath.Join(GinkgoT().TempDir(), "missing"), keeper.Machine{}
		}, "no such file or directory", "set TMPDIR to a folder that can be written"),
		Entry("when it is read-only", func() (string, keeper.Machine) {
			folder := GinkgoT().TempDir()
			return folder, keeper.Machine{Covered: []keeper.Cover{{Folder: folder, ReadOnly: true}}}
		}, "read-only file system", "set TMPDIR to a folder that can be written"),
		Entry("when it is full", func() (string, keeper.Machine) {
			folder := GinkgoT().TempDir()
			return folder, keeper.Machine{Covered: []keeper.Cover{{Folder: folder, Full: true}}}
		}, "no space left on device", "free some space, or set TMPDIR to a folder that has it"),
	)

	It("on a tmpfs, nothing fails: what its files cannot do is not checked", func() {
		for _, name := range []string{"integrity", "cost", "copies"} {
			folder := GinkgoT().TempDir()
			t := suiteRun(suite(name), "ZC_METHODS=read+write,direct+write,nowait+write,copy_file_range", "ZC_SOURCES=tmp", "ZC_SINKS=unix-stream,file", "ZC_SIZES=0,4097")
			t.temp = folder
			r := t.on(keeper.Machine{Covered: []keeper.Cover{{Folder: folder}}}).do()
			Expect(r.code()).To(BeZero(), r.output())
			for _, j := range r.cases("") {
				Expect(j.Verdict).To(Or(Equal(report.Pass), Equal(report.NotRequired), Equal(report.NotChecked)), "%v", j)
				if j.Verdict == report.NotChecked {
					Expect(j.NotChecked).To(ContainSubstring("declines this source with"), "%v", j)
				}
			}
		}
	})

	It("that does not exist, a suite of nothing else is red", func() {
		for _, name := range []string{"integrity", "cost", "copies"} {
			in := suiteRun(suite(name), of("ZC_SOURCES=tmp", "ZC_SINKS=pipe")...)
			in.temp = filepath.Join(GinkgoT().TempDir(), "missing")
			// COPIES-GATHER has a source of its own, which is in TMPDIR, too.
			r := in.do()
			Expect(r.code()).NotTo(BeZero(), name)
			Expect(r.output()).To(ContainSubstring("nothing was checked"), name)
		}
	})
})

var _ = Describe("Without /proc", func() {
	noProc := keeper.Machine{Covered: []keeper.Cover{{Folder: "/proc"}}}

	It("how much of a direct read no CPU has copied is not checked", func() {
		t := suiteRun(suite("copies"), "ZC_METHODS=read+write,direct+write", "ZC_SOURCES=tmp", "ZC_SINKS=unix-stream")
		expectOnly(t, noProc, "", "/proc", func(j judged) bool {
			return j.Method == "direct+write" && j.Requirement.ID == "COPIES-USER" || strings.HasPrefix(j.Requirement.ID, "COPIES-DISK")
		})
	})

	It("what needs it is not checked, and the rest is judged the same", func() {
		for _, name := range ofTransfers {
			expectOnly(suiteRun(suite(name), narrow...), noProc, "", "/proc", func(j judged) bool {
				switch {
				case j.Source == "memfd", oneOf(j.Sink, networks...), strings.HasPrefix(j.Requirement.ID, "COPIES-DISK"), oneOf(j.Requirement.ID, "COST-ACCOUNTING", "INTEGRITY-INTERRUPTED"):
					return true
				}
				return false
			})
		}
	})

	It("no check of a call that waits hangs, or says that the call does", func() {
		r := suiteRun(suite("contract")).on(noProc).with("--ginkgo.label-filter=SPLICE-WAITS || SPLICE-EINTR").do()
		Expect(r.output()).NotTo(ContainSubstring("hangs"))
		for _, j := range r.cases("") {
			Expect(j.Verdict).To(Equal(report.NotChecked), "%v", j)
		}
	})
})

var _ = Describe("Where namespaces are forbidden", func() {
	// A user namespace in which none can be made is what an ordinary user has on such a machine.
	forbidden := keeper.Machine{Settings: map[string]string{"user/max_user_namespaces": "0", "user/max_net_namespaces": "0"}}

	for _, name := range ofTransfers {
		It("the network is not checked by "+name+", and the rest is judged the same", func() {
			expectOnly(suiteRun(suite(name), narrow...), forbidden, "user.max_net_namespaces is 0", "set sysctl user.max_user_namespaces above 0 and set sysctl user.max_net_namespaces above 1", func(j judged) bool {
				return oneOf(j.Sink, networks...)
			})
		})
	}
})

var _ = Describe("Where the kernel has no vmsplice(2)", func() {
	without := keeper.Machine{Refused: []uint32{unix.SYS_VMSPLICE}}

	DescribeTable("what stands on it is not checked, and nothing else changes", func(name, filter string) {
		t := suiteRun(suite(name), "ZC_METHODS=splice,vmsplice", "ZC_SOURCES=tmp", "ZC_SINKS=pipe,unix-stream").with("--ginkgo.label-filter=" + filter)
		expectOnly(t, without, "vmsplice", "allows vmsplice", func(j judged) bool {
			return j.Method == "vmsplice" || strings.HasPrefix(j.Interface, "vmsplice")
		})
	},
		Entry("of a reader that has gone", "integrity", "INTEGRITY-GONE-READER"),
		Entry("of pages in a pipe", "safety", "SAFETY-PIPE-WRITE || SAFETY-TEE-WRITE || SAFETY-VMSPLICED-WRITE"),
	)
})

var _ = Describe("Where ptrace is forbidden", func() {
	forbidden := keeper.Machine{Refused: []uint32{unix.SYS_PTRACE}}
	reason, remedy := "denied by a filter", "run the kit under a filter that allows ptrace"

	It("integrity is not affected at all", func() {
		plain, poor := suiteRun(suite("integrity"), narrow...).do(), suiteRun(suite("integrity"), narrow...).on(forbidden).do()
		Expect(poor.code()).To(BeZero(), poor.output())
		Expect(differences(plain, poor)).To(BeEmpty())
	})

	It("copies still says what was shared, and what went through the disk and the device", func() {
		expectOnly(suiteRun(suite("copies"), narrow...), forbidden, reason, remedy, func(j judged) bool { return j.Requirement.ID == "COPIES-USER" })
	})

	It("copies says it of methods that prepare something, too", func() {
		t := suiteRun(suite("copies"), "ZC_METHODS=zerocopy-send,uring-splice,splice,direct+write", "ZC_SOURCES=tmp", "ZC_SINKS=tcp,unix-stream,pipe")
		expectOnly(t, forbidden, reason, remedy, func(j judged) bool { return j.Requirement.ID == "COPIES-USER" })
	})

	It("cost has nothing to say, and is red", func() {
		expectOnly(suiteRun(suite("cost"), narrow...), forbidden, reason, remedy, func(judged) bool { return true })
	})

	It("the textbook's table has the cells that need no trace", func() {
		poor := expectOnly(suiteRun(suite("textbook"), narrow...), forbidden, reason, remedy, func(judged) bool { return true })
		Expect(poor.output()).To(MatchRegexp(`read \+ write +\?/4 +\?/4 +\?/2 +2/2 +\? +\?\+\? +not-checked +\?`))
		Expect(poor.output()).To(MatchRegexp(`sendfile, no scatter/gather +\?/2 +\?/3 +\?/1 +2/2 +\? +\?\+\? +not-checked +\?`))
		Expect(poor.output()).To(MatchRegexp(`sendfile, scatter/gather +\?/2 +2/2 +0/0 +2/2 +\? +\?\+\? +not-checked +none`))
	})
})
