// Package mutated_test is the program on which mutants are run: all suites, on methods that do wrong, or under a tracer
// that lies to whoever moves the bytes. hack/mutants builds it.
package mutated_test

import (
	"testing"

	"zerocopy-conformance/hack/mutants/lies"
	"zerocopy-conformance/hack/mutants/methods"
	"zerocopy-conformance/suites/contract"
	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/integrity"
	"zerocopy-conformance/suites/safety"
	"zerocopy-conformance/suites/spec"
	"zerocopy-conformance/suites/textbook"
)

func TestMutated(t *testing.T) {
	methods.Register()
	if err := lies.Enter(); err != nil {
		t.Fatal(err)
	}
	spec.Run(t, "mutated", integrity.Specs, cost.Specs, copies.Specs, contract.Specs, safety.Specs, textbook.Specs)
}
