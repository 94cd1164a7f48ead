package impl

import "golang.org/x/sys/unix"

// CopyFileRange has the kernel copy from file to file: copy_file_range(2), at an offset of the source, to the sink's
// position. Where the filesystem can it shares the blocks, on the disk; never the page cache's pages.
//
// Across filesystems it ends with EXDEV, on kernels before 5.3 and from 5.19 on (copy_file_range(2), VERSIONS).
var CopyFileRange = Method{
	Name: "copy_file_range",
	Claim: Claim{
		Source: "copy_file_range(2)",
		Since:  "4.5",
		Calls:  map[string]int{"copy_file_range": 1},
	},
	Into: File,
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		return again(func() (int, error) { return unix.CopyFileRange(t.Source, &offset, t.Sink, nil, length, 0) })
	}),
}
