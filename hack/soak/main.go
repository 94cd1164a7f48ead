// Command soak runs the suites again and again, each time on a machine that is hard in another way, until its time is up,
// and prints what was run under which condition. It is green when nothing failed and nothing was left behind.
//
//	soak -for=20m                                         every condition, alone and in pairs, and ends by signals
//	soak -list                                            the conditions
//	soak -conditions=load+cold,plain -suites=copies -for=1m
//
// Each run draws its chance from a seed of its own. What a red run is repeated by is printed with it.
//
// It changes nothing that outlives a run, and as root nothing of the machine either. Its exit code is 0 when it is green, 1
// when it is red or was interrupted, and 2 when it was asked for something that does not exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/soak/adversity"
)

// The exit codes.
const (
	green = iota
	red
	misused
)

// misuse is an error that is the user's to mend.
type misuse struct{ error }

var errRed = errors.New("the soak is red")

func main() {
	keeper.Enter()
	adversity.Enter()
	// The first signal ends the runs under way; a second one ends this process, and with it the runs.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := do(ctx, os.Args[1:])
	switch {
	case err == nil:
		os.Exit(green)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(misused)
	}
	fmt.Fprintln(os.Stderr, "soak:", err)
	if errors.As(err, new(misuse)) {
		os.Exit(misused)
	}
	os.Exit(red)
}

func do(ctx context.Context, arguments []string) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	if o.list {
		for _, c := range adversity.All {
			fmt.Printf("%-16s %s\n", c.Name, c.Says)
		}
		return nil
	}
	w, err := open()
	if err != nil {
		return err
	}
	err = w.soak(ctx, o)
	return errors.Join(err, w.close())
}
