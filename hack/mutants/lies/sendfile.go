package lies

import (
	"slices"

	"golang.org/x/sys/unix"
)

var sendfile = moving{number: unix.SYS_SENDFILE, into: 0, from: 1, fromOffset: 2, length: 3, intoOffset: none, flags: none}

var sendfileLies = family{
	name: "sendfile", filter: "/^SENDFILE-/",
	waits: "SENDFILE-FROM-KERNEL || SENDFILE-HOLES || SENDFILE-CONCURRENT || SENDFILE-WHOLE || SENDFILE-INTERRUPTED || SENDFILE-SOCKET-INTO-PIPE",
	lies: slices.Concat(
		sendfile.misnamed(
			refusal{unix.EINVAL, []string{"SENDFILE-APPEND", "SENDFILE-FROM-DIRECTORY", "SENDFILE-FROM-SOCKET", "SENDFILE-NEGATIVE-*",
				"SENDFILE-WRAP", "SENDFILE-FROM-KERNEL", "SENDFILE-FROM-PIPE", "SENDFILE-OVERFLOW"}},
			refusal{unix.EAGAIN, []string{"SENDFILE-FULL-PIPE", "SENDFILE-SHORT", "SENDFILE-SHORT-PIPE"}},
			refusal{unix.EBADF, []string{"SENDFILE-BAD-DESCRIPTOR", "SENDFILE-BAD-BEFORE-APPEND"}},
			refusal{unix.EFAULT, []string{"SENDFILE-FAULT"}},
			refusal{unix.ESPIPE, []string{"SENDFILE-FROM-PIPE-OFFSET"}},
			refusal{unix.EFBIG, []string{"SENDFILE-FILE-LIMIT"}},
			refusal{unix.EPIPE, []string{"SENDFILE-EPIPE", "SENDFILE-RESET"}},
			refusal{unix.ECONNRESET, []string{"SENDFILE-RESET"}},
		),
		everywhere(sendfile.misnamed(refusal{unix.EINTR, []string{"SENDFILE-EINTR"}})...),
		sendfile.miscounted("SENDFILE-*"),
		sendfile.misdone("SENDFILE-*"),
		sendfile.source().misplaced(
			[]string{"SENDFILE-OFFSET", "SENDFILE-PAST-END", "SENDFILE-CONCURRENT", "SENDFILE-FAR", "SENDFILE-OVERFLOW", "SENDFILE-SHORT*",
				"SENDFILE-INTO-FILE", "SENDFILE-INTO-ITSELF"},
			[]string{"SENDFILE-POSITION", "SENDFILE-FAR", "SENDFILE-FILE-LIMIT", "SENDFILE-GROWING",
				"SENDFILE-INTO-ITS*", "SENDFILE-PIPE-TAKES-PART", "SENDFILE-TRUNCATED"},
			[]string{"SENDFILE-APPEND", "SENDFILE-COUNT-ZERO", "SENDFILE-EINTR", "SENDFILE-EMPTY-UDP", "SENDFILE-END", "SENDFILE-EPIPE", "SENDFILE-FILE-LIMIT",
				"SENDFILE-FROM-KERNEL", "SENDFILE-FULL-PIPE", "SENDFILE-NEGATIVE-OFFSET", "SENDFILE-OVERFLOW", "SENDFILE-RESET", "SENDFILE-SHORT*"},
		),
		[]lie{
			sendfile.failing("SENDFILE-*"),
			sendfile.twice("SENDFILE-*"),
			sendfile.stuck("SENDFILE-OFFSET", "SENDFILE-POSITION").within("SENDFILE-OFFSET && pipe || SENDFILE-POSITION && unix-stream"),
			sendfile.endless("SENDFILE-COUNT-ZERO", "SENDFILE-EMPTY-UDP", "SENDFILE-END", "SENDFILE-FAR"),
			sendfile.source().elsewhere("SENDFILE-*"),
			sendfile.sink().impatient("SENDFILE-WAITS", "SENDFILE-EINTR", "SENDFILE-CONCURRENT", "SENDFILE-GROWING", "SENDFILE-REGROWN", "SENDFILE-TRUNCATED",
				"SENDFILE-INTERRUPTED", "SENDFILE-WHOLE"),
			sendfile.sink().patient("SENDFILE-FULL-PIPE", "SENDFILE-SHORT*"),
			sendfile.appending("SENDFILE-APPEND"),
			sendfile.deaf("SENDFILE-EINTR"),
		},
	),
}
