// Package external asks of a program, in whatever language, what the others ask of a method: whether the bytes that it moves
// are right, and by what it moves them. The user names it by its command line:
//
//	ZC_PROGRAM='cat {file}' ginkgo ./suites/external
//	ZC_PROGRAMS=list ginkgo ./suites/external
//
// There is no shell; quotes keep words together. In front may stand what it claims of a MiB: copies=0, calls<=16,
// method=sendfile. A line of a list has a name before that, with a question mark behind it where the program need not be
// there. In a command line stand for
//
//	{file}            the source's path; what the program writes to its standard output is what it has moved
//	{src} {dst}       the numbers of descriptors of both
//	{to}              the path of an empty file that is to become the copy
//	{offset} {length} the range, in bytes, for who can be told one
//	{port} {host}     of a server: where it is to answer, by HTTP; without {host} it is asked at 127.0.0.1
//	{root} {folder}   the folder whose files it is to answer with, where it begins, and one for what it keeps itself
//	{conf:FILE}       a copy of that file, from the list's folder on, with these filled in
//	{here}            the list's folder
//
// A server at an address, and with a folder, of the user's own is named by these, and the file that is put there is taken
// away again:
//
//	ZC_URL=http://127.0.0.1:8080/files/ ZC_ROOT=/srv/files ZC_COMMAND='nginx -g "daemon off;"' ginkgo ./suites/external
//	ZC_URL=https://127.0.0.1:8443/one.bin ZC_ROOT=/srv/files ZC_PID='copies=0 1234' ginkgo ./suites/external
//
// Where nobody is named cat(1) is tried.
package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

const byUser = "the user's ZC_PROGRAM, ZC_PROGRAMS"

var (
	served = spec.Require(spec.Requirement{ID: "EXTERNAL-SERVED", Text: "a server answers with exactly the bytes that it is asked for, the whole and a range, one answer after the other, to a slow reader too", Source: "RFC 9110, 9112", Since: "2.6.33"})
	left   = spec.Require(spec.Requirement{ID: "EXTERNAL-DESERTED", Text: "a server whose client has left in the middle of an answer answers the next", Source: byUser, Since: "2.6.33"})
	right  = spec.Require(spec.Requirement{ID: "EXTERNAL-BYTES", Text: "a program moves exactly the bytes that it is asked for, in order and once, to a slow reader too, and ends by itself, with exit code 0 and without leaving a process behind", Source: byUser, Since: "2.6.33"})
	gone   = spec.Require(spec.Requirement{ID: "EXTERNAL-ABANDONED", Text: "a program whose reader has left ends by itself, and leaves no process behind", Source: byUser, Since: "2.6.33"})
	kept   = spec.Require(spec.Requirement{ID: "EXTERNAL-CLAIM", Text: "a program moves bytes by the calls and the copies that it claims", Source: byUser, Since: "2.6.33"})
	moving = spec.Require(spec.Requirement{ID: "EXTERNAL-TECHNIQUE", Text: "by what a program moves bytes, in how many calls and with how many copies a MiB, is recorded", Source: byUser})
)

// into are the kinds of sinks that a program is given where the user has chosen none.
var into = []string{"unix-stream", "tcp", "veth-sg", "veth-nosg", "pipe", "file"}

// ofServers are those that a server can be made to have: tcp alone, where it is not told the address to answer at.
var ofServers = []string{"tcp", "veth-sg", "veth-nosg"}

// sinks are those of the selected ones that a program can have.
func sinks(p program.Program) (some []sink.Kind) {
	for _, kind := range spec.Sinks() {
		if slices.Contains(sinksOf(p), kind.Name) {
			some = append(some, kind)
		}
	}
	return some
}

func sinksOf(p program.Program) []string {
	switch {
	case p.Server != nil && !p.Server.Anywhere:
		return ofServers[:1]
	case p.Server != nil:
		return ofServers
	case p.Has("to"):
		return []string{"file"}
	}
	return into
}

// sinkless declares that nothing can be checked of a program where the user wants none of the sinks that it can have.
func sinkless(p program.Program) {
	asked := []spec.Requirement{right, gone, kept, moving}
	if p.Server != nil {
		asked = []spec.Requirement{served, left, kept, moving}
	}
	for _, r := range asked {
		spec.Promise(r, "external", p.Name, "", func(c *spec.Case) {
			c.CannotCheck(&kernel.Unavailable{What: "a sink for a program", Why: "ZC_SINKS names none of them", Remedy: "have it name some of " + strings.Join(sinksOf(p), ", ")})
		})
	}
}

func init() {
	spec.CheckInput(func() error {
		all, err := program.Named()
		for _, p := range all {
			spec.KnowLabels(p.Name)
		}
		return err
	})
}

// usual is what is tried where the user names nobody: it is there on most machines.
var usual = program.Program{Name: "cat", Optional: true, Line: []string{"cat", "{file}"}}

