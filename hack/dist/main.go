// Command dist is the kit as one program to carry: all suites, for a machine that has nothing but a kernel.
//
//	zerocopy-conformance [flags] [SUITE...]
//
//	-filter LABELS   only the specs with these labels: 'sendfile && tcp', SPLICE-EINTR
//	-reports FOLDER  report.json, and the same for a browser, go there; it is made
//	-baseline FILE, -require PATTERNS   as the gate has them
//	-list            the suites, and the requirements that they hold a kernel to
//	-version         which kit this is
//
// The variables of the kit (ZC_METHODS, ZC_SINKS, ZC_PROGRAM, …) are as ever. It needs TMPDIR, or /tmp, to be a folder that can be
// written, and nothing else: it runs from a read-only medium, and without /proc it says what it cannot check. It leaves with 0
// where the kernel conforms, 1 where it deviates, 2 where not enough could be checked, 3 where the kit broke, and 64 where it was
// asked for something that does not exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

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
	if err != nil {
		fmt.Fprintln(os.Stderr, "zerocopy-conformance:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, arguments []string) (code int, err error) {
	f := flag.NewFlagSet("zerocopy-conformance", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "zerocopy-conformance [flags] [SUITE...]\n\nSuites: %s; all, if none is named.\n", strings.Join(names(), ", "))
		f.PrintDefaults()
		fmt.Fprintln(f.Output(), "\nExit codes: 0 conformant, 1 deviates, 2 not enough could be checked, 3 the kit broke, 64 misused.")
	}
	filter := f.String("filter", "", "only the specs with these `labels`: 'sendfile && tcp', SPLICE-EINTR")
	folder := f.String("reports", "", "the `folder` that report.json and report.html go to")
	baseline := f.String("baseline", "", "an earlier report.json, which may fail what it fails")
	require := f.String("require", "", "requirements, by ID or `pattern`, that have to be judged")
	list := f.Bool("list", false, "print the suites, and the requirements")
	version := f.Bool("version", false, "print which kit this is")
	switch err := f.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case err != nil:
		// The flag package has said what is wrong.
		return misused, nil
	case *version:
		return 0, printVersion(os.Stdout)
	case *list:
		printList(os.Stdout)
		return 0, nil
	}
	suites := f.Args()
	if len(suites) == 0 {
		suites = names()
	}
	for _, name := range suites {
		if !slices.Contains(names(), name) {
			return misused, fmt.Errorf("there is no suite %q; there are: %s", name, strings.Join(names(), ", "))
		}
	}
	r, err := runSuites(ctx, suites, *filter)
	var wrong *misuse
	if errors.As(err, &wrong) {
		return misused, err
	}
	if err != nil {
		return judge.Broke, err
	}
	if err := write(r, *folder); err != nil {
		return misused, err
	}
	g, err := gate(*baseline, *require, r)
	if err != nil {
		return misused, err
	}
	r.Digest(os.Stdout)
	return g.Judge(r, os.Stdout), nil
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
