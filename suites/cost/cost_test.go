package cost_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // by this import the ginkgo command knows a suite

	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/spec"
)

func TestCost(t *testing.T) { spec.Run(t, "cost", cost.Specs) }
