package impl

import "golang.org/x/sys/unix"

// MmapPrivate is mmap+write with MAP_PRIVATE. Nothing is copied on account of that: a page that is only read stays the
// page cache's, and shows what others write to the file until it is taken.
var MmapPrivate = Method{
	Name: "mmap-private+write",
	Claim: Claim{
		Source:     "mmap(2): MAP_PRIVATE, write(2)",
		Calls:      MmapWrite.Claim.Calls,
		Teardown:   MmapWrite.Claim.Teardown,
		Faults:     1,
		UserCopies: 1,
	},
	Into: AnySink,
	Move: mapped(unix.MAP_PRIVATE, ofUsualPages, writeMapped),
}
