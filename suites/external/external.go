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
//
// The program, its threads and its children are traced, at the calls alone that can move bytes (seccomp(2)). A call counts,
// be it successful or not, if it touches the source, the sink, or a pipe, a socket or a file that has got some of the
// source's bytes on the way: the payload says of itself what it is. A server's headers count for nothing. Copies are those
// across the user boundary, but for what a device has put there itself (O_DIRECT), and of the rest those inside the kernel
// that the aliasing probe shows: a server's answer waits unread in its connection while the file is overwritten. What is done
// by io_uring, Linux AIO or calls of 32 bits nobody sees: that is not-checked. EXTERNAL-BYTES holds a program to deliver
// exactly the payload, of four sizes, to a slow reader, too, to end by itself and to leave no process; EXTERNAL-ABANDONED to
// end when its reader has left; EXTERNAL-SERVED a server to answer with exactly the bytes, the whole and a range, one after
// the other; EXTERNAL-DESERTED to answer the next when a client has left; EXTERNAL-CLAIM each to what it claims of a MiB:
// copies=0, calls<=16, method=sendfile.
package external

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
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

// examples are a program that claims something, and a server: what is asked of these is all that is asked of any.
func examples() (all []program.Program) {
	for _, line := range []string{"a-program copies=0 cat {file}", "a-server httpd {port} {host} {root}"} {
		p, err := program.Parse(line, true)
		if err != nil {
			panic(err)
		}
		all = append(all, p)
	}
	return all
}

// Specs declares the suite.
func Specs() {
	ctx, end := context.WithCancelCause(context.Background())
	spec.AtEnd(func() error { end(errors.New("the run was interrupted")); return nil })
	ginkgo.Describe("external", func() {
		// A mistake was reported before any spec was built.
		all, _ := program.Named()
		switch {
		case spec.AllSelected():
			all = examples()
		case len(all) == 0:
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
