package keeper

// Unentered has a program seem to be one that never calls Enter, until restore.
func Unentered() (restore func()) {
	entered = false
	return func() { entered = true }
}
