// Package contract holds each interface that moves bytes to what its man page promises: results, short counts,
// offsets and positions, errors, blocking, signals.
//
// An interface is a table of clauses, one file each: a clause is a sentence with its source, the version since which
// it is owed, and the check. A check runs in a process of its own, where a call that hangs, a signal that kills and
// a limit that is lowered harm nobody: each is a verdict. It must not stand on anything that another has left.
package contract

import (
	"reflect"
	"runtime"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

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
	// Patience is how long a check of much data may take before it counts as hung; as others if that is longer.
	Patience time.Duration
	Check    func(*T)
}

// interfaces are all that the suite knows, in the order of its report.
var interfaces = []Interface{
	sendfileClauses,
	sendfileMoreClauses,
	pipeClauses,
	spliceClauses,
	teeClauses,
	vmspliceClauses,
	copyFileRangeClauses,
	mmapClauses,
	madviseClauses,
	directClauses,
	vectoredClauses,
	preadv2Clauses,
	goClauses,
	accountingClauses,
	zerocopyClauses,
	ioUringClauses,
	tcpReceiveClauses,
	tlsClauses,
}

// Specs declares the suite.
func Specs() {
	specs()
	ginkgo.Describe("contract", func() {
		for _, i := range probe.All() {
			isPresent(i)
		}
	})
}

var specs = Suite("contract", interfaces...)

// clauses are all that the suites of this program know, by ID: a worker looks up there what it is to check.
var clauses = map[string]Clause{}

// Suite makes a suite of that name out of interfaces. Their clauses become requirements at once; the function that it
// returns declares their specs.
func Suite(name string, of ...Interface) (specs func()) {
	requirements := map[string]spec.Requirement{}
	for _, each := range of {
		spec.KnowLabels(append([]string{each.Page}, each.Kinds...)...)
		for _, c := range each.Clauses {
			spec.KnowLabels(append(c.Kinds, c.Places...)...)
			clauses[c.ID] = c
			requirements[c.ID] = spec.Require(spec.Requirement{ID: c.ID, Text: c.Text, Source: c.Source, Since: c.Since})
		}
	}
	return func() {
		spec.AtEnd(checker.Close)
		ginkgo.Describe(name, func() {
			for _, each := range of {
				for _, clause := range each.Clauses {
					places := clause.Places
					if len(places) == 0 {
						places = []string{""}
					}
					for _, place := range places {
						declare(name, requirements[clause.ID], each, clause, place)
					}
				}
			}
		})
	}
}

func declare(suite string, r spec.Requirement, of Interface, clause Clause, place string) {
	// A report names where the clause stands, not where clauses are declared.
	decorations := []any{where(clause.Check)}
	for _, kind := range append(append([]string{}, of.Kinds...), clause.Kinds...) {
		decorations = append(decorations, ginkgo.Label(kind))
	}
	spec.Promise(r, suite, of.Page, place, func(c *spec.Case) {
		for _, needed := range of.Needs {
			c.Needs(needed)
		}
		checker.judge(c, clause, place)
	}, decorations...)
}

// where is the file and line of a check.
func where(check func(*T)) types.CodeLocation {
	at := runtime.FuncForPC(reflect.ValueOf(check).Pointer())
	file, line := at.FileLine(at.Entry())
	return types.CodeLocation{FileName: file, LineNumber: line}
}
