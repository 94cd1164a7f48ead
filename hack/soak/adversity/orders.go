package adversity

import (
	"errors"
	"os/exec"
	"strings"
)

// race is the condition that takes another program.
const race = "race"

// orders are in how many processes the specs are run, and how these were compiled. Their order is one by lot, always.
var orders = []Condition{
	{
		Name: "parallel", Says: "two processes of ginkgo -p share the specs",
		Pose: always(func(r *Run) { r.Processes = 2 }),
	},
	{
		Name: race, Says: "compiled with Go's race detector",
		Missing: first(program("go", "Go"), cgo),
	},
}

// cgo says why the race detector, which is written in C, cannot be linked.
func cgo() error {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err == nil && enabled != "1" {
		err = errors.New("CGO_ENABLED is " + enabled)
	}
	if err == nil {
		_, err = exec.LookPath(compiler)
	}
	if err != nil {
		return missing("the race detector", err.Error(), "install a C compiler")
	}
	return nil
}
