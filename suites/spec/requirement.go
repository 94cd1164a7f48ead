package spec

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/impl"
)

// Requirement is one normative sentence that a kernel or a method is held to.
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Source is where the sentence comes from: a man page and section, or a kernel document.
	Source string `json:"source"`
	// Since is the first kernel version that owes it. Empty: none is held to it, and what is seen is recorded.
	Since string `json:"since"`
}

// requirements are all that the packages of this program hold kernels and methods to, by ID.
var requirements = map[string]Requirement{}

// Require makes a requirement known, and returns it: each is made once, as a variable of the suite that asserts
// it. It panics on one that is incomplete, or whose ID is taken: both are mistakes of the program.
func Require(r Requirement) Requirement {
	switch _, taken := requirements[r.ID]; {
	case taken:
		panic(fmt.Sprintf("requirement %s is made twice", r.ID))
	case r.ID == "" || strings.ToUpper(r.ID) != r.ID || strings.ContainsFunc(r.ID, notInIDs):
		panic(fmt.Sprintf("requirement ID %q: capitals, digits and dashes are needed", r.ID))
	case r.Text == "" || r.Source == "":
		panic(fmt.Sprintf("requirement %s has no sentence, or none of its source", r.ID))
	}
	if r.Since != "" {
		if _, err := kernel.ParseVersion(r.Since); err != nil {
			panic(fmt.Sprintf("requirement %s: since %v", r.ID, err))
		}
	}
	requirements[r.ID] = r
	return r
}

func notInIDs(c rune) bool {
	return (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
}

// Requirements are all that were made, in the order of their IDs.
func Requirements() []Requirement {
	var all []Requirement
	for _, r := range requirements {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Requirement) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// owes is the version whose promises the kernel is held to. It is asked for once: it cannot change in a run.
var owes = sync.OnceValues(kernel.Owes)

// owed says whether the kernel is held to the requirement, and if not, why not. A kernel that does more than it
// owes passes all the same.
func (r Requirement) owed() (yes bool, why string) { return owedSince(r.Since, "owed") }

// owedOf is the same of a requirement on a method, whose calls may be newer than the requirement.
func (r Requirement) owedOf(method string) (yes bool, why string) {
	m, err := impl.Lookup(method)
	if yes, why := r.owed(); !yes || err != nil || m.Claim.Since == "" {
		return yes, why
	}
	return owedSince(m.Claim.Since, "the calls of "+method+" are there")
}

func owedSince(version, what string) (yes bool, why string) {
	if version == "" {
		return false, "no kernel is held to it"
	}
	since, _ := kernel.ParseVersion(version)
	// An unreadable release was reported before any spec was built.
	held, _ := owes()
	if held.Compare(since) >= 0 {
		return true, ""
	}
	return false, fmt.Sprintf("%s since Linux %s, and this kernel is held to %s", what, version, held)
}
