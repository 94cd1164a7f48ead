package debian

// Compare orders Debian's versions.
var Compare = compare

// Within says whether a version is of the asked one.
var Within = within

// Sites chooses the archive's sites from what apt is told to use.
var Sites = sites

// Trust has apt take lists that nobody has signed, until restore is called.
func Trust() (restore func()) { return believe("trusted=yes") }

// Distrust has it ask for the archive's keys again, until restore is called.
func Distrust() (restore func()) { return believe("signed-by=" + keyring) }

func believe(whom string) (restore func()) {
	before := trust
	trust = whom
	return func() { trust = before }
}
