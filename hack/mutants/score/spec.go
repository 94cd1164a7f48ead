package score

import (
	"cmp"
	"fmt"
	"strings"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/hack/report"
)

// Spec is one spec of the kit: a requirement, and where a kernel or a method is held to it.
type Spec struct {
	Requirement string `json:"requirement"`
	// Place is "sendfile from tmp into tcp" or "sendfile(2), pipe".
	Place string `json:"place"`
}

func (s Spec) String() string { return s.Requirement + ": " + s.Place }

func compareSpecs(a, b Spec) int {
	return cmp.Or(strings.Compare(a.Requirement, b.Requirement), strings.Compare(a.Place, b.Place))
}

// SpecOf is the spec that a case is of. One about a mutated method is the original's spec.
func SpecOf(c report.Case) Spec {
	s := Spec{Requirement: c.Requirement.ID}
	switch {
	case c.Method != "":
		s.Place = fmt.Sprintf("%s from %s into %s", mutant.MethodOf(c.Method), c.Source, c.Sink)
	case c.Place != "":
		s.Place = c.Interface + ", " + c.Place
	default:
		s.Place = c.Interface
	}
	return s
}

// matches says whether a text is the pattern, where an asterisk stands for any characters.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	rest, found := strings.CutPrefix(text, parts[0])
	if !found {
		return false
	}
	for _, part := range parts[1:] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return rest == "" || len(parts) > 1 && strings.HasSuffix(text, parts[len(parts)-1])
}
