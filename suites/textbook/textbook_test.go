package textbook_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // by this import the ginkgo command knows a suite

	_ "zerocopy-conformance/suites/catalogue" // so that every requirement's ID is known
	"zerocopy-conformance/suites/spec"
	"zerocopy-conformance/suites/textbook"
)

func TestTextbook(t *testing.T) { spec.Run(t, "textbook", textbook.Specs) }
