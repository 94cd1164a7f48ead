package impl

import "golang.org/x/sys/unix"

// ReadWrite is the textbook's first technique: read(2) into a user buffer, write(2) from it. It reads from the
// source's file position, which it leaves behind all that it has read: where the sink has taken less, the caller
// who goes on puts the position back first. From a source without a position (a pipe) the difference is lost.
var ReadWrite = Method{
	Name: "read+write",
	Claim: Claim{
		Source:     "read(2), write(2)",
		Calls:      map[string]int{"read": 1, "write": 1},
		UserCopies: 2,
		Advances:   true,
	},
	From: File | HugeFile | Pipe | Sockets,
	Into: AnySink,
	Move: func(t *Transfer) (moved int64, err error) {
		for moved < t.Length {
			n, err := read(t.Source, t.Buffer[:t.left(moved)])
			if err != nil || n == 0 {
				return moved, err
			}
			taken, err := write(t.Sink, t.Buffer[:n])
			moved += int64(taken)
			if err != nil {
				return moved, err
			}
		}
		return moved, nil
	},
}

// read is read(2), tried again when a signal came before the first byte.
func read(fd int, buffer []byte) (int, error) {
	for {
		n, err := unix.Read(fd, buffer)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// write is write(2), continued after short counts and signals until the sink has taken all of the data or
// refuses more. The count is what it took, also beside an error.
func write(fd int, data []byte) (taken int, err error) {
	for taken < len(data) {
		n, err := unix.Write(fd, data[taken:])
		taken += max(n, 0)
		if err != nil && err != unix.EINTR {
			return taken, err
		}
	}
	return taken, nil
}
