package cost_test

import (
	"testing"

	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/spec"
)

func TestCost(t *testing.T) { spec.Run(t, "cost", cost.Specs) }
