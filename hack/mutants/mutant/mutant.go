// Package mutant says what a mutant is: a deliberate defect, of a method or of the kernel, the requirements that speak
// of what is wrong with it, and how it is run.
package mutant

import "strings"

// Mutant is one deliberate defect. The kit has to see it, and for the right reason.
type Mutant struct {
	// Name is unique: the method and its mutation, "sendfile~one-byte-fewer", or the call and what is said of it,
	// "sendfile:EINVAL-as-EIO".
	Name string
	// Says is what it does wrong, as a sentence without its subject: "delivers one byte fewer than it says".
	Says string
	// Violates are the requirements that speak of what it does wrong: an ID each, or the beginning of some with an
	// asterisk behind. One of them at least has to fail, and no other may.
	Violates []string
}

// Owns says whether a requirement speaks of what the mutant does wrong.
func (m Mutant) Owns(requirement string) bool {
	for _, pattern := range m.Violates {
		if beginning, some := strings.CutSuffix(pattern, "*"); some && strings.HasPrefix(requirement, beginning) || pattern == requirement {
			return true
		}
	}
	return false
}

// Separator stands in a mutated method's name between the method that it is made of and the mutation.
const Separator = "~"

// MethodOf is the name of the method that a mutated method is made of; of any other it is the method's own.
func MethodOf(name string) string {
	method, _, _ := strings.Cut(name, Separator)
	return method
}

// Batch is one run of the mutated program. Mutants that are methods share a batch: each of its specs is about one
// of them, by the method's name. Any other mutant has a batch of its own, of which all specs are about it.
type Batch struct {
	// Name tells it apart from others, for who reads of its progress.
	Name    string
	Mutants []Mutant
	// Environment, as NAME=value, and Filter, a label filter, select the specs that its mutants can reach: those that
	// they must fail and those next to them, which they must not.
	Environment []string
	Filter      string
}

// LieVariable names, in the environment of the mutated program, the lie that its movers are told.
const LieVariable = "ZC_LIE"

// ReplaceVariable names, in the environment of the mutated program, mutated methods, separated by commas, that take the
// place of those that they are made of.
const ReplaceVariable = "ZC_REPLACE"

const methodsVariable = "ZC_METHODS"

// Only is the batch with those of its mutants whose name is chosen, and no specs but theirs.
func (b Batch) Only(chosen func(name string) bool) Batch {
	some := b
	some.Mutants, some.Environment = nil, nil
	var names []string
	for _, m := range b.Mutants {
		if chosen(m.Name) {
			some.Mutants = append(some.Mutants, m)
			names = append(names, m.Name)
		}
	}
	for _, each := range b.Environment {
		// A lie's batch selects methods, too, and they are no mutants.
		if strings.HasPrefix(each, methodsVariable+"=") && len(b.Mutants) > 1 {
			each = methodsVariable + "=" + strings.Join(names, ",")
		}
		some.Environment = append(some.Environment, each)
	}
	return some
}
