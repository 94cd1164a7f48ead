package methods

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// miscounted are the requirements on transfers whose bytes are set against their count.
var miscounted = []string{"INTEGRITY-RANGE", "INTEGRITY-COLD", "INTEGRITY-NONBLOCKING*", "INTEGRITY-INTERRUPTED", "COST-*", "SAFETY-NEIGHBOUR", "SAFETY-TAIL"}

// counts is what can be wrong with how much a method says that it has moved.
var counts = []mutation{
	{"one-byte-less-said", "one byte less is counted than the sink has taken", miscounted, []trial{home},
		ending(func(_ *impl.Transfer, moved int64, err error) (int64, error) { return max(0, moved-1), err })},
	{"one-byte-more-said", "one byte more is counted than the sink has taken", miscounted, []trial{home},
		ending(func(_ *impl.Transfer, moved int64, err error) (int64, error) { return moved + 1, err })},
	{"nothing-said", "everything is moved, and nothing counted", miscounted, []trial{home},
		ending(func(_ *impl.Transfer, moved int64, err error) (int64, error) { return 0, err })},
	{"count-lost-when-full", "what a full sink has taken before is not counted", []string{"INTEGRITY-NONBLOCKING*"}, []trial{home},
		only(fills, when(full, func(*impl.Transfer, int64) (int64, error) { return 0, unix.EAGAIN }))},
	{"all-said-when-full", "everything is counted when the sink is full", []string{"INTEGRITY-NONBLOCKING*"}, []trial{home},
		only(fills, when(full, func(t *impl.Transfer, _ int64) (int64, error) { return t.Length, nil }))},
}

// errnos is what can be wrong with the error that a method ends with.
var errnos = []mutation{
	{"full-unsaid", "a full sink ends it without an error", []string{"INTEGRITY-NONBLOCKING*"},
		[]trial{home, everywhere("INTEGRITY-NONBLOCKING", "INTEGRITY-NONBLOCKING-PIPE")},
		only(fills, when(full, func(_ *impl.Transfer, moved int64) (int64, error) { return moved, nil }))},
	{"full-misnamed", "a full sink ends it with another error", []string{"INTEGRITY-NONBLOCKING*"}, []trial{home},
		only(fills, when(full, func(_ *impl.Transfer, moved int64) (int64, error) { return moved, unix.EIO }))},
	{"gone-unsaid", "a reader that has left ends it without an error", []string{"INTEGRITY-GONE-READER"},
		[]trial{home, everywhere("INTEGRITY-GONE-READER")},
		only(toSockets, when(gone, func(_ *impl.Transfer, moved int64) (int64, error) { return moved, nil }))},
	{"gone-misnamed", "a reader that has left ends it with another error", []string{"INTEGRITY-GONE-READER"}, []trial{home},
		only(toSockets, when(gone, func(_ *impl.Transfer, moved int64) (int64, error) { return moved, unix.EIO }))},
	{"gone-kills", "a reader that has left ends the process", []string{"INTEGRITY-GONE-READER"}, []trial{home},
		only(toSockets, when(gone, func(*impl.Transfer, int64) (int64, error) {
			return 0, unix.Kill(unix.Getpid(), unix.SIGKILL)
		}))},
	{"interruption-said", "a signal ends it with EINTR", []string{"INTEGRITY-INTERRUPTED"},
		[]trial{everywhere("INTEGRITY-INTERRUPTED")},
		only(and(ofFiles, toSockets), instead(interruptible(false)))},
	{"interrupted-rest-lost", "the rest of a call that was cut short is not moved", []string{"INTEGRITY-INTERRUPTED"},
		[]trial{atHome("INTEGRITY-INTERRUPTED")},
		only(and(ofFiles, toSockets), instead(interruptible(true)))},
	{"end-misnamed", "the end of the source ends it with an error", []string{"INTEGRITY-RANGE", "INTEGRITY-COLD", "INTEGRITY-MESSAGE*", "INTEGRITY-UDP-CHECKSUM", "SAFETY-TAIL"}, []trial{home},
		ending(func(t *impl.Transfer, moved int64, err error) (int64, error) {
			if err == nil && moved < t.Length {
				err = unix.ENODATA
			}
			return moved, err
		})},
}

// full and gone are the errors by which a sink says that it is full, and that its reader has left.
var (
	full = []error{unix.EAGAIN}
	gone = []error{unix.EPIPE, unix.ECONNRESET, unix.ECONNREFUSED}
)

// when has one of some errors put otherwise.
func when(errnos []error, otherwise func(t *impl.Transfer, moved int64) (int64, error)) making {
	return ending(func(t *impl.Transfer, moved int64, err error) (int64, error) {
		if slices.Contains(errnos, err) {
			return otherwise(t, moved)
		}
		return moved, err
	})
}
