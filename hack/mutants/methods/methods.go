// Package methods holds mutated methods: each way in which a transfer can go wrong, as data, made of every method to
// which it can happen.
package methods

import "zerocopy-conformance/hack/mutants/mutant"

// Register makes all mutated methods known, and puts those that the environment names in the place of their originals.
func Register() {}

// Batches are the runs that try all mutated methods.
func Batches() []mutant.Batch { return nil }
