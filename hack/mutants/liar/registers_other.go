//go:build !amd64

package liar

// supported: which registers hold what of a system call is another matter on each architecture.
const supported = false

type registers struct{}

func change(int, func(*registers)) error { return errUnsupported }

func (*registers) setNumber(uintptr)      {}
func (*registers) setArguments([6]uint64) {}
func (*registers) setResult(int64)        {}
func (*registers) repeat(uintptr)         {}
