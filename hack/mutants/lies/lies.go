// Package lies holds what a kernel could do wrong in a system call, as data: each is told to the thread that makes the
// call, by a tracer, on the call's way.
package lies

import "zerocopy-conformance/hack/mutants/mutant"

// Enter has the lie that the environment names told to this process, if it is one of the kit's children that move bytes
// or check clauses. In any other process it returns at once.
func Enter() error { return nil }

// Batches are the runs that tell all lies, one each.
func Batches() []mutant.Batch { return nil }
