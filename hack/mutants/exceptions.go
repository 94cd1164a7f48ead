package main

import "zerocopy-conformance/hack/mutants/score"

// exceptions are the specs that no mutant here can make fail, and why. One that is not needed any more is an error.
var exceptions = []score.Exception{}
