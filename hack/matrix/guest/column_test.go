package guest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/program"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/matrix/wire"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/spec"
)

// acted is a machine whose guest says and prints what the spec wants, and ends as it wants.
type acted struct {
	say     func(*wire.Writer)
	console string
	end     error
	// forever: it ends only when it is told to.
	forever bool
	boot    *machine.Boot
}

func (a *acted) Run(ctx context.Context, boot machine.Boot, words, console io.Writer) error {
	a.boot = &boot
	_, _ = io.WriteString(console, a.console)
	a.say(wire.NewWriter(words))
	if a.forever {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return a.end
}

func text(value any) []byte {
	GinkgoHelper()
	text, err := json.Marshal(value)
	Expect(err).NotTo(HaveOccurred())
	return text
}

func entry(name string, value any) types.ReportEntry {
	return types.ReportEntry{Name: name, Value: types.ReportEntryValue{AsJSON: string(text(value))}}
}

// reported is a suite's report with one spec, which ended so.
func reported(state types.SpecState, more ...types.SpecReport) []types.Report {
	c := spec.Case{Requirement: spec.Requirement{ID: "A-B", Text: "it does", Source: "a page", Since: "2.6"}, Reproduce: "again"}
	one := types.SpecReport{LeafNodeType: types.NodeTypeIt, State: state, ReportEntries: []types.ReportEntry{entry(spec.CaseEntry, c)}}
	one.Failure.Message = "A-B: it does, but did not"
	facts := types.SpecReport{LeafNodeType: types.NodeTypeReportAfterSuite, State: types.SpecStatePassed,
		ReportEntries: []types.ReportEntry{entry(spec.EnvironmentEntry, kernel.Facts{Kernel: kernel.Kernel{Release: "6.1.0", Platform: "linux"}})}}
	return []types.Report{{SuiteSucceeded: state == types.SpecStatePassed && more == nil, SpecReports: append([]types.SpecReport{one, facts}, more...)}}
}

func packed(value any) []byte {
	GinkgoHelper()
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, err := w.Write(text(value))
	Expect(errors.Join(err, w.Close())).To(Succeed())
	return to.Bytes()
}

// conversation sends an ordinary one about a suite called cost, and stops before a step of that name.
func conversation(stop string, how job.Ended, reports []types.Report) func(*wire.Writer) {
	return func(w *wire.Writer) {
		for _, step := range []struct {
			name string
			send func() error
		}{
			{"hello", func() error { return w.Send(wire.Hello, "", text(job.Hello{Release: "6.1.0", Booted: true})) }},
			{"began", func() error { return w.Send(wire.Began, "cost", nil) }},
			{"output", func() error { return w.Send(wire.Output, "cost", []byte("what it printed\n")) }},
			{"report", func() error { return w.Send(wire.Report, "cost", packed(reports)) }},
			{"ended", func() error { return w.Send(wire.Ended, "cost", text(how)) }},
			{"done", w.Close},
		} {
			if step.name == stop {
				return
			}
			_ = step.send()
		}
	}
}

// column is what becomes of a guest.
func column(a *acted) (table.Column, string) {
	GinkgoHelper()
	folder := GinkgoT().TempDir()
	GinkgoT().Setenv("TMPDIR", folder)
	program := filepath.Join(folder, "program")
	Expect(os.WriteFile(program, nil, 0o700)).To(Succeed())
	results := filepath.Join(GinkgoT().TempDir(), "results")
	run := guest.Run{
		Init: program, Suites: []job.Suite{{Name: "cost", Program: program, Report: true}}, Results: results,
		SuitePatience: time.Minute, Patience: time.Minute,
	}
	if a.forever {
		run.Patience = 50 * time.Millisecond
	}
	made, err := run.Column(context.Background(), guest.Kernel{Name: "a:kernel", Machine: a}, func(string, bool) {})
	Expect(err).NotTo(HaveOccurred())
	left, err := filepath.Glob(filepath.Join(folder, "zc-*"))
	Expect(err).NotTo(HaveOccurred())
	Expect(left).To(BeEmpty(), "left behind")
	return made, filepath.Join(results, "a-kernel")
}

var passed = job.Ended{Exit: 0, Elapsed: time.Second}

var _ = Describe("a column", func() {
	It("is whole when the guest has said all there is to say", func() {
		made, folder := column(&acted{say: conversation("", passed, reported(types.SpecStatePassed)), console: "up\r\n"})
		Expect(made.Broken).To(BeEmpty())
		Expect(made.Report.Summary).To(HaveKeyWithValue(report.Pass, 1))
		Expect(made.BootSeconds).To(BeNumerically(">", 0))
		Expect(made.Seconds).To(BeNumerically(">=", made.BootSeconds))
		Expect(os.ReadFile(filepath.Join(folder, "cost.txt"))).To(BeEquivalentTo("what it printed\n"))
		Expect(os.ReadFile(filepath.Join(folder, "console.txt"))).To(BeEquivalentTo("up\n"))
		Expect(report.Read(filepath.Join(folder, "report.json"))).To(Equal(made.Report))
	})

	It("is whole, and red, when a spec failed", func() {
		made, _ := column(&acted{say: conversation("", job.Ended{Exit: 1}, reported(types.SpecStateFailed))})
		Expect(made.Broken).To(BeEmpty())
		Expect(made.Report.Summary).To(HaveKeyWithValue(report.Fail, 1))
		Expect((&table.Matrix{Columns: []table.Column{made}}).Red()).To(ContainElement(ContainSubstring("A-B")))
	})

	DescribeTable("is broken, by name, when the guest", func(a *acted, reasons ...string) {
		made, _ := column(a)
		for _, reason := range reasons {
			Expect(made.Broken).To(ContainSubstring(reason))
		}
		Expect(made.Console).To(ContainSubstring(a.console))
	},
		Entry("never said a word", &acted{say: func(*wire.Writer) {}, console: "no init found"}, "the guest's words were cut before the first record"),
		Entry("did not start", &acted{say: func(*wire.Writer) {}, end: &program.MissingError{Program: "qemu", Package: "qemu-system"}}, "qemu: not found", "apt-get install qemu-system"),
		Entry("panicked", &acted{say: conversation("ended", passed, nil), console: "[ 1.2] Kernel panic - not syncing: sysrq triggered crash"},
			"its kernel said: Kernel panic - not syncing: sysrq triggered crash", "cut after record 3 ('r' cost)", "cost was begun and has not ended"),
		Entry("hung", &acted{say: conversation("report", passed, nil), forever: true}, "it did not end in time", "cost was begun and has not ended"),
		Entry("ended before its last word", &acted{say: conversation("done", passed, reported(types.SpecStatePassed))}, "the guest's words were cut after record 4"),
		Entry("talked nonsense, and went on", &acted{forever: true, say: func(w *wire.Writer) {
			conversation("output", passed, nil)(w)
			_ = w.Send('?', "", nil)
		}}, "no record"),
		Entry("did not begin a suite", &acted{say: func(w *wire.Writer) {
			conversation("began", passed, nil)(w)
			_ = w.Close()
		}}, "cost was not begun"),
		Entry("had to end a suite", &acted{say: conversation("", job.Ended{Exit: -1, Why: "it did not end within 1m0s, and was ended"}, reported(types.SpecStatePassed))},
			"cost: it did not end within 1m0s, and was ended"),
		Entry("lost a suite to a signal", &acted{say: conversation("", job.Ended{Exit: -1, Why: "signal: killed"}, reported(types.SpecStatePassed)), console: "Out of memory: Killed process 7 (cost)"},
			"cost: signal: killed"),
		Entry("had a suite fail that failed nothing", &acted{say: conversation("", job.Ended{Exit: 2}, reported(types.SpecStatePassed))}, "cost: exit code 2, but nothing failed"),
		Entry("sent what is no report of the kit", &acted{say: conversation("", passed, []types.Report{{SuiteSucceeded: true}})}, "no suite of the kit has said on which kernel it ran"),
	)

	It("is broken when something failed that is no requirement's, and not when a suite had nothing to check", func() {
		after := types.SpecReport{LeafNodeType: types.NodeTypeReportAfterSuite, State: types.SpecStateFailed}
		after.Failure.Message = "ZC_DEVIATIONS lists A-B, which this kernel meets"
		made, _ := column(&acted{say: conversation("", job.Ended{Exit: 1}, reported(types.SpecStatePassed, after))})
		Expect(made.Broken).To(ContainSubstring("cost: ReportAfterSuite: ZC_DEVIATIONS lists A-B"))
		after.Failure.Message = spec.NothingChecked + "of 4 specs"
		made, _ = column(&acted{say: conversation("", job.Ended{Exit: 1}, reported(types.SpecStatePassed, after))})
		Expect(made.Broken).To(BeEmpty())
	})

	It("is whole when a suite was left out for want of the interfaces that it was to be lent", func() {
		made, _ := column(&acted{say: conversation("report", passed, nil), forever: false})
		Expect(made.Broken).NotTo(BeEmpty())
		made, _ = column(&acted{say: func(w *wire.Writer) {
			conversation("report", passed, nil)(w)
			_ = w.Send(wire.Ended, "cost", text(job.Ended{LeftOut: "there is no network interface"}))
			_ = w.Close()
		}})
		Expect(made.Broken).To(BeEmpty())
	})

	It("gives the guest the deviations that are listed for its kernel", func() {
		a := &acted{say: conversation("", passed, reported(types.SpecStatePassed))}
		listed := filepath.Join(GinkgoT().TempDir(), "listed")
		Expect(os.WriteFile(listed, []byte("A-B because\n"), 0o600)).To(Succeed())
		program := filepath.Join(GinkgoT().TempDir(), "program")
		Expect(os.WriteFile(program, nil, 0o700)).To(Succeed())
		run := guest.Run{Init: program, Results: GinkgoT().TempDir(), Patience: time.Minute}
		_, err := run.Column(context.Background(), guest.Kernel{Name: "k", Machine: a, Deviations: listed}, func(string, bool) {})
		Expect(err).NotTo(HaveOccurred())
		Expect(a.boot.Job.Deviations).To(Equal("/deviations"))
		Expect(a.boot.Job.Environment).To(BeEmpty(), "on the host a suite has its user's")
		Expect(a.boot.Root.Files).To(ContainElement(HaveField("Bytes", []byte("A-B because\n"))))
	})

	It("does not come of a run that was given up", func() {
		ctx, cancel := context.WithCancel(context.Background())
		program := filepath.Join(GinkgoT().TempDir(), "program")
		Expect(os.WriteFile(program, nil, 0o700)).To(Succeed())
		a := &acted{forever: true, say: func(*wire.Writer) { cancel() }}
		_, err := guest.Run{Init: program, Results: GinkgoT().TempDir(), Patience: time.Minute}.Column(ctx, guest.Kernel{Name: "k", Machine: a}, func(string, bool) {})
		Expect(err).To(MatchError(context.Canceled))
	})
})
