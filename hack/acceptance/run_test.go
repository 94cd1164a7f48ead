package acceptance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/spec"
)

// task is one command that is to be run under a keeper.
type task struct {
	command []string
	// environment is added to this process's own, without the variables of the kit that it may have.
	environment []string
	// folder is where it is run, an empty one of its own if none is named.
	folder string
	// temp is its TMPDIR, an empty one of its own if none is named.
	temp string
	// room asks for user and mount namespaces of its own, if they can be had, and in them for the places for
	// temporary files that all processes of a machine share.
	room    bool
	machine keeper.Machine
	// isSuite says that the command is a compiled suite, which is to write its JSON report.
	isSuite bool
}

// run is a task under way, or done.
type run struct {
	session *gexec.Session
	notes   string
	temp    string
	// json is where its JSON report is, if it writes one.
	json string
}

// spine are the methods, sources and sinks that stand for all in these specs: how the kit behaves does not depend on how
// many there are.
var spine = []string{
	"ZC_METHODS=read+write,mmap+write,sendfile", "ZC_SOURCES=tmp,tmpfs,memfd,disk",
	"ZC_SINKS=unix-stream,unix-dgram,tcp,udp,pipe,file,veth-sg,veth-nosg",
}

// suiteRun is a run of a compiled suite with some variables of the kit set. What they leave open is the spine's, but for
// an outsider's methods.
func suiteRun(program string, variables ...string) task {
	t := wideRun(program, variables...)
	for i, each := range spine {
		name, _, _ := strings.Cut(each, "=")
		ownMethods := i == 0 && strings.Contains(program, "outsider-")
		if !ownMethods && !slices.ContainsFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") }) {
			t.environment = append(t.environment, each)
		}
	}
	return t
}

// wideRun is a run of a compiled suite on all methods, sources and sinks that the variables do not leave out.
func wideRun(program string, variables ...string) task {
	return task{command: []string{program, "--ginkgo.no-color"}, environment: slices.Clone(variables), isSuite: true}
}

// with adds arguments.
func (t task) with(arguments ...string) task {
	t.command = append(append([]string{}, t.command...), arguments...)
	return t
}

// on has it run on a poorer machine.
func (t task) on(m keeper.Machine) task {
	t.machine = m
	return t
}

// under runs it from a shell, after the shell's commands.
func (t task) under(commands string) task {
	t.command = append([]string{"sh", "-c", commands + `; exec "$@"`, "sh"}, t.command...)
	return t
}

// do runs the task to its end.
func (t task) do() *run {
	GinkgoHelper()
	return t.start().wait()
}

func (t task) start() *run {
	GinkgoHelper()
	own := GinkgoT().TempDir()
	folder := func(name string) string {
		path := filepath.Join(own, name)
		Expect(os.Mkdir(path, 0o755)).To(Succeed())
		return path
	}
	r := &run{notes: folder("notes"), temp: t.temp, json: filepath.Join(own, "report.json")}
	if r.temp == "" {
		r.temp = folder("tmp")
	}
	if t.folder == "" {
		t.folder = folder("cwd")
	}
	k := keeper.Keeper{Notes: r.notes, Folders: []string{r.temp}, Grace: 20 * time.Second, Machine: t.machine}
	k.Command = t.command
	if t.isSuite {
		k.Command = t.with("--ginkgo.json-report=" + r.json).command
	}
	why := keeper.OwnRefused()
	if t.machine.NeedsRoom() && why != nil {
		Skip("not-checked: a machine that is poorer in this way cannot be made here: " + why.Error())
	}
	if t.machine.NeedsRoom() || t.room && why == nil {
		k.Room = keeper.Own
	}
	if t.room && k.Room == keeper.Own {
		DeferCleanup(k.OwnTemporaries())
	}
	command, err := k.Cmd()
	Expect(err).NotTo(HaveOccurred())
	command.Dir = t.folder
	command.Env = append(append(command.Env, "TMPDIR="+r.temp), t.environment...)
	r.session, err = gexec.Start(command, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { r.session.Kill().Wait(patience) })
	return r
}

// pid is the process ID of the command.
func (r *run) pid() int {
	GinkgoHelper()
	var pid int
	Eventually(func() (err error) {
		pid, err = keeper.PID(r.notes)
		return err
	}, patience, "5ms").Should(Succeed())
	return pid
}

// wait waits for the end, and finds that nothing is left: that is owed by every run, however it ends.
func (r *run) wait() *run {
	GinkgoHelper()
	Eventually(r.session, patience).Should(gexec.Exit())
	Expect(r.session.ExitCode()).NotTo(Equal(keeper.Broke), r.output())
	remains, err := keeper.Remains(r.notes)
	Expect(err).NotTo(HaveOccurred(), r.output())
	Expect(remains).To(BeZero(), "left behind")
	return r
}

func (r *run) code() int { return r.session.ExitCode() }

func (r *run) output() string {
	return string(r.session.Out.Contents()) + string(r.session.Err.Contents())
}

// reports are Ginkgo's, none where it wrote none.
func (r *run) reports() (all []types.Report) {
	GinkgoHelper()
	text, err := os.ReadFile(r.json)
	if os.IsNotExist(err) {
		return nil
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(text, &all)).To(Succeed())
	return all
}

// judged is a case of the report, with what became of it.
type judged struct {
	spec.Case
	Verdict report.Verdict
	// Text is the message with which it was failed or skipped.
	Text string
}

// cases are those of the report that were not left out: all, or those of the requirements whose ID begins like that.
func (r *run) cases(id string) (all []judged) {
	GinkgoHelper()
	for _, one := range r.reports() {
		for _, s := range one.SpecReports {
			for _, entry := range s.ReportEntries {
				if entry.Name != spec.CaseEntry {
					continue
				}
				j := judged{Text: s.Failure.Message}
				Expect(json.Unmarshal([]byte(entry.Value.AsJSON), &j.Case)).To(Succeed())
				if !strings.HasPrefix(j.Requirement.ID, id) || j.NotChecked == spec.LeftOut {
					continue
				}
				switch {
				case j.NotChecked != "" && s.State == types.SpecStateSkipped:
					j.Verdict = report.NotChecked
				case j.NotRequired != "":
					j.Verdict = report.NotRequired
				case j.Deviation != "":
					j.Verdict = report.Deviation
				case j.KitError != "":
					j.Verdict = report.KitError
				case s.State == types.SpecStatePassed:
					j.Verdict = report.Pass
				case s.State == types.SpecStateFailed:
					j.Verdict = report.Fail
				default:
					j.Verdict = report.Verdict(s.State.String())
				}
				all = append(all, j)
			}
		}
	}
	return all
}

// String is how a failed expectation shows a case.
func (j judged) String() string {
	return fmt.Sprintf("%s: %s %s", place(j), j.Verdict, j.Text)
}
