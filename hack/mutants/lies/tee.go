package lies

import (
	"slices"

	"golang.org/x/sys/unix"
)

var tee = moving{number: unix.SYS_TEE, from: 0, into: 1, fromOffset: none, intoOffset: none, length: 2, flags: 3}

var teeLies = family{
	name: "tee", filter: "/^TEE-/", waits: "TEE-WAKES-A-READER || TEE-THEN-SPLICE", dear: "TEE-RING",
	lies: slices.Concat(
		tee.misnamed(
			refusal{unix.EINVAL, []string{"TEE-NO-PIPE", "TEE-SAME-PIPE", "TEE-UNKNOWN-FLAGS"}},
			refusal{unix.EAGAIN, []string{"TEE-NONBLOCK", "TEE-O-NONBLOCK", "TEE-FILLS"}},
			refusal{unix.EBADF, []string{"TEE-BAD-DESCRIPTOR"}},
			refusal{unix.EPIPE, []string{"TEE-EPIPE", "TEE-WAITS-FOR-A-READER"}},
			refusal{unix.EINTR, []string{"TEE-EINTR"}},
		),
		tee.miscounted("TEE-*"),
		tee.misdone("TEE-*"),
		tee.sink().garbling("TEE-*"),
		tee.source().garbling("TEE-*"),
		everywhere(tee.stuck("TEE-BYTES", "TEE-RING").within("TEE-BYTES || TEE-RING")),
		[]lie{
			tee.failing("TEE-*"),
			tee.twice("TEE-BYTES", "TEE-BEHIND", "TEE-AGAIN").within("TEE-BYTES || TEE-BEHIND || TEE-AGAIN"),
			tee.consuming("TEE-BYTES", "TEE-APART", "TEE-END").within("TEE-BYTES || TEE-APART || TEE-END"),
			tee.endless("TEE-END", "TEE-LENGTH-ZERO", "TEE-WAITS-FOR-A-WRITER"),
			tee.strict("TEE-LENGTH-ZERO"),
			tee.heedless(spliceFlags, "TEE-UNKNOWN-FLAGS"),
			tee.refusing(unix.SPLICE_F_MOVE|unix.SPLICE_F_MORE|unix.SPLICE_F_GIFT, "TEE-HINTS"),
			tee.ignoring(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", "TEE-NONBLOCK").within("TEE-NONBLOCK").hanging(),
			tee.always(unix.SPLICE_F_NONBLOCK, "SPLICE_F_NONBLOCK", teeWaiting...),
			tee.sink().impatient(teeWaiting...),
			tee.source().impatient(teeWaiting...),
			tee.sink().patient("TEE-O-NONBLOCK").within("TEE-O-NONBLOCK && full-output"),
			tee.source().patient("TEE-O-NONBLOCK").within("TEE-O-NONBLOCK && empty-input"),
			tee.deaf("TEE-EINTR").within("TEE-EINTR"),
			tee.sleepy("TEE-WAKES-A-READER").within("TEE-WAKES-A-READER"),
			tee.sink().copying("TEE-SHARES"),
			tee.source().wasteful("TEE-BAD-DESCRIPTOR", "TEE-EINTR", "TEE-EPIPE", "TEE-FILLS", "TEE-NO-PIPE", "TEE-NONBLOCK", "TEE-O-NONBLOCK", "TEE-SAME-PIPE",
				"TEE-UNKNOWN-FLAGS", "TEE-WAITS-FOR-A-READER"),
			tee.sink().leaving("TEE-BAD-DESCRIPTOR", "TEE-EINTR", "TEE-NO-PIPE", "TEE-NONBLOCK", "TEE-O-NONBLOCK", "TEE-SAME-PIPE", "TEE-UNKNOWN-FLAGS"),
			silent("TEE-EPIPE"),
		},
	),
}

var teeWaiting = []string{"TEE-WAITS*", "TEE-EINTR"}
