package methods

import "zerocopy-conformance/impl"

// Lookup is the mutated method of that name.
func Lookup(name string) impl.Method { return lookup("the spec", name) }
