package methods

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// faults is what can be wrong with when a mapping's pages are entered.
var faults = []mutation{
	{"populated", "its mapping is populated (MAP_POPULATE)", []string{"COST-FAULTS"}, []trial{home},
		only(oneOf("mmap+write", "mmap-private+write"), instead(impl.MmapPopulate.Move))},
	{"unpopulated", "its mapping is not populated", []string{"COST-POPULATED"}, []trial{home, everywhere("COST-POPULATED")},
		only(func(m impl.Method) bool { return m.Claim.Populates }, instead(impl.MmapWrite.Move))},
	{"unadvised", "nothing is said of how its mapping is read", []string{"COST-CALLS"}, []trial{home},
		only(oneOf("mmap-sequential+write"), instead(impl.MmapWrite.Move))},
}

// lent is what can be wrong with sends that are to be without a copy (MSG_ZEROCOPY), and with their completions.
var lent = []mutation{
	{"not-lent", "its sends are plain writes", []string{"COPIES-COMPLETED", "COPIES-USER", "COST-CALLS", "COST-FAULTS"},
		[]trial{home, everywhere("COPIES-COMPLETED")},
		only(byLoan, moving(func(t *impl.Transfer, _ move) (int64, error) { return impl.MmapWrite.Move(t) }))},
	{"not-asked-for", "it asks for no copy of a socket that takes no notice (SO_ZEROCOPY)", []string{"COPIES-COMPLETED"}, []trial{home},
		only(oneOf("zerocopy-send"), both(
			moving(func(t *impl.Transfer, _ move) (int64, error) {
				// Completions are looked for, but not waited for: none comes.
				defer completions(t.Sink)
				return sending(t, fromMapping)
			}),
			prepared(option(unix.SOL_SOCKET, unix.SO_ZEROCOPY, 0))))},
	{"completions-left", "the completions stay on the error queue", []string{"SAFETY-SINK", "COST-CALLS", "COPIES-COMPLETED"}, []trial{home},
		only(oneOf("zerocopy-send"), both(
			instead(func(t *impl.Transfer) (int64, error) { return sending(t, fromMapping) }), preparing(heeding)))},
	{"reused-early", "the memory that was lent is overwritten before it was given back", append([]string{"SAFETY-SINK"}, delivered...), []trial{home},
		only(oneOf("zerocopy-send"), both(
			instead(func(t *impl.Transfer) (int64, error) {
				defer clear(t.Buffer)
				return sending(t, func(t *impl.Transfer, offset int64, length int) ([]byte, func(), error) {
					n, err := readAt(t.Source, t.Buffer[:length], offset)
					return t.Buffer[:n], func() {}, err
				})
			}), preparing(heeding)))},
}

// heeding has the socket heed MSG_ZEROCOPY.
func heeding(t *impl.Transfer) (undo func(), err error) {
	err = unix.SetsockoptInt(t.Sink, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)
	return func() { option(unix.SOL_SOCKET, unix.SO_ZEROCOPY, 0)(t) }, err
}

// sending sends the range by MSG_ZEROCOPY from memory that is had for each chunk, and waits for no completion.
func sending(t *impl.Transfer, memory func(t *impl.Transfer, offset int64, length int) (chunk []byte, release func(), err error)) (moved int64, err error) {
	for length := left(t); moved < length; {
		chunk, release, err := memory(t, t.Offset+moved, int(min(int64(t.Chunk), length-moved)))
		if err != nil {
			return moved, err
		}
		taken, err := unix.SendmsgN(t.Sink, chunk, nil, nil, unix.MSG_ZEROCOPY)
		release()
		if err == unix.EINTR {
			continue
		}
		moved += int64(max(taken, 0))
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// fromMapping maps a chunk of the source.
func fromMapping(t *impl.Transfer, offset int64, length int) (chunk []byte, release func(), err error) {
	skip := int(offset % int64(page))
	mapping, err := unix.Mmap(t.Source, offset-int64(skip), skip+length, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return mapping[skip:], func() { _ = unix.Munmap(mapping) }, nil
}

// completions looks for completions, once.
func completions(sink int) {
	_, _ = unix.Ppoll([]unix.PollFd{{Fd: int32(sink)}}, &unix.Timespec{}, nil)
	_, _, _, _, _ = unix.Recvmsg(sink, make([]byte, 1), make([]byte, 512), unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
}
