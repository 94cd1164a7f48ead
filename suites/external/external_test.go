package external_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // by this import the ginkgo command knows a suite

	_ "zerocopy-conformance/suites/catalogue" // so that every requirement's ID is known
	"zerocopy-conformance/suites/external"
	"zerocopy-conformance/suites/spec"
)

func TestExternal(t *testing.T) { spec.Run(t, "external", external.Specs) }