// Specs declares the suite.
func Specs() {
	ctx, end := context.WithCancelCause(context.Background())
	spec.AtEnd(func() error { end(errors.New("the run was interrupted")); return nil })
	ginkgo.Describe("external", func() {
		// A mistake was reported before any spec was built.
		all, _ := program.Named()
		if len(all) == 0 {
			all = []program.Program{usual}
		}
		for _, p := range all {
			kinds := sinks(p)
			if len(kinds) == 0 {
				sinkless(p)
			}
			for _, kind := range kinds {
				at := place{ctx, p, kind}
				at.promise(moving, at.technique)
				if len(p.Claims) > 0 {
					at.promise(kept, at.claims)
				}
				switch {
				case p.Server != nil:
					at.promise(served, at.serves)
					at.promise(left, at.deserted)
				case len(kind.GoneReader) > 0:
					at.promise(gone, at.abandoned)
					fallthrough
				default:
					at.promise(right, at.bytes)
				}
			}
		}
	})
	ginkgo.ReportAfterSuite("programs", show)
}

// place is where a program is tried.
type place struct {
	ctx     context.Context
	program program.Program
	sink    sink.Kind
}

func (at place) promise(r spec.Requirement, body func(*spec.Case)) {
	spec.Promise(r, "external", at.program.Name, at.sink.Name, func(c *spec.Case) {
		c.Method, c.Sink, c.Source = at.program.Name, at.sink.Name, source.Kinds()[0].Name
		var variables []string
		for _, each := range at.program.Variables() {
			name, value, _ := strings.Cut(each, "=")
			variables = append(variables, name+"="+quoted(value))
		}
		c.Narrow(append(variables, "ZC_SINKS="+at.sink.Name)...)
		body(c)
	}, at.decorations()...)
}

// decorations are a spec's: what is not the kit's own, a server's folder or a process, one spec at a time can have.
func (at place) decorations() []any {
	all := []any{ginkgo.Label(spec.Trace)}
	if at.sink.Network {
		all = append(all, ginkgo.Label(spec.Network))
	}
	if at.program.Server != nil && at.program.Server.URL != nil {
		all = append(all, ginkgo.Serial)
	}
	return all
}

// quoted is a text as a shell takes it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// sizesBytes are what sources are made of: nothing, a byte, and what is more than a page and than a buffer.
var sizesBytes = []int64{0, 1, 4097, mib + 13}

// bytes holds a program to deliver every source, and where it can be told one a range in the middle of it.
func (at place) bytes(c *spec.Case) {
	for _, size := range sizesBytes {
		offset, length := int64(0), size
		if at.program.Has("offset") {
			offset = min(size, 4095)
		}
		if at.program.Has("length") {
			length = max(0, size-offset-7)
		} else {
			length -= offset
		}
		at.deliver(c, size, offset, length, run.drained)
	}
	if !at.sink.AtRest() {
		size := sizesBytes[len(sizesBytes)-1]
		at.deliver(c, size, 0, size, run.sipped)
	}
}

func (at place) deliver(c *spec.Case, size, offset, length int64, read func(run, context.Context, io.Writer) (*ended, error)) {
	file, err := source.Kinds()[0].Open(size)
	at.check(c, err)
	defer file.Close()
	to, err := spec.OpenSink(at.sink)
	at.check(c, err)
	defer to.Close()
	r := run{at.program, file, to, offset, length}
	checker := file.Payload.Checker(offset, r.owed())
	e, err := read(r, at.ctx, checker)
	at.check(c, err)
	c.Transfers++
	where := fmt.Sprintf("%d bytes from offset %d of a source of %d on %s", length, offset, size, file.Filesystem)
	if wrong := e.wrong(); wrong != "" {
		c.Deviates("it ends by itself, with exit code 0", wrong, where)
	}
	if err := checker.Err(); err != nil {
		c.Deviates(fmt.Sprintf("%d bytes of the source from offset %d on", r.owed(), offset), err.Error(), where)
	}
}

// abandoned holds a program to end when nobody reads any more, from the first or in the middle: how it says so is its own
// affair.
func (at place) abandoned(c *spec.Case) {
	for _, taken := range []int64{0, 64 << 10} {
		at.leave(c, taken)
	}
}

func (at place) leave(c *spec.Case, taken int64) {
	file, err := source.Kinds()[0].Open(mib)
	at.check(c, err)
	defer file.Close()
	to, err := spec.OpenSink(at.sink)
	at.check(c, err)
	defer to.Close()
	r := run{at.program, file, to, 0, mib}
	var e *ended
	if taken == 0 {
		at.check(c, to.CloseReader())
		e, err = r.do(at.ctx)
	} else {
		e, err = r.left(at.ctx, taken)
	}
	at.check(c, err)
	c.Transfers++
	where := fmt.Sprintf("when %d bytes were read", taken)
	switch {
	case e.trail.Hung != "":
		c.Deviates("it ends by itself", e.wrong(), where)
	case len(e.trail.Left) > 0:
		c.Deviates("no process is left behind", strings.Join(e.trail.Left, ", "), where)
	case !e.trail.Puts() && len(e.trail.Untold) == 0:
		c.CannotCheck(&kernel.Unavailable{What: "a program that notices", Why: "it has tried to put nothing into the sink" + aside(e.words), Remedy: "see EXTERNAL-BYTES"})
	}
}

