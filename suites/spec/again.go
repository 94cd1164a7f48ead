package spec

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"zerocopy-conformance/fixtures/kernel"
)

// command is how a case is run again: variables that select its place, and the program.
type command struct {
	variables []string
	program   string
}

// again is the command that runs one place of one requirement again.
func again(r Requirement, suite string, on On) command {
	c := againAny(r, suite)
	c.variables = append([]string{
		methodsVariable + "=" + on.Method.Name, sinksVariable + "=" + on.Sink.Name, sourcesVariable + "=" + on.Source.Name,
	}, c.variables...)
	return c
}

// againAny is the command that runs a requirement again wherever it is asserted.
func againAny(r Requirement, suite string) command {
	c := command{}
	// What else the user has set decides what is asked.
	for _, name := range []string{chunkVariable, kernel.OwesVariable, slowVariable} {
		if value := os.Getenv(name); value != "" {
			c.variables = append(c.variables, name+"="+value)
		}
	}
	if carried != "" {
		c.program = fmt.Sprintf("%s -filter=%s %s", carried, r.ID, suite)
	} else if module, path := testedPackage(); module != kitModule {
		// The suites of a method from elsewhere are run by a package of that module.
		c.program = fmt.Sprintf("go test %s -ginkgo.label-filter=%s", path, r.ID)
	} else {
		c.program = fmt.Sprintf("go tool ginkgo run --label-filter=%s ./suites/%s", r.ID, suite)
	}
	return c
}

// carried is the program that holds all suites, where that runs them.
var carried string

// CarriedBy says, before Run, that the suites are run by a program that takes them by their names, and -filter: by that a spec
// is to be run again where there is no Go.
func CarriedBy(program string) { carried = program }

func (c command) with(more []string) string {
	return strings.Join(append(append(append([]string{}, c.variables...), more...), c.program), " ")
}

// kitModule is the kit's own module path.
const kitModule = "zerocopy-conformance"

// testedPackage is the module that this test binary was built in, and the package that it tests.
func testedPackage() (module, path string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return kitModule, ""
	}
	return info.Main.Path, strings.TrimSuffix(info.Path, ".test")
}
