package impl

import "golang.org/x/sys/unix"

// A mover moves one chunk: length bytes, at least 1, of the source from offset on. It says how many of them the sink
// has taken, also beside an error; none, without one, where the source has ended.
type mover func(t *Transfer, offset int64, length int) (taken int, err error)

// each has the first length bytes of the range moved, chunk by chunk. A chunk of which less was taken is followed by one
// that begins where it ended.
func (move mover) each(t *Transfer, length int64) (moved int64, err error) {
	for moved < length {
		taken, err := move(t, t.Offset+moved, int(min(int64(t.Chunk), length-moved)))
		moved += int64(taken)
		if err != nil || taken == 0 {
			return moved, err
		}
	}
	return moved, nil
}

// chunks is the Move of a method that sees the source's end by itself.
func chunks(move mover) func(*Transfer) (int64, error) {
	return func(t *Transfer) (int64, error) { return move.each(t, t.Length) }
}

// again makes a call until no signal comes before its first byte. The count is never negative.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}
