package contract

import (
	"slices"

	"zerocopy-conformance/fixtures/probe"
)

// sendfileMoreClauses are what sendfile(2) owes beside its arguments' rules, by subject.
var sendfileMoreClauses = Interface{
	Page: "sendfile(2)", Needs: []probe.Interface{probe.Sendfile},
	Clauses: slices.Concat(sendfileSinks, sendfileSources, sendfileShort, sendfileMeanwhile),
}
