package textbook_test

import (
	"testing"

	"zerocopy-conformance/suites/spec"
	"zerocopy-conformance/suites/textbook"
)

func TestTextbook(t *testing.T) { spec.Run(t, "textbook", textbook.Specs) }
