package adversity

import (
	"slices"

	"golang.org/x/sys/unix"
)

// stops end a run before its time, at a moment by lot: the suite's process, or the ginkgo command.
var stops = []Condition{
	stop("sigint", unix.SIGINT),
	stop("sigterm", unix.SIGTERM),
	stop("sigkill", unix.SIGKILL),
}

func stop(name string, signal unix.Signal) Condition {
	return Condition{
		Name: name, Says: unix.SignalName(signal) + " to the suite's process, or to the ginkgo command and its suites, at a moment by lot", Of: []string{"stop"},
		Pose: always(func(r *Run) { r.Stop = signal }),
	}
}

// Stops says whether the set ends the run before its time.
func (s Set) Stops() bool {
	return slices.ContainsFunc(s, func(c Condition) bool { return slices.Contains(c.Of, "stop") })
}

// Race says whether the set asks for the race detector.
func (s Set) Race() bool {
	return slices.ContainsFunc(s, func(c Condition) bool { return c.Name == race })
}

// Names are the conditions'.
func (s Set) Names() []string { return names(s) }
