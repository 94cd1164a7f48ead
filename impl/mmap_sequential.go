package impl

import "golang.org/x/sys/unix"

// MmapSequential is mmap+write with madvise(2) MADV_SEQUENTIAL: pages that are read in order can be read ahead, and
// dropped soon after. A kernel without CONFIG_ADVISE_SYSCALLS has no such call: ENOSYS.
var MmapSequential = Method{
	Name: "mmap-sequential+write",
	Claim: Claim{
		Source:     "mmap(2), madvise(2): MADV_SEQUENTIAL, write(2)",
		Calls:      map[string]int{"mmap": 1, "madvise": 1, "write": 1},
		Teardown:   MmapWrite.Claim.Teardown,
		Faults:     1,
		UserCopies: 1,
	},
	Into: AnySink,
	Move: mapped(unix.MAP_SHARED, ofUsualPages, func(t *Transfer, mapping []byte, skip int) (int, error) {
		if err := unix.Madvise(mapping, unix.MADV_SEQUENTIAL); err != nil {
			return 0, err
		}
		return writeMapped(t, mapping, skip)
	}),
}
