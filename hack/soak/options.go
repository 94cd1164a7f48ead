package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"zerocopy-conformance/hack/soak/adversity"
)

// suites are the fast ones that are run, the shortest first.
var suites = []string{"textbook", "safety", "cost", "contract", "copies", "integrity"}

// options are what a soak is asked for.
type options struct {
	list   bool
	limit  time.Duration
	suites []string
	// sets are the conditions that are posed, each alone; none: all of them, and in pairs.
	sets []adversity.Set
	// seed is the first run's, the next one's is one more.
	seed uint64
	// runs ends the soak after so many, 0: only the time does.
	runs, atOnce int
	// after is the moment at which a run is ended whose conditions end it; negative: one by lot.
	after time.Duration
	// program is a compiled suite that is run instead of the kit's.
	program string
}

func parse(arguments []string) (o options, err error) {
	f := flag.NewFlagSet("soak", flag.ContinueOnError)
	f.SetOutput(os.Stderr)
	f.BoolVar(&o.list, "list", false, "list the conditions")
	limit := f.String("for", "20m", "how long runs begin")
	named := f.String("suites", strings.Join(suites, ","), "the suites that are run")
	conditions := f.String("conditions", "", "pose these and no others: by their names, those that are posed together joined by a plus")
	f.Uint64Var(&o.seed, "seed", rand.Uint64N(1<<31), "of the first run; each one has the next")
	f.IntVar(&o.runs, "runs", 0, "end after so many; 0: when the time is up")
	f.IntVar(&o.atOnce, "at-once", runtime.NumCPU(), "how many run at a time")
	f.DurationVar(&o.after, "after", -1, "the moment at which a run is ended by a signal, such as 1.2s; negative: one by lot")
	f.StringVar(&o.program, "program", "", "run this compiled suite instead of the kit's")
	if err := f.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, misuse{err}
	}
	if f.NArg() > 0 {
		return o, misuse{fmt.Errorf("%q is more than flags", f.Args())}
	}
	if o.limit, err = time.ParseDuration(*limit); err != nil || o.limit <= 0 {
		return o, misuse{fmt.Errorf("-for=%q is no time that a soak may take: such as 90s, 20m or 1h", *limit)}
	}
	if o.runs < 0 || o.atOnce < 1 {
		return o, misuse{errors.New("-runs must not be negative, and -at-once must be positive")}
	}
	for _, name := range strings.Split(*named, ",") {
		if !slices.Contains(suites, name) {
			return o, misuse{fmt.Errorf("-suites: there is no suite %q; there are: %s", name, strings.Join(suites, ", "))}
		}
		o.suites = append(o.suites, name)
	}
	if *conditions != "" {
		for _, text := range strings.Split(*conditions, ",") {
			set, err := adversity.Parse(text)
			if err != nil {
				return o, misuse{fmt.Errorf("-conditions: %w", err)}
			}
			o.sets = append(o.sets, set)
		}
	}
	if o.program != "" {
		o.suites = []string{"own"}
	}
	return o, nil
}
