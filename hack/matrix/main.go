// Command matrix runs the suites on many kernels, each booted on this machine, and makes one table of what they
// answered.
//
//	matrix list                     the kernels that can be named
//	matrix fetch KERNEL...          gets what they need, for a run without a network
//	matrix run [flags] KERNEL...    runs the suites on them
//	matrix diff A B                 what differs between two kernels of the last run, or between two reports
//
// It takes no privileges: kernels are emulated, and as root nothing more is done than as an ordinary user. Its exit code
// is 0 when every kernel answered in full and deviates in nothing that is not listed in hack/deviations, 1 when one does
// not, and 2 when it was asked for something that does not exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The exit codes.
const (
	green = iota
	red
	misused
)

// misuse is an error that is the user's to mend.
type misuse struct{ error }

var errRed = errors.New("the matrix is red")

var commands = []struct {
	name, usage string
	run         func(ctx context.Context, arguments []string) error
}{
	{"list", "list [flags]", list},
	{"fetch", "fetch [flags] KERNEL...", fetch},
	{"run", "run [flags] KERNEL...", runAll},
	{"diff", "diff [flags] A B", diff},
}

func main() {
	// The first signal ends the guests, in order; a second one ends this process, and with it the guests.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := do(ctx, os.Args[1:])
	var wrong misuse
	switch {
	case err == nil:
		os.Exit(green)
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(misused)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(misused)
	default:
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(red)
	}
}

func do(ctx context.Context, arguments []string) error {
	var usage []string
	for _, c := range commands {
		if len(arguments) > 0 && arguments[0] == c.name {
			return c.run(ctx, arguments[1:])
		}
		usage = append(usage, "  matrix "+c.usage)
	}
	said := "no command"
	if len(arguments) > 0 {
		said = fmt.Sprintf("unknown command %q", arguments[0])
	}
	return misuse{fmt.Errorf("%s; there are\n%s", said, strings.Join(usage, "\n"))}
}

// flags are a command's flags, whose mistakes are misuse.
func flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet("matrix "+name, flag.ContinueOnError)
	f.SetOutput(os.Stderr)
	return f
}

func parse(f *flag.FlagSet, arguments []string) error {
	err := f.Parse(arguments)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		// It was printed, with the flags that there are.
		return misuse{err}
	}
	return err
}
