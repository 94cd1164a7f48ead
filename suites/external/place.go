package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

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
