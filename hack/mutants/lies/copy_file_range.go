package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

var copyFileRange = moving{number: unix.SYS_COPY_FILE_RANGE, from: 0, fromOffset: 1, into: 2, intoOffset: 3, length: 4, flags: 5}

var copyFileRangeLies = family{
	name: "copy_file_range", filter: "/^COPY-FILE-RANGE-/",
	// Filesystems that are made for the purpose.
	dear: "/ext4|xfs|btrfs|overlay/",
	lies: slices.Concat(
		copyFileRange.misnamed(
			refusal{unix.EINVAL, []string{"COPY-FILE-RANGE-FLAGS", "COPY-FILE-RANGE-NEGATIVE", "COPY-FILE-RANGE-NO-FILE", "COPY-FILE-RANGE-OVERLAP"}},
			refusal{unix.EBADF, []string{"COPY-FILE-RANGE-BAD-DESCRIPTOR", "COPY-FILE-RANGE-APPEND"}},
			refusal{unix.EFAULT, []string{"COPY-FILE-RANGE-FAULT"}},
			refusal{unix.EFBIG, []string{"COPY-FILE-RANGE-FAR-SINK", "COPY-FILE-RANGE-FILE-LIMIT"}},
			refusal{unix.EISDIR, []string{"COPY-FILE-RANGE-DIRECTORY"}},
			refusal{unix.EPERM, []string{"COPY-FILE-RANGE-IMMUTABLE", "COPY-FILE-RANGE-SEALED"}},
			refusal{unix.EOVERFLOW, []string{"COPY-FILE-RANGE-NEGATIVE", "COPY-FILE-RANGE-WRAP"}},
		),
		everywhere(copyFileRange.misnamed(
			refusal{unix.ENOSPC, []string{"COPY-FILE-RANGE-NO-SPACE"}},
			refusal{unix.EXDEV, []string{"COPY-FILE-RANGE-ACROSS", "COPY-FILE-RANGE-VIRTUAL"}},
		)...),
		everywhere(tell("more-than-most", "copies a page more than 0x7ffff000 bytes", []string{"COPY-FILE-RANGE-MOST"}, copyFileRange.exit(func(c *liar.Call) {
			if c.Result == mostBytes {
				c.Answer(mostBytes + int64(pageBytes))
			}
		})).within("COPY-FILE-RANGE-MOST")),
		copyFileRange.miscounted("COPY-FILE-RANGE-*"),
		copyFileRange.misdone("COPY-FILE-RANGE-*"),
		copyFileRange.source().misplaced(
			append(copyOffsets, "COPY-FILE-RANGE-PAST-END"), copyPositions,
			[]string{"COPY-FILE-RANGE-ACROSS", "COPY-FILE-RANGE-APPEND", "COPY-FILE-RANGE-BAD-DESCRIPTOR", "COPY-FILE-RANGE-COUNT-ZERO", "COPY-FILE-RANGE-END",
				"COPY-FILE-RANGE-FA*", "COPY-FILE-RANGE-FILE-LIMIT", "COPY-FILE-RANGE-IMMUTABLE", "COPY-FILE-RANGE-NEGATIVE", "COPY-FILE-RANGE-NO-FILE",
				"COPY-FILE-RANGE-WRAP"},
		),
		copyFileRange.sink().misplaced(
			copyOffsets, copyPositions,
			[]string{"COPY-FILE-RANGE-ACROSS", "COPY-FILE-RANGE-END", "COPY-FILE-RANGE-FAR-SINK", "COPY-FILE-RANGE-FILE-LIMIT", "COPY-FILE-RANGE-NEGATIVE",
				"COPY-FILE-RANGE-WRAP"},
		),
		[]lie{
			copyFileRange.failing("COPY-FILE-RANGE-*"),
			copyFileRange.twice("COPY-FILE-RANGE-*"),
			copyFileRange.endless("COPY-FILE-RANGE-COUNT-ZERO", "COPY-FILE-RANGE-END"),
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

// mostBytes is what one call moves at most (read(2) NOTES).
const mostBytes = 0x7ffff000

var (
	copyOffsets = []string{"COPY-FILE-RANGE-OFFSETS", "COPY-FILE-RANGE-MIXED", "COPY-FILE-RANGE-HOLES", "COPY-FILE-RANGE-MAPPED-SINK",
		"COPY-FILE-RANGE-PRIVATE", "COPY-FILE-RANGE-TIMES"}
	copyPositions = []string{"COPY-FILE-RANGE-POSITIONS", "COPY-FILE-RANGE-MIXED", "COPY-FILE-RANGE-ACROSS", "COPY-FILE-RANGE-FILE-LIMIT"}
)
