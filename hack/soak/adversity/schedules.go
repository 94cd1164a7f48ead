package adversity

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
)

// schedules are how often a run's turn comes. Two of them together would only say that a process which never runs has
// done nothing by its deadline. It has more time with each: beside others that are busy nice 19 is a seventieth of a core.
var schedules = []Condition{
	{
		Name: "load", Says: "every core has a busy process of the soak's beside it", Of: []string{"turn"},
		Pose: func(r *Run) (func() error, error) {
			r.patient()
			return busy()
		},
	},
	{
		Name: "nice", Says: "nice 19", Of: []string{"turn"}, Missing: program("nice", "coreutils"),
		Pose: always(func(r *Run) {
			r.patient()
			r.Prefix = append(r.Prefix, "nice", "-n", "19")
		}),
	},
	{
		Name: "idle", Says: "SCHED_IDLE", Of: []string{"turn"}, Missing: program("chrt", "util-linux"),
		Pose: always(func(r *Run) {
			r.patient()
			r.Prefix = append(r.Prefix, "chrt", "--idle", "0")
		}),
	},
}

// patient gives a run's transfers more time before they count as hung.
func (r *Run) patient() { r.Environment = append(r.Environment, agent.PatienceVariable+"=2m") }

var processors = []Condition{{
	Name: "one-core", Says: "affinity to one core", Missing: program("taskset", "util-linux"),
	Pose: func(r *Run) (func() error, error) {
		var allowed unix.CPUSet
		if err := unix.SchedGetaffinity(0, &allowed); err != nil {
			return nil, os.NewSyscallError("sched_getaffinity", err)
		}
		for core := range int(8 * unsafe.Sizeof(allowed)) {
			if allowed.IsSet(core) {
				r.Prefix = append(r.Prefix, "taskset", "--cpu-list", fmt.Sprint(core))
				return nil, nil
			}
		}
		return nil, unix.ENODEV
	},
}}

// limits are the descriptors of a process: a suite that kept one of each spec would soon have none.
var limits = []Condition{{
	Name: "few-descriptors", Says: "64 descriptors (RLIMIT_NOFILE)", Missing: program("prlimit", "util-linux"),
	Pose: always(func(r *Run) { r.Prefix = append(r.Prefix, "prlimit", "--nofile=64", "--") }),
}}
