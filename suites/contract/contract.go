// Package contract holds each interface that moves bytes to what its man page promises: results, short counts,
// offsets and positions, errors, blocking, signals.
//
// An interface is a table of clauses, one file each: a clause is a sentence with its source, the version since which
// it is owed, and the check. A check runs in a process of its own, where a call that hangs, a signal that kills and
// a limit that is lowered harm nobody: each is a verdict. It must not stand on anything that another has left.
package contract

import (
	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/suites/spec"
)

// Interface is what a man page describes, and what it promises.
type Interface struct {
	// Page is how the man page is called, "sendfile(2)", or the kernel document.
	Page string
	// Needs are what the kernel must have for the clauses to mean anything: each is asked for first.
	Needs []probe.Interface
	// Kinds are labels of what the clauses need of the machine: see spec.Network and its neighbours.
	Kinds   []string
	Clauses []Clause
}

// Clause is one sentence of a page, and how it is checked.
type Clause struct {
	ID, Text, Source, Since string
	// Places are where it has to be kept, where that is more than one; the check asks T.Place.
	Places []string
	// Kinds are labels beside those of the interface.
	Kinds []string
	Check func(*T)
}

// interfaces are all that the suite knows, in the order of its report.
var interfaces = []Interface{
	sendfileClauses,
}

// requirements are the clauses as requirements, by ID.
var requirements = func() map[string]spec.Requirement {
	all := map[string]spec.Requirement{}
	for _, of := range interfaces {
		for _, c := range of.Clauses {
			all[c.ID] = spec.Require(spec.Requirement{ID: c.ID, Text: c.Text, Source: c.Source, Since: c.Since})
		}
	}
	return all
}()

// Specs declares the suite.
func Specs() {
	spec.AtEnd(checker.Close)
	ginkgo.Describe("contract", func() {
		for _, i := range probe.All() {
			isPresent(i)
		}
		for _, of := range interfaces {
			for _, clause := range of.Clauses {
				places := clause.Places
				if len(places) == 0 {
					places = []string{""}
				}
				for _, place := range places {
					declare(of, clause, place)
				}
			}
		}
	})
}

func declare(of Interface, clause Clause, place string) {
	var labels []any
	for _, kind := range append(append([]string{}, of.Kinds...), clause.Kinds...) {
		labels = append(labels, ginkgo.Label(kind))
	}
	spec.Promise(requirements[clause.ID], "contract", of.Page, place, func(c *spec.Case) {
		for _, needed := range of.Needs {
			c.Needs(needed)
		}
		checker.judge(c, clause, place)
	}, labels...)
}
