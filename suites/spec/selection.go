package spec

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/mounts"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// The variables by which a user narrows a run: comma-separated names, all when empty.
const (
	methodsVariable = "ZC_METHODS"
	sinksVariable   = "ZC_SINKS"
	sourcesVariable = "ZC_SOURCES"
)

// SelectAll takes back whatever the user has left out by variables, and asks for slow specs and for those that need
// interfaces that somebody lends, for a program that wants all that there are.
func SelectAll() {
	allAsked = true
	os.Setenv(slowVariable, "1")
	nicsAsked = true
	for _, name := range []string{methodsVariable, sinksVariable, sourcesVariable} {
		os.Unsetenv(name)
	}
}

var allAsked bool

// AllSelected says that SelectAll was called: a suite whose specs hang on what the user names declares some of each kind.
func AllSelected() bool { return allAsked }

// SelectFor has a program declare what a run with that label filter would. Mistakes in it, and in what the
// user has set, are an error.
func SelectFor(filter string) error {
	if asksForSlow(filter) {
		os.Setenv(slowVariable, "1")
	}
	nicsAsked = asksForNICs(filter)
	return checkInput(filter)
}

// Methods are the selected methods. An unknown name was reported before any spec was built.
func Methods() []impl.Method {
	chosen, _ := choose(methodsVariable, impl.Methods(), func(m impl.Method) string { return m.Name })
	return chosen
}

// Sinks are the selected kinds of sinks.
func Sinks() []sink.Kind {
	chosen, _ := choose(sinksVariable, sink.Kinds(), func(k sink.Kind) string { return k.Name })
	return chosen
}

// Sources are the selected kinds of sources.
func Sources() []source.Kind {
	chosen, _ := choose(sourcesVariable, source.Kinds(), func(k source.Kind) string { return k.Name })
	return chosen
}

// furtherChecks are those of suites that have variables of their own.
var furtherChecks []func() error

// CheckInput has what else a user may set checked before any spec is built: the error says what was read and what is valid.
// It may make labels known.
// It belongs into an init function.
func CheckInput(check func() error) { furtherChecks = append(furtherChecks, check) }

// checkInput says what is wrong with the variables and the label filter that the user has set, and what is valid: before
// any spec is built, so that a mistake never makes a run smaller without a word.
func checkInput(filter string) error {
	if _, err := choose(methodsVariable, impl.Methods(), func(m impl.Method) string { return m.Name }); err != nil {
		return err
	}
	if _, err := choose(sinksVariable, sink.Kinds(), func(k sink.Kind) string { return k.Name }); err != nil {
		return err
	}
	if _, err := choose(sourcesVariable, source.Kinds(), func(k source.Kind) string { return k.Name }); err != nil {
		return err
	}
	for _, variable := range []string{sizesVariable, offsetsVariable, chunkVariable} {
		if _, err := byteCounts(variable); err != nil {
			return err
		}
	}
	if err := agent.CheckPatience(); err != nil {
		return err
	}
	if _, err := mounts.Folders(); err != nil {
		return err
	}
	if _, err := requiredKinds(); err != nil {
		return err
	}
	for _, check := range furtherChecks {
		if err := check(); err != nil {
			return err
		}
	}
	if err := checkFilter(filter); err != nil {
		return err
	}
	if err := checkNICs(); err != nil {
		return err
	}
	listed, err := readDeviations()
	if err != nil {
		return err
	}
	deviations = listed
	if _, err := owes(); err != nil {
		return fmt.Errorf("%w; set %s to the version whose promises this kernel is held to", err, kernel.OwesVariable)
	}
	return nil
}

// choose picks, from all, those that the variable names, in the order of all.
func choose[T any](variable string, all []T, name func(T) string) ([]T, error) {
	wanted := map[string]bool{}
	for _, word := range strings.Split(os.Getenv(variable), ",") {
		if word = strings.TrimSpace(word); word != "" {
			wanted[word] = true
		}
	}
	if len(wanted) == 0 {
		return all, nil
	}
	var chosen []T
	var names []string
	for _, item := range all {
		names = append(names, name(item))
		if wanted[name(item)] {
			chosen = append(chosen, item)
			delete(wanted, name(item))
		}
	}
	if len(wanted) > 0 {
		unknown := slices.Sorted(maps.Keys(wanted))
		return nil, fmt.Errorf("%s names %q, which does not exist; there are: %s", variable, unknown[0], strings.Join(names, ", "))
	}
	return chosen, nil
}
