package impl

import "golang.org/x/sys/unix"

// MmapHuge is mmap+write for a file of huge pages: a mapping of such a file begins and ends at their boundaries, not at
// those of usual pages (mmap(2), Huge page (Huge TLB) mappings). One page fault enters megabytes.
//
// A chunk smaller than a huge page has all of it mapped, and nothing of it copied on that account.
var MmapHuge = Method{
	Name: "mmap-huge+write",
	Claim: Claim{
		Source:     "mmap(2), write(2)",
		Calls:      MmapWrite.Claim.Calls,
		Teardown:   MmapWrite.Claim.Teardown,
		Faults:     1,
		UserCopies: 1,
	},
	From: HugeFile,
	Into: AnySink,
	Prepare: func(t *Transfer) (func() error, error) {
		var file unix.Stat_t
		err := unix.Fstat(t.Source, &file)
		// For a hugetlbfs this is the size of its pages.
		t.Own = int(file.Blksize)
		return nil, err
	},
	Move: mapped(unix.MAP_SHARED, func(t *Transfer) int { return t.Own.(int) }, writeMapped),
}
