package tally_test

import (
	"bytes"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/soak/tally"
)

func TestTally(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/soak/tally")
}

var _ = Describe("A tally", func() {
	printed := func(t *tally.Tally) string {
		GinkgoHelper()
		var out bytes.Buffer
		Expect(t.Print(&out, []string{"load", "cold", "sigint"})).To(Succeed())
		return out.String()
	}

	It("has a row for each condition that was posed, in which a run counts that was under others, too, and each run once in all", func() {
		t := &tally.Tally{}
		t.Add(tally.Result{Suite: "cost", Specs: 10, Seconds: 1, PeakBytes: 50 << 20, NotChecked: map[string]int{"no disk": 2}})
		t.Add(tally.Result{Suite: "cost", Conditions: []string{"load", "cold"}, Specs: 8, Seconds: 3, PeakBytes: 70 << 20, NotChecked: map[string]int{"no disk": 2, "no room": 2}})
		t.Add(tally.Result{Suite: "copies", Conditions: []string{"cold"}, Specs: 5, Seconds: 5})
		Expect(printed(t)).To(HavePrefix(`condition  runs  specs  not checked  red  left  s/run  MiB  note
plain      1     10     2            0    0     1.0    50   
load       1     8      4            0    0     3.0    70   
cold       2     13     4            0    0     4.0    70   
all        3     23     6            0    0     3.0    70   

the soak itself: 0 descriptors, then 0; 0 MiB resident, then 0
cost, plain: 50 MiB in its first run, 50 in its last, at most 50

not checked, of 2 specs, under load+cold: no room
`))
		Expect(t.Red()).To(BeFalse())
	})

	It("tells what the machine as it is lets be checked in some runs only", func() {
		t := &tally.Tally{}
		for _, suite := range []string{"cost", "copies"} {
			t.Add(tally.Result{Suite: suite, NotChecked: map[string]int{"no disk": 2}})
			t.Add(tally.Result{Suite: suite, NotChecked: map[string]int{"no disk": 2}})
		}
		Expect(printed(t)).NotTo(ContainSubstring("not checked, of"))
		t.Add(tally.Result{Suite: "cost", NotChecked: map[string]int{"no disk": 2, "it has gone": 1, "it has come": 1}})
		Expect(printed(t)).To(HaveSuffix(`
not checked, of 1 specs, under no condition, in some of its runs: it has come

not checked, of 1 specs, under no condition, in some of its runs: it has gone
`))
		t.Add(tally.Result{Suite: "cost", NotChecked: map[string]int{"no disk": 3}})
		Expect(printed(t)).To(ContainSubstring("\nnot checked, of 9 specs, under no condition, in some of its runs: no disk\n"))
	})

	It("tells how runs that were ended have ended", func() {
		t := &tally.Tally{}
		for _, r := range []tally.Result{{EndSeconds: 0.5}, {EndSeconds: 1.25}, {Late: true}, {Early: true}} {
			r.Conditions = []string{"sigint"}
			t.Add(r)
		}
		Expect(printed(t)).To(MatchRegexp(`sigint +4 .*the slowest end took 1.2 s, 1 before the suite began, 1 over before\n`))
	})

	It("shows what is red in full, with what repeats it", func() {
		t := &tally.Tally{}
		t.Add(tally.Result{Suite: "cost", Conditions: []string{"load"}, Reds: []string{"COST-CALLS: many\n  owed: one"}, Again: "soak -seed=7"})
		t.Add(tally.Result{Suite: "copies", Left: []string{"file /tmp/x"}, Again: "soak -seed=8"})
		Expect(printed(t)).To(ContainSubstring(`
red: cost under load; to repeat the run: soak -seed=7
  • COST-CALLS: many
      owed: one

red: copies under plain; to repeat the run: soak -seed=8
  left: file /tmp/x
`))
		Expect(t.Red()).To(BeTrue())
		Expect([]int{t.Runs(), t.Reds(), t.Lefts()}).To(Equal([]int{2, 1, 1}))
	})

	DescribeTable("is red", func(t *tally.Tally) { Expect(t.Red()).To(BeTrue()) },
		Entry("without a run", &tally.Tally{}),
		Entry("where the soak itself keeps descriptors", func() *tally.Tally {
			t := &tally.Tally{Begin: tally.Own{Descriptors: 9}, End: tally.Own{Descriptors: 10}}
			t.Add(tally.Result{})
			return t
		}()),
	)

	It("names what could not be posed, and counts no run of it", func() {
		t := &tally.Tally{Unposed: []tally.Unposed{{Name: "load", Reason: "there is no core"}}}
		t.Add(tally.Result{})
		Expect(printed(t)).To(And(ContainSubstring("\nnot posed: load: there is no core\n"), Not(MatchRegexp(`(?m)^load `))))
	})

	It("knows how long a suite takes on the machine as it is", func() {
		t := &tally.Tally{}
		Expect(t.Expected("cost")).To(BeZero())
		t.Add(tally.Result{Suite: "cost", Seconds: 2})
		t.Add(tally.Result{Suite: "cost", Seconds: 9, Conditions: []string{"load"}})
		t.Add(tally.Result{Suite: "copies", Seconds: 5})
		Expect(t.Expected("cost")).To(Equal(2 * time.Second))
	})
})
