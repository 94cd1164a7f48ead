package impl

import "golang.org/x/sys/unix"

// MmapPopulate is mmap+write with MAP_POPULATE: mmap(2) itself brings the pages in and enters them, so that write(2)
// takes no page fault. It saves the traps, not the work: the kernel still counts its own faults, inside mmap(2).
var MmapPopulate = Method{
	Name: "mmap-populate+write",
	Claim: Claim{
		Source:     "mmap(2): MAP_POPULATE, write(2)",
		Calls:      MmapWrite.Claim.Calls,
		Teardown:   MmapWrite.Claim.Teardown,
		Populates:  true,
		UserCopies: 1,
	},
	Into: AnySink,
	Move: mapped(unix.MAP_SHARED|unix.MAP_POPULATE, ofUsualPages, writeMapped),
}
