package impl

import "golang.org/x/sys/unix"

// Sendfile is the textbook's third and fourth technique: sendfile(2) with an offset. Which of the two it is,
// the sink decides: a device with scatter/gather takes the page cache's pages, one without has them copied.
var Sendfile = Method{
	Name: "sendfile",
	Claim: Claim{
		Source: "sendfile(2)",
		Calls:  map[string]int{"sendfile": 1},
		Shares: true,
	},
	Move: func(t *Transfer) (moved int64, err error) {
		for moved < t.Length {
			offset := t.Offset + moved
			n, err := unix.Sendfile(t.Sink, t.Source, &offset, t.left(moved))
			if err == unix.EINTR {
				continue
			}
			if err != nil || n == 0 {
				return moved, err
			}
			moved += int64(n)
		}
		return moved, nil
	},
}
