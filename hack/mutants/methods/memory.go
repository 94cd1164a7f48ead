package methods

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// altered moves the range through user memory, whatever the original does, so that its bytes can be altered on the way:
// a chunk at a time, which begins at that offset of the source. What alter returns is written; what was read is counted.
func altered(alter func(t *impl.Transfer, chunk []byte, offset int64) []byte) making {
	move := func(t *impl.Transfer) (moved int64, err error) {
		buffer := make([]byte, t.Chunk)
		for moved < t.Length {
			offset := t.Offset + moved
			n, err := readAt(t.Source, buffer[:min(int64(t.Chunk), t.Length-moved)], offset)
			if err != nil || n == 0 {
				return moved, err
			}
			taken, err := writeBoth(t, alter(t, buffer[:n:n], offset))
			if err != nil {
				return moved + int64(taken), err
			}
			moved += int64(n)
		}
		return moved, nil
	}
	return instead(move)
}

// plainly moves the range through user memory, right.
var plainly, _ = altered(func(_ *impl.Transfer, chunk []byte, _ int64) []byte { return chunk })(impl.Method{})

// readAt reads at an offset, or what comes next of a source that has none.
func readAt(fd int, buffer []byte, offset int64) (n int, err error) {
	for {
		n, err = unix.Pread(fd, buffer, offset)
		if err == unix.ESPIPE {
			n, err = unix.Read(fd, buffer)
		}
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// writeBoth writes to the sink, and what that has taken to the second one.
func writeBoth(t *impl.Transfer, data []byte) (taken int, err error) {
	taken, err = writeAll(t.Sink, data)
	if t.Second >= 0 && taken > 0 {
		if _, second := writeAll(t.Second, data[:taken]); err == nil {
			err = second
		}
	}
	return taken, err
}

func writeAll(fd int, data []byte) (taken int, err error) {
	for taken < len(data) {
		n, err := unix.Write(fd, data[taken:])
		taken += max(n, 0)
		if err != nil && err != unix.EINTR {
			return taken, err
		}
	}
	return taken, nil
}

// interruptible moves the range through user memory, by calls that are not made again when a signal comes: that ends it,
// or has the rest of a chunk lost.
func interruptible(losing bool) move {
	return func(t *impl.Transfer) (moved int64, err error) {
		for length := left(t); moved < length; {
			n, err := readAt(t.Source, t.Buffer[:min(int64(t.Chunk), length-moved)], t.Offset+moved)
			if err != nil || n == 0 {
				return moved, err
			}
			for taken := 0; taken < n; {
				wrote, err := unix.Write(t.Sink, t.Buffer[taken:n])
				taken += max(wrote, 0)
				switch {
				case losing && (err == nil || err == unix.EINTR):
					taken = n
				case err != nil:
					return moved + int64(taken), err
				}
			}
			moved += int64(n)
		}
		return moved, nil
	}
}
