// Package catalogue is all suites of the kit, and so all its requirements: who imports it knows every ID.
package catalogue

import (
	"zerocopy-conformance/suites/contract"
	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/external"
	"zerocopy-conformance/suites/integrity"
	"zerocopy-conformance/suites/safety"
	"zerocopy-conformance/suites/textbook"
)

// Suite is one question, and what declares the specs that ask it.
type Suite struct {
	Name  string
	Specs func()
}

// Suites are all of them.
var Suites = []Suite{
	{"integrity", integrity.Specs},
	{"cost", cost.Specs},
	{"copies", copies.Specs},
	{"contract", contract.Specs},
	{"safety", safety.Specs},
	{"textbook", textbook.Specs},
	{"external", external.Specs},
}
