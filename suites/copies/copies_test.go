package copies_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // by this import the ginkgo command knows a suite

	_ "zerocopy-conformance/suites/catalogue" // so that every requirement's ID is known
	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/spec"
)

func TestCopies(t *testing.T) { spec.Run(t, "copies", copies.Specs) }
