// Command kernel shows what the kit catches of a kernel that does wrong: it builds User-Mode Linux out of the
// distribution's source, runs all suites in it, and then, for each of the defects that it knows, builds the same kernel
// with that edit of its source and runs the suites that can reach it.
//
//	kernel [flags]
//
// It needs a compiler and no privileges. Its exit code is 0 when the kernel as it is was green, and every defect was killed
// for the right reason by a guest that came to its end; 1 when not; and 2 when it was asked for something that does not
// exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/mutants/kernel/defects"
	"zerocopy-conformance/hack/progress"
)

// The exit codes.
const (
	green = iota
	red
	misused
)

var (
	errRed    = errors.New("the score is red")
	errMisuse = errors.New("misuse")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := do(ctx, os.Args[1:])
	if err == nil {
		os.Exit(green)
	}
	if !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mutants of the kernel:", err)
	}
	if errors.Is(err, errMisuse) || errors.Is(err, flag.ErrHelp) {
		os.Exit(misused)
	}
	os.Exit(red)
}

// options are what a run is asked for.
type options struct {
	packages debian.Place
	only     *regexp.Regexp
	list     bool
	guests   int
	reports  string
}

func parse(arguments []string) (o options, err error) {
	f := flag.NewFlagSet("kernel", flag.ContinueOnError)
	o.packages.Add(f)
	only := f.String("only", "", "try the defects whose name matches this regular expression, and no kernel without one")
	f.BoolVar(&o.list, "list", false, "list the defects, what each does wrong, and what that violates")
	f.IntVar(&o.guests, "guests", runtime.NumCPU(), "how many kernels run at a time")
	f.StringVar(&o.reports, "reports", "reports", "the folder for mutants-kernel.json and, in a folder for each kernel, its reports, logs and console")
	if err := f.Parse(arguments); err != nil {
		return o, errors.Join(errMisuse, err)
	}
	if f.NArg() > 0 || o.guests < 1 {
		return o, fmt.Errorf("%w: it takes flags alone, and -guests of 1 at least", errMisuse)
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("%w: -only: %w", errMisuse, err)
	}
	return o, nil
}

// whole: the run is asked for all, and not for some of the defects.
func (o options) whole() bool { return o.only.String() == "" }

func do(ctx context.Context, arguments []string) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	all, err := defects.All()
	if err != nil {
		return err
	}
	var some []defects.Defect
	for _, d := range all {
		if o.only.MatchString(d.Name) {
			some = append(some, d)
		}
	}
	if len(some) == 0 {
		return fmt.Errorf("%w: no defect's name matches %q; -list lists them", errMisuse, o.only)
	}
	if o.list {
		for _, d := range some {
			fmt.Printf("%s %s (%s)\n", d.Name, d.Says, strings.Join(d.Violates, " "))
		}
		return nil
	}
	r, err := o.run(ctx, some)
	line.End()
	if err != nil {
		return err
	}
	return o.show(r)
}

// line is where a person sees how far it is.
var line = progress.On(os.Stderr)

// say tells what takes long.
func say(what string) { line.Show("%s", what) }
