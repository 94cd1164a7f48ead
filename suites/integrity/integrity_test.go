package integrity_test

import (
	"testing"

	"zerocopy-conformance/suites/integrity"
	"zerocopy-conformance/suites/spec"
)

func TestIntegrity(t *testing.T) { spec.Run(t, "integrity", integrity.Specs) }
