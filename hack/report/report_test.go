package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestReport(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "report")
}

// entry is a value as it stands in Ginkgo's JSON report, from whichever process it came.
func entry(name string, value any) types.ReportEntry {
	text, err := json.Marshal(value)
	Expect(err).NotTo(HaveOccurred())
	return types.ReportEntry{Name: name, Value: types.ReportEntryValue{AsJSON: string(text)}}
}

func ended(state types.SpecState, message string, c spec.Case, more ...types.ReportEntry) types.SpecReport {
	return types.SpecReport{
		State: state, Failure: types.Failure{Message: message},
		ReportEntries: append(more, entry(spec.CaseEntry, c)),
	}
}

func run(specs ...types.SpecReport) []types.Report {
	facts := kernel.Facts{Kernel: kernel.Kernel{Release: "6.18.44"}}
	about := types.SpecReport{ReportEntries: types.ReportEntries{entry(spec.EnvironmentEntry, facts)}}
	return []types.Report{{SpecReports: append(specs, about)}}
}

func requirement(id string) spec.Requirement { return spec.Requirement{ID: id, Since: "4.2"} }

var _ = Describe("the report", func() {
	passed := ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement("A"), Reproduce: "first"})

	DescribeTable("gives a requirement the verdict of its worst case:", func(worse types.SpecReport, verdict report.Verdict, reason string) {
		for _, order := range [][]types.SpecReport{{passed, worse, passed}, {worse, passed, passed}} {
			r, err := report.Gather(run(order...))
			Expect(err).NotTo(HaveOccurred())
			Expect(r.Requirements).To(HaveLen(1))
			Expect(r.Requirements[0].Verdict).To(Equal(verdict))
			Expect(r.Requirements[0].Reason).To(Equal(reason))
			Expect(r.Summary).To(HaveLen(len(report.Verdicts)))
			for _, each := range report.Verdicts {
				Expect(r.Summary).To(HaveKeyWithValue(each, map[bool]int{true: 1}[each == verdict]))
			}
		}
	},
		Entry("a failure", ended(types.SpecStateFailed, "owed, seen", spec.Case{Requirement: requirement("A")}), report.Fail, "owed, seen"),
		Entry("a defect of the kit", ended(types.SpecStateFailed, "…", spec.Case{Requirement: requirement("A"), KitError: "broke"}), report.KitError, "broke"),
		Entry("a panic", ended(types.SpecStatePanicked, "nil map", spec.Case{Requirement: requirement("A")}), report.KitError, "the spec ended as panicked: nil map"),
		Entry("an interruption", ended(types.SpecStateInterrupted, "^C", spec.Case{Requirement: requirement("A")}), report.KitError, "the spec ended as interrupted: ^C"),
		Entry("what this kernel does not owe", ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), NotRequired: "seen: copied"}), report.NotRequired, "seen: copied"),
		Entry("what the user's list excuses", ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), Deviation: "a reason; owed, seen"}), report.Deviation, "a reason; owed, seen"),
		Entry("what the user has said must be checked, and could not be", ended(types.SpecStateFailed, "no network", spec.Case{Requirement: requirement("A"), NotChecked: "no network"}), report.Fail, "no network"),
		Entry("but never that of a case which could not be checked", ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), NotChecked: "no tmpfs"}), report.Pass, "no tmpfs"),
	)

	It("says nothing of slow cases that were left out where others were run, or where the machine lacks something", func() {
		slow := ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), NotChecked: spec.LeftOut})
		lacking := ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), NotChecked: "zfs is missing"})
		for _, c := range []struct {
			specs   []types.SpecReport
			verdict report.Verdict
			reason  string
		}{
			{[]types.SpecReport{slow, passed}, report.Pass, ""}, {[]types.SpecReport{passed, slow}, report.Pass, ""},
			{[]types.SpecReport{slow, lacking}, report.NotChecked, "zfs is missing"}, {[]types.SpecReport{lacking, slow}, report.NotChecked, "zfs is missing"},
			{[]types.SpecReport{slow, lacking, passed}, report.Pass, "zfs is missing"}, {[]types.SpecReport{passed, lacking, slow}, report.Pass, "zfs is missing"},
			{[]types.SpecReport{slow}, report.NotChecked, spec.LeftOut},
		} {
			r, err := report.Gather(run(c.specs...))
			Expect(err).NotTo(HaveOccurred())
			Expect(r.Requirements[0].Verdict).To(Equal(c.verdict))
			Expect(r.Requirements[0].Reason).To(Equal(c.reason))
		}
	})

	It("calls a requirement not-checked when no case of it could be", func() {
		r, err := report.Gather(run(ended(types.SpecStateSkipped, "…", spec.Case{Requirement: requirement("A"), NotChecked: "no tmpfs"})))
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Requirements[0].Verdict).To(Equal(report.NotChecked))
		Expect(r.Requirements[0].Cases).To(Equal(map[report.Verdict]int{report.NotChecked: 1}))
		Expect(r.Requirements[0].NotChecked).To(Equal(map[string]int{"no tmpfs": 1}))
	})

	It("has the same reason in whatever order its cases ended, which one command runs again", func() {
		for _, state := range []types.SpecState{types.SpecStateSkipped, types.SpecStateFailed} {
			of := func(reason string) types.SpecReport {
				c := spec.Case{Requirement: requirement("A"), Reproduce: "the command"}
				if state == types.SpecStateSkipped {
					c.NotChecked = reason
				}
				return ended(state, reason, c)
			}
			for _, order := range [][]types.SpecReport{{of("one"), of("two")}, {of("two"), of("one")}} {
				r, err := report.Gather(run(order...))
				Expect(err).NotTo(HaveOccurred())
				Expect(r.Requirements[0].Reason).To(Equal("one"))
			}
		}
	})

	It("counts what could not be checked by the reason, whatever the verdict", func() {
		specs := []types.SpecReport{passed, lacking("A", "no xfs"), lacking("A", "no btrfs"), lacking("A", "no xfs")}
		r, err := report.Gather(run(specs...))
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Requirements[0].NotChecked).To(Equal(map[string]int{"no xfs": 2, "no btrfs": 1}))
		Expect(r.Requirements[0].Reason).To(Equal("no btrfs"), "the first by name, in whatever order they came")
	})

	It("has the same ledger and requirements in whatever order the specs ended", func() {
		row := func(sink string) types.ReportEntry {
			return entry(spec.RowEntry, ledger.Row{Method: "sendfile", Sink: sink})
		}
		one := ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement("A")}, row("tcp"))
		two := ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement("B")}, row("pipe"))
		first, err := report.Gather(run(one, two))
		Expect(err).NotTo(HaveOccurred())
		second, err := report.Gather(run(two, one))
		Expect(err).NotTo(HaveOccurred())
		Expect(second).To(Equal(first))
		Expect(first.Ledger).To(HaveLen(2))
	})

	It("has the rows of two devices behind one sink in the order of their names", func() {
		row := func(device string) types.ReportEntry {
			return entry(spec.RowEntry, ledger.Row{Method: "sendfile", Sink: "nic-sg", Device: device})
		}
		r, err := report.Gather(run(ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement("A")}, row("virtio_net"), row("e1000"))))
		Expect(err).NotTo(HaveOccurred())
		Expect([]string{r.Ledger[0].Device, r.Ledger[1].Device}).To(Equal([]string{"e1000", "virtio_net"}))
	})

	It("is not made of a run that never said on which kernel it was", func() {
		_, err := report.Gather([]types.Report{{SpecReports: types.SpecReports{passed}}})
		Expect(err).To(MatchError(ContainSubstring("not the report of a whole run")))
	})
})

