package lies

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

var splice = moving{number: unix.SYS_SPLICE, from: 0, fromOffset: 1, into: 2, intoOffset: 3, length: 4, flags: 5, stage: fillsByPages}

// fillsByPages is how the contract suite fills a stream to the brim: page by page, until it is EAGAIN.
func fillsByPages(c *liar.Call) bool {
	into := c.Descriptor(2)
	return c.Arguments[4] == uint64(os.Getpagesize()) && c.Arguments[5] == 0 && c.Is(into, unix.S_IFSOCK) && c.Flags(into)&unix.O_NONBLOCK != 0
}

var spliceLies = family{
	name: "splice", filter: "/^SPLICE-/",
	waits: "SPLICE-HINTS || /^SPLICE-(MORE|WAKES)-/ || /-MESSAGE/ || SPLICE-PIECES-UDP || SPLICE-SHORT-ON-SIGNAL",
	dear:  "SPLICE-RING",
	lies:  slices.Concat(spliceAnswers, splicePlaces, spliceWaits, spliceContents),
}

var spliceAnswers = slices.Concat(
	splice.misnamed(
		refusal{unix.EINVAL, []string{"SPLICE-ANY-SOURCE", "SPLICE-APPEND", "SPLICE-DEV-FULL", "SPLICE-DIRECTORY", "SPLICE-NEGATIVE-*", "SPLICE-NO-PIPE",
			"SPLICE-SAME-PIPE", "SPLICE-SOCKET-OFFSET", "SPLICE-UNKNOWN-FLAGS", "SPLICE-WRAP"}},
		refusal{unix.EAGAIN, []string{"SPLICE-EMPTY-STREAM", "SPLICE-FULL-*", "SPLICE-NONBLOCK-*", "SPLICE-O-NONBLOCK-*", "SPLICE-PIPE-FILLS",
			"SPLICE-PIPE-TO-PIPE"}},
		refusal{unix.EBADF, []string{"SPLICE-BAD-DESCRIPTOR"}},
		refusal{unix.EFAULT, []string{"SPLICE-FAULT"}},
		refusal{unix.ESPIPE, []string{"SPLICE-ESPIPE", "SPLICE-FIFO"}},
		refusal{unix.EFBIG, []string{"SPLICE-FILE-LIMIT"}},
		refusal{unix.EPIPE, []string{"SPLICE-EPIPE", "SPLICE-SOCKET-EPIPE", "SPLICE-GONE-READER", "SPLICE-WAITS-FOR-A-READER"}},
		refusal{unix.ECONNRESET, []string{"SPLICE-GONE-READER"}},
		refusal{unix.EPERM, []string{"SPLICE-SEALED"}},
		refusal{unix.EINTR, []string{"SPLICE-EINTR"}},
	),
	splice.miscounted("SPLICE-*"),
	splice.misdone("SPLICE-*"),
	[]lie{
		// The stages of those are set by the call itself.
		splice.failing("SPLICE-*").within("!(SPLICE-A-PART || SPLICE-PIPE-TO-PIPE-SHARES || SPLICE-WRITE-BEHIND)"),
		splice.twice("SPLICE-*").within("SPLICE-POSITION-IN || SPLICE-OFFSET-IN || SPLICE-A-PART"),
		splice.endless("SPLICE-END-*", "SPLICE-FROM-SHUT", "SPLICE-FROM-STREAM", "SPLICE-LENGTH-ZERO", "SPLICE-WAITS-FOR-A-WRITER"),
		splice.strict("SPLICE-LENGTH-ZERO"),
		splice.appending("SPLICE-APPEND"),
		splice.heedless(spliceFlags, "SPLICE-UNKNOWN-FLAGS"),
		splice.ignoring(unix.SPLICE_F_MORE, "SPLICE_F_MORE", "SPLICE-MORE-UDP"),
		splice.refusing(unix.SPLICE_F_MOVE|unix.SPLICE_F_MORE|unix.SPLICE_F_GIFT, "SPLICE-HINTS", "SPLICE-MORE-*", "SPLICE-FILE-COPIES"),
	},
)