// found is what a program does, or the end of the spec.
func (at place) found(c *spec.Case) *Found {
	if at.program.Server != nil {
		f, err := at.up(c).find(at.program, func() (*yardstick, error) { return measure(at.sink) })
		at.check(c, err)
		c.Transfers++
		return f
	}
	f, e, err := find(at.ctx, at.program, at.sink)
	at.check(c, err)
	c.Transfers++
	if wrong := e.wrong(); wrong != "" {
		c.Deviates("it ends by itself, with exit code 0", wrong, "a source of 1 MiB")
	}
	return f
}

// technique records what a program does.
func (at place) technique(c *spec.Case) {
	f := at.found(c)
	switches := 2 * f.Trail.Total()
	row := &ledger.Row{
		Technique: f.Technique, Method: at.program.Name, Sink: at.sink.Name, Source: source.Kinds()[0].Name, Bytes: mib,
		Calls: f.Trail.Calls, TeardownCalls: map[string]int{}, ModeSwitches: &switches,
		CPUCopies: f.Copies, UserCopies: &f.UserCopies, KernelCopies: f.KernelCopies, Aliasing: f.Aliasing,
	}
	c.Record(row)
	ginkgo.AddReportEntry(sentenceEntry, f.Sentence(at.program)+" (into "+at.sink.Name+")", ginkgo.ReportEntryVisibilityNever)
	ginkgo.AddReportEntry(lineEntry, f.line(at.program, at.sink.Name), ginkgo.ReportEntryVisibilityNever)
}

// The names under which what a program does stands in Ginkgo's report.
const (
	sentenceEntry = "program"
	lineEntry     = "program's line"
)

// show prints what all programs do, from what the processes of the run have put into the report: of one its sentences, of
// several a table.
func show(report ginkgo.Report) {
	sentences, lines := entries(report, sentenceEntry), entries(report, lineEntry)
	several := slices.ContainsFunc(lines, func(line string) bool {
		return strings.SplitN(line, "\t", 2)[0] != strings.SplitN(lines[0], "\t", 2)[0]
	})
	text := strings.Join(sentences, "\n")
	if several {
		var grid strings.Builder
		w := tabwriter.NewWriter(&grid, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, heading)
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		w.Flush()
		text = grid.String() + "calls and copies are those of a MiB; ? is not-checked\n"
	}
	if text != "" {
		ginkgo.AddReportEntry("by what programs move bytes", text, ginkgo.ReportEntryVisibilityAlways)
	}
}

// entries are those of that name, in order.
func entries(report ginkgo.Report, name string) (all []string) {
	for _, s := range report.SpecReports {
		for _, entry := range s.ReportEntries {
			if entry.Name == name {
				all = append(all, entry.StringRepresentation())
			}
		}
	}
	slices.Sort(all)
	return all
}

// claims holds a program to what it claims.
func (at place) claims(c *spec.Case) {
	f := at.found(c)
	for _, claim := range at.program.Claims {
		is, known := claim.Kept(program.Seen{Technique: f.Technique, Calls: f.CallsPerMiB, Copies: f.Copies, Untold: len(f.Trail.Untold) > 0})
		if !known {
			c.CannotCheck(&kernel.Unavailable{What: "the claim " + claim.Text, Why: f.Sentence(at.program), Remedy: "claim what can be seen"})
		}
		if !is {
			c.Deviates(claim.Text, f.Sentence(at.program), "")
		}
	}
}

// check ends the spec where a program could not be run: as failed where that is the program's fault.
func (at place) check(c *spec.Case, err error) {
	var not *follow.NotStarted
	var refused *follow.Refused
	var server *unfit
	switch {
	case errors.As(err, &server):
		c.Deviates("it answers with the file", server.why, "")
	case errors.As(err, &not) && at.program.Optional:
		c.CannotCheck(&kernel.Unavailable{What: "the program " + at.program.Name, Why: not.Why, Remedy: "install it, or name another: ZC_PROGRAM='cat {file}', or ZC_PROGRAMS for a list"})
	case errors.As(err, &not):
		c.Deviates("the program can be run", not.Why, "")
	case errors.As(err, &refused):
		c.CannotCheck(&kernel.Unavailable{What: "the trace of a program", Why: refused.Why, Remedy: "allow ptrace(2)"})
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.Deviates("what it moves arrives", err.Error(), "")
	}
	c.Check(err, "")
}
