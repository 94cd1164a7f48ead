// Package lies holds what a kernel could do wrong in a system call, as data: each is told to the thread that makes the
// call, by a tracer, on the call's way.
//
// An interface has a file, with a family of lies: what can be said wrongly of any call is made for each by the
// generators of answers.go, effects.go and their neighbours; what is peculiar to one is said there.
package lies

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/hack/mutants/liar"
	"zerocopy-conformance/hack/mutants/mutant"
)

// lie is one thing that the kernel could do wrong.
type lie struct {
	// name comes behind the family's, says and violates are as in mutant.Mutant.
	name, says string
	violates   []string
	rules      []liar.Rule
	// only, a label filter, selects of the family's specs those that are enough to see it, where others would hang.
	only string
}

// tell makes one.
func tell(name, says string, violates []string, rules []liar.Rule) lie {
	return lie{name: name, says: says, violates: violates, rules: rules}
}

// within is the lie, told to fewer specs.
func (l lie) within(filter string) lie {
	l.only = filter
	return l
}

// family are the lies about one interface.
type family struct {
	name string
	// filter selects the specs that the lies can reach, environment narrows their transfers.
	filter      string
	environment []string
	lies        []lie
}

// families are all that there are.
var families = []family{
	sendfileLies,
}

// patience is how long a call may hang. What does not hang is done in a hundredth of it.
const patience = "4s"

// told are the kit's children that are lied to: those that move bytes or check clauses.
var told = []string{"agent", "contract", "contract-toucher"}

// Enter has the lie that the environment names told to this process, if it is one of the kit's children that move bytes
// or check clauses. In any other process it returns at once. A lie that does not exist is an error anywhere.
func Enter() error {
	name := os.Getenv(mutant.LieVariable)
	if name == "" {
		return nil
	}
	rules, err := rulesOf(name)
	if err != nil {
		return err
	}
	if !liar.IsTracer() && !slices.Contains(told, reexec.Role()) {
		return nil
	}
	return liar.Tell(rules...)
}

func rulesOf(name string) ([]liar.Rule, error) {
	var names []string
	for _, f := range families {
		for _, l := range f.lies {
			if f.fullName(l) == name {
				return l.rules, nil
			}
			names = append(names, f.fullName(l))
		}
	}
	return nil, fmt.Errorf("%s names %q, which does not exist; there are: %s", mutant.LieVariable, name, strings.Join(names, ", "))
}

func (f family) fullName(l lie) string { return f.name + ":" + l.name }

// Batches are the runs that tell all lies, one each.
func Batches() (batches []mutant.Batch) {
	for _, f := range families {
		for _, l := range f.lies {
			name, filter := f.fullName(l), f.filter
			if l.only != "" {
				filter = "(" + filter + ") && (" + l.only + ")"
			}
			batches = append(batches, mutant.Batch{
				Name:        name,
				Mutants:     []mutant.Mutant{{Name: name, Says: l.says, Violates: l.violates}},
				Environment: append([]string{mutant.LieVariable + "=" + name, agent.PatienceVariable + "=" + patience}, f.environment...),
				Filter:      filter,
			})
		}
	}
	return batches
}