var _ = Describe("report.json", func() {
	var path string

	write := func() *report.Report {
		r, err := report.Gather(run(ended(types.SpecStatePassed, "", spec.Case{Requirement: requirement("A")},
			entry(spec.RowEntry, ledger.Row{Method: "sendfile", Claimed: &ledger.Numbers{CPU: 1}, CPUCopiesWhich: []string{}}))))
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Write(path)).To(Succeed())
		return r
	}

	BeforeEach(func() { path = filepath.Join(GinkgoT().TempDir(), "report.json") })

	It("reads as it was written", func() {
		written := write()
		Expect(report.Read(path)).To(Equal(written))
	})

	DescribeTable("is refused, with the key's path, when", func(old, new, reason string) {
		write()
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		changed := regexp.MustCompile(old).ReplaceAll(text, []byte(new))
		Expect(changed).NotTo(Equal(text))
		Expect(os.WriteFile(path, changed, 0o644)).To(Succeed())
		_, err = report.Read(path)
		Expect(err).To(MatchError(ContainSubstring(reason)))
	},
		Entry("a key is unknown", `"uid"`, `"gid": 0, "uid"`, "key environment.gid is unknown"),
		Entry("a key is missing", `"bytes": 0,`, ``, "key ledger[0].bytes is missing"),
		Entry("a key of the claim is missing", `"cpu": 1,`, ``, "key ledger[0].claimed.cpu is missing"),
		Entry("a number is a word", `"bytes": 0`, `"bytes": "none"`, "cannot unmarshal string"),
		Entry("it is cut short", `\}\s*$`, ``, "is no JSON"),
	)

	It("is not half written over a good one", func() {
		write()
		Expect((&report.Report{Ledger: []ledger.Row{{CPUCopies: ptr(func() float64 { var zero float64; return 1 / zero }())}}}).Write(path)).NotTo(Succeed())
		_, err := report.Read(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))).To(BeEmpty())
	})

	It("has the keys that SCHEMA.md documents, and no others", func() {
		text, err := os.ReadFile("SCHEMA.md")
		Expect(err).NotTo(HaveOccurred())
		var documented []string
		for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllSubmatch(text, -1) {
			documented = append(documented, string(match[1]))
		}
		Expect(documented).To(ConsistOf(keys("", reflect.TypeOf(report.Report{}))))
	})
})

func ptr[T any](v T) *T { return &v }

// keys are the paths of all keys that a type writes.
func keys(path string, t reflect.Type) (all []string) {
	switch t.Kind() {
	case reflect.Pointer:
		return keys(path, t.Elem())
	case reflect.Slice:
		return keys(path+"[]", t.Elem())
	case reflect.Struct:
		for key, field := range report.Fields(t) {
			all = append(append(all, report.Join(path, key)), keys(report.Join(path, key), field)...)
		}
	}
	slices.Sort(all)
	return all
}
