// Command dist is the kit as one program to carry: all suites, for a machine that has nothing but a kernel.
//
//	zerocopy-conformance [flags] [SUITE...]
//
//	-filter LABELS   only the specs with these labels: 'sendfile && tcp', SPLICE-EINTR
//	-reports FOLDER  report.json, and the same for a browser, go there; it is made
//	-baseline FILE, -require PATTERNS   as the gate has them
//	-json            the last line of what is printed is report.json, for whoever reads a container's log
//	-stay            when all is said, stay until a signal comes: a DaemonSet would run it again
//	-ended           whether one that stays has said all: the exit code is 0, or 1; for a probe in its container
//	-sonobuoy        as a plugin of Sonobuoy's on a node, and stay; see hack/sonobuoy
//	-list            the suites, and the requirements that they hold a kernel to
//	-version         which kit this is
//
// The variables of the kit (ZC_METHODS, ZC_SINKS, ZC_PROGRAM, …) are as ever. It needs TMPDIR, or /tmp, to be a folder that can be
// written, and nothing else: it runs from a read-only medium, and without /proc it says what it cannot check. It leaves with 0
// where the kernel conforms, 1 where it deviates, 2 where not enough could be checked, 3 where the kit broke, and 64 where it was
// asked for something that does not exist.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"zerocopy-conformance/hack/progress"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

const misused = 64

func main() {
	if name := os.Getenv(suiteVariable); name != "" {
		runSuite(name)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := run(ctx, os.Args[1:])
	complain(err)
	os.Exit(code)
}

func complain(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "zerocopy-conformance:", err)
	}
}

// options are what a run is asked for.
type options struct {
	filter, folder, baseline, require string
	suites                            []string
	json, stay, sonobuoy              bool
	list, version, ended              bool
}

func parse(arguments []string) (o options, err error) {
	f := flag.NewFlagSet("zerocopy-conformance", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "zerocopy-conformance [flags] [SUITE...]\n\nSuites: %s; all, if none is named.\n", strings.Join(names(), ", "))
		f.PrintDefaults()
		fmt.Fprintln(f.Output(), "\nExit codes: 0 conformant, 1 deviates, 2 not enough could be checked, 3 the kit broke, 64 misused.")
	}
	f.StringVar(&o.filter, "filter", "", "only the specs with these `labels`: 'sendfile && tcp', SPLICE-EINTR")
	f.StringVar(&o.folder, "reports", "", "the `folder` that report.json and report.html go to")
	f.StringVar(&o.baseline, "baseline", "", "an earlier report.json, which may fail what it fails")
	f.StringVar(&o.require, "require", "", "requirements, by ID or `pattern`, that have to be judged")
	f.BoolVar(&o.json, "json", false, "print report.json as the last line")
	f.BoolVar(&o.stay, "stay", false, "when all is said, stay until SIGTERM or SIGINT")
	f.BoolVar(&o.ended, "ended", false, "say whether one that stays in this TMPDIR has said all: by the exit code, 0 or 1")
	f.BoolVar(&o.sonobuoy, "sonobuoy", false, "as a plugin of Sonobuoy's: results go to its worker, who is told how far the run is; it stays")
	f.BoolVar(&o.list, "list", false, "print the suites, and the requirements")
	f.BoolVar(&o.version, "version", false, "print which kit this is")
	if err := f.Parse(arguments); err != nil {
		return o, err
	}
	o.suites = f.Args()
	if len(o.suites) == 0 {
		o.suites = names()
	}
	if o.sonobuoy && (o.json || o.stay) {
		return o, &misuse{errors.New("-sonobuoy goes without -json and -stay: it hands its report over, and stays by itself")}
	}
	for _, name := range o.suites {
		if !slices.Contains(names(), name) {
			return o, &misuse{fmt.Errorf("there is no suite %q; there are: %s", name, strings.Join(names(), ", "))}
		}
	}
	return o, nil
}

func run(ctx context.Context, arguments []string) (code int, err error) {
	o, err := parse(arguments)
	var wrong *misuse
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case errors.As(err, &wrong):
		return misused, err
	case err != nil:
		// The flag package has said what is wrong.
		return misused, nil
	case o.version:
		return 0, printVersion(os.Stdout)
	case o.list:
		printList(os.Stdout)
		return 0, nil
	case o.ended:
		if !hasEnded() {
			return 1, nil
		}
		return 0, nil
	case o.sonobuoy:
		return o.plugin(ctx)
	case o.stay:
		return o.staying(ctx)
	}
	_, code, err = o.watched(ctx)
	return code, err
}

// watched is the outcome for a person, if one watches: what the suites print would get into the line, and comes when each ends.
func (o options) watched(ctx context.Context) (*report.Report, int, error) {
	line := progress.On(os.Stderr)
	if !line.Watched() {
		return o.outcome(ctx, os.Stdout, os.Stdout, func(far) {})
	}
	var held bytes.Buffer
	release := func() {
		line.End()
		_, _ = held.WriteTo(os.Stdout)
	}
	suite := ""
	r, code, err := o.outcome(ctx, &held, &held, func(f far) {
		if suite != f.Suite {
			// Nothing writes now: the one has ended, the next has not begun.
			release()
			suite = f.Suite
		}
		line.Show("%v", f)
	})
	release()
	return r, code, err
}

// outcome runs what is asked for, whose suites print into printed, writes the reports, and prints the verdict.
func (o options) outcome(ctx context.Context, printed, verdict io.Writer, tell func(far)) (*report.Report, int, error) {
	r, err := runSuites(ctx, o.suites, o.filter, printed, tell)
	var wrong *misuse
	if errors.As(err, &wrong) {
		return nil, misused, err
	}
	if err != nil {
		return nil, judge.Broke, err
	}
	if err := write(r, o.folder); err != nil {
		return r, misused, err
	}
	g, err := gate(o.baseline, o.require, r)
	if err != nil {
		return r, misused, err
	}
	r.Digest(verdict)
	code := g.Judge(r, verdict)
	if o.json {
		return r, code, json.NewEncoder(printed).Encode(r)
	}
	return r, code, nil
}

// names are the suites'.
func names() (all []string) {
	for _, s := range catalogue.Suites {
		all = append(all, s.Name)
	}
	return all
}

// printList prints what a kernel is held to.
func printList(w *os.File) {
	fmt.Fprintf(w, "suites: %s\n\n", strings.Join(names(), ", "))
	for _, r := range spec.Requirements() {
		since := "recorded, of any kernel"
		if r.Since != "" {
			since = "since Linux " + r.Since
		}
		fmt.Fprintf(w, "%s: %s (%s; %s)\n", r.ID, r.Text, r.Source, since)
	}
}
