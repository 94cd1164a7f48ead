package impl

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Tee moves the same pages into two sinks: splice(2) from the source into a pipe, tee(2) from there into another, splice(2)
// from each into its sink. The count is the first sink's, and the second gets as much: where it is non-blocking and full,
// it is waited for, so that no byte is owed to one sink alone. It may have got less only when it ends the transfer with
// an error of its own.
var Tee = Method{
	Name: "tee",
	Claim: Claim{
		Source: "tee(2), splice(2)",
		Calls:  map[string]int{"splice": 3, "tee": 1},
		Shares: true, Piped: true,
	},
	From: File | Pipe | Sockets,
	Two:  true,
	Prepare: func(t *Transfer) (func() error, error) {
		into, err := newPipe(t)
		if err != nil {
			return nil, err
		}
		beside, err := newPipe(t)
		t.Own = &fork{into, beside}
		if err != nil {
			_ = into.close()
		}
		return func() error { return errors.Join(into.close(), beside.close()) }, err
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		f := t.Own.(*fork)
		n, err := f.into.take(t, offset, length)
		if err != nil {
			return 0, err
		}
		return f.give(t, n)
	}),
}

// fork are the pipes to two sinks.
type fork struct{ into, beside *pipe }

// give gives both sinks length of the bytes that the first pipe holds.
func (f *fork) give(t *Transfer, length int) (taken int, err error) {
	for taken < length {
		if err := f.beside.empty(); err != nil {
			return taken, err
		}
		doubled, err := again(func() (int, error) {
			n, err := unix.Tee(f.into.read, f.beside.write, length-taken, 0)
			return int(n), err
		})
		f.beside.held += doubled
		if err != nil || doubled == 0 {
			return taken, err
		}
		n, err := f.into.give(t.Sink, doubled)
		taken += n
		if catchUp := f.beside.giveAll(t.Second, n); err == nil {
			err = catchUp
		}
		if err != nil || n < doubled {
			return taken, err
		}
	}
	return taken, nil
}

// giveAll is give, but waits for a non-blocking sink to have room.
func (p *pipe) giveAll(sink, length int) error {
	for {
		n, err := p.give(sink, length)
		length -= n
		if err != unix.EAGAIN {
			return err
		}
		room := []unix.PollFd{{Fd: int32(sink), Events: unix.POLLOUT}}
		if _, err := again(func() (int, error) { return unix.Ppoll(room, nil, nil) }); err != nil {
			return err
		}
	}
}
