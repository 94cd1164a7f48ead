// Package methods holds mutated methods: each way in which a transfer can go wrong, as data, made of every method to
// which it can happen.
//
// A mutated method keeps the claim of the one that it is made of, and the ends: so it is held to all that that one is
// held to.
package methods

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/impl"
)

// mutation is one way in which a transfer goes wrong.
type mutation struct {
	name, says string
	// violates are the requirements that speak of it, as in mutant.Mutant.
	violates []string
	// tried is where its mutants are run.
	tried []trial
	// of makes a mutant's way to move of a method; false where this cannot happen to that one.
	of func(impl.Method) (impl.Method, bool)
}

// made is one mutated method.
type made struct {
	mutation
	method impl.Method
}

func (m made) mutant() mutant.Mutant {
	return mutant.Mutant{Name: m.method.Name, Says: m.says, Violates: m.violates}
}

// mutations are all of them.
var mutations = [][]mutation{payload, ranges, counts, errnos, calls, faults, copies, disks, lent, ends, leftovers, crashes}

// all are the mutated methods, those of one mutation side by side. They are made of what there was before any of them was
// registered.
var all = sync.OnceValue(func() (all []made) {
	for _, table := range mutations {
		for _, mutation := range table {
			for _, original := range impl.Methods() {
				if mutated, can := mutation.of(original); can {
					mutated.Name = original.Name + mutant.Separator + mutation.name
					all = append(all, made{mutation, mutated})
				}
			}
		}
	}
	return all
})

// methodsVariable names the methods that a run is about (README, "Running a part of it").
const methodsVariable = "ZC_METHODS"

// Register makes those mutated methods known that the environment names, and puts those that it names for that in the
// place of their originals. The others stay unknown, so that a run which names none is the unmutated one.
//
// It panics on a name that is no mutant's: a mistake of who has chosen the batch.
func Register() {
	for _, name := range listed(methodsVariable) {
		if strings.Contains(name, mutant.Separator) {
			impl.Register(lookup(methodsVariable, name))
		}
	}
	for _, name := range listed(mutant.ReplaceVariable) {
		m := lookup(mutant.ReplaceVariable, name)
		m.Name = mutant.MethodOf(name)
		impl.Replace(m)
	}
}

func listed(variable string) (names []string) {
	return strings.FieldsFunc(os.Getenv(variable), func(r rune) bool { return r == ',' || r == ' ' })
}

func lookup(variable, name string) impl.Method {
	var near []string
	for _, m := range all() {
		if m.method.Name == name {
			return m.method
		}
		if mutant.MethodOf(m.method.Name) == mutant.MethodOf(name) {
			near = append(near, m.method.Name)
		}
	}
	panic(fmt.Sprintf("%s names %q, which is no mutated method; of %s there are: %s", variable, name, mutant.MethodOf(name), strings.Join(near, ", ")))
}
