package copies_test

import (
	"testing"

	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/spec"
)

func TestCopies(t *testing.T) { spec.Run(t, "copies", copies.Specs) }
