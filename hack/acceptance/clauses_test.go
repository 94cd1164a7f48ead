package acceptance_test

import (
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/contract"
)

// ofClauses are the suites of which no name tells what of the machine a case needs: what is not checked says it.
var ofClauses = []string{"contract", "safety"}

func notChecked(j judged) bool { return j.Verdict == report.NotChecked }

var _ = Describe("Clauses", func() {
	for _, name := range ofClauses {
		Describe("of "+name, func() {
			clauses := func() task {
				return suiteRun(suite(name), "ZC_METHODS=read+write,sendfile", "ZC_SOURCES=tmp,memfd", "ZC_SINKS=unix-stream,file")
			}

			It("are judged the same with 32 descriptors", func() {
				plain, poor := clauses().do(), clauses().under("ulimit -n 32").do()
				Expect(poor.code()).To(BeZero(), poor.output())
				Expect(differences(plain, poor)).To(BeEmpty())
			})

			It("are not failed for want of a /proc", func() {
				expectOnly(clauses(), keeper.Machine{Covered: []keeper.Cover{{Folder: "/proc"}}}, "", "proc", notChecked)
			})

			DescribeTable("are not failed for a TMPDIR", func(reason, remedy string, covered keeper.Cover) {
				t := clauses()
				t.temp = GinkgoT().TempDir()
				covered.Folder = t.temp
				expectOnly(t, keeper.Machine{Covered: []keeper.Cover{covered}}, reason, remedy, notChecked)
			},
				Entry("that is full", "no space left on device", "free some space, or set TMPDIR to a folder that has it", keeper.Cover{Full: true}),
				Entry("that is read-only", "read-only file system", "set TMPDIR to a folder that can be written", keeper.Cover{ReadOnly: true}),
			)
		})
	}

	It("raise a limit that they have lowered, also where they fail under it: the next is checked in the same process", func() {
		var before, after unix.Rlimit
		Expect(unix.Getrlimit(unix.RLIMIT_FSIZE, &before)).To(Succeed())
		ended := make(chan struct{})
		go func() {
			// Signals are blocked for one thread.
			runtime.LockOSThread()
			defer close(ended)
			t := &contract.T{}
			t.Limit(before.Cur/2, func() { t.Deviates("one thing", "another") })
		}()
		<-ended
		Expect(unix.Getrlimit(unix.RLIMIT_FSIZE, &after)).To(Succeed())
		Expect(after).To(Equal(before))
	})
})
