package impl

import "slices"

// KeepMethods returns what puts the registered methods back to those that there are now.
func KeepMethods() (restore func()) {
	before := slices.Clone(methods)
	return func() { methods = before }
}
