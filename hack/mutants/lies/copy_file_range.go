package lies

import (
	"slices"

	"golang.org/x/sys/unix"
)

var copyFileRange = moving{number: unix.SYS_COPY_FILE_RANGE, from: 0, fromOffset: 1, into: 2, intoOffset: 3, length: 4, flags: 5}

var copyFileRangeLies = family{
	name: "copy_file_range", filter: "/^COPY-FILE-RANGE-/",
	lies: slices.Concat(
		copyFileRange.misnamed(
			refusal{unix.EINVAL, nil},
			refusal{unix.EBADF, nil},
			refusal{unix.EFAULT, nil},
			refusal{unix.EFBIG, nil},
			refusal{unix.EISDIR, nil},
			refusal{unix.EPERM, nil},
			refusal{unix.EOVERFLOW, nil},
			refusal{unix.ENOSPC, nil},
			refusal{unix.EXDEV, nil},
		),
		copyFileRange.miscounted("COPY-FILE-RANGE-*"),
		copyFileRange.misdone("COPY-FILE-RANGE-*"),
		copyFileRange.source().misplaced(nil, nil, nil),
		copyFileRange.sink().misplaced(nil, nil, nil),
		[]lie{
			copyFileRange.twice("COPY-FILE-RANGE-*"),
			copyFileRange.endless(),
			copyFileRange.source().elsewhere("COPY-FILE-RANGE-*"),
			copyFileRange.sink().elsewhere("COPY-FILE-RANGE-*"),
			copyFileRange.heedless(0, "COPY-FILE-RANGE-FLAGS"),
			copyFileRange.strict("COPY-FILE-RANGE-COUNT-ZERO"),
			copyFileRange.appending("COPY-FILE-RANGE-APPEND"),
			copyFileRange.stuck("COPY-FILE-RANGE-OFFSETS").within("COPY-FILE-RANGE-OFFSETS && memfd"),
			copyFileRange.source().spoiling("COPY-FILE-RANGE-*"),
		},
	),
}