var splicePlaces = slices.Concat(
	splice.source().misplaced(
		[]string{"SPLICE-OFFSET-IN", "SPLICE-PAST-END"},
		[]string{"SPLICE-POSITION-IN", "SPLICE-PIPE-FILLS"},
		[]string{"SPLICE-EINTR", "SPLICE-END-OF-FILE", "SPLICE-EPIPE", "SPLICE-ESPIPE", "SPLICE-LENGTH-ZERO", "SPLICE-NEGATIVE-OFFSET", "SPLICE-NO-PIPE",
			"SPLICE-NONBLOCK-FULL", "SPLICE-O-NONBLOCK-FULL", "SPLICE-PIPE-FILLS", "SPLICE-SOCKET-OFFSET", "SPLICE-UNKNOWN-FLAGS", "SPLICE-WAITS-FOR-A-READER",
			"SPLICE-WRAP"},
	),
	splice.sink().misplaced(
		[]string{"SPLICE-OFFSET-OUT"},
		[]string{"SPLICE-POSITION-OUT", "SPLICE-A-PART", "SPLICE-FILE-LIMIT", "SPLICE-FROM-STREAM"},
		[]string{"SPLICE-APPEND", "SPLICE-EINTR", "SPLICE-ESPIPE", "SPLICE-FILE-LIMIT", "SPLICE-NEGATIVE-OFFSET", "SPLICE-NO-PIPE", "SPLICE-NONBLOCK-EMPTY",
			"SPLICE-SEALED", "SPLICE-SOCKET-OFFSET", "SPLICE-WRAP"},
	),
	[]lie{
		splice.source().elsewhere("SPLICE-*"),
		splice.sink().elsewhere("SPLICE-*"),
	},
)

var spliceWaiting = []string{"SPLICE-WAITS*", "SPLICE-EINTR", "SPLICE-RING-*"}

var spliceWaits = append([]lie{
	splice.sink().impatient(append(spliceWaiting, "SPLICE-SHORT-ON-SIGNAL")...),
	splice.source().impatient(spliceWaiting...),
	splice.sink().patient("SPLICE-O-NONBLOCK-FULL", "SPLICE-FULL-STREAM").within("file && SPLICE-O-NONBLOCK-FULL || SPLICE-FULL-STREAM"),
	splice.source().patient("SPLICE-O-NONBLOCK-EMPTY", "SPLICE-EMPTY-STREAM").within("file && SPLICE-O-NONBLOCK-EMPTY || SPLICE-EMPTY-STREAM"),
	splice.ignoring(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", "SPLICE-NONBLOCK-EMPTY", "SPLICE-NONBLOCK-FULL").
		within("file && (SPLICE-NONBLOCK-EMPTY || SPLICE-NONBLOCK-FULL)").hanging(),
	splice.always(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", spliceWaiting...),
	splice.deaf("SPLICE-EINTR").within("SPLICE-EINTR && (empty-pipe-to-file || file-to-full-pipe || pipe-to-full-unix-stream)"),
	splice.sleepy("SPLICE-WAKES-*").within("/^SPLICE-WAKES-/ && (file || pipe)"),
	silent("SPLICE-EPIPE", "SPLICE-SOCKET-EPIPE"),
}, everywhere(splice.stuck("SPLICE-POSITION-IN", "SPLICE-RING").within("SPLICE-POSITION-IN || SPLICE-RING"))...)

// spliceContents are the lies about what is in a pipe, or in a file, when a call has been made.
var spliceContents = slices.Concat(
	splice.sink().garbling("SPLICE-*"),
	[]lie{
		// A ring has thousands of calls, of which each would be held up.
		splice.sink().copying("SPLICE-SHARES", "SPLICE-PIPE-TO-PIPE-SHARES").within("!SPLICE-RING-TURNS"),
		splice.source().wasteful("SPLICE-APPEND", "SPLICE-BAD-DESCRIPTOR", "SPLICE-DEV-FULL", "SPLICE-EINTR", "SPLICE-EPIPE", "SPLICE-ESPIPE", "SPLICE-FAULT",
			"SPLICE-FILE-LIMIT", "SPLICE-FULL-*", "SPLICE-GONE-READER", "SPLICE-NEGATIVE-*", "SPLICE-NO-PIPE", "SPLICE-NONBLOCK-FULL", "SPLICE-O-NONBLOCK-FULL",
			"SPLICE-PIPE-TO-PIPE", "SPLICE-SAME-PIPE", "SPLICE-SEALED", "SPLICE-SOCKET-*", "SPLICE-UNKNOWN-FLAGS", "SPLICE-WAITS-FOR-A-READER",
			"SPLICE-WRAP"),
		splice.sink().leaving("SPLICE-ANY-SOURCE", "SPLICE-APPEND", "SPLICE-BAD-DESCRIPTOR", "SPLICE-DIRECTORY", "SPLICE-EINTR", "SPLICE-EMPTY-STREAM",
			"SPLICE-ESPIPE", "SPLICE-FAULT", "SPLICE-FILE-LIMIT", "SPLICE-NEGATIVE-*", "SPLICE-NONBLOCK-EMPTY", "SPLICE-SAME-PIPE",
			"SPLICE-SOCKET-OFFSET", "SPLICE-UNKNOWN-FLAGS", "SPLICE-WRAP"),
		splice.source().spoiling("SPLICE-WRITE-BEHIND", "SPLICE-FILE-COPIES", "SPLICE-A-PART", "SPLICE-EINTR", "SPLICE-FIFO", "SPLICE-HINTS",
			"SPLICE-INTO-MESSAGES", "SPLICE-WAITS"),
	},
)
