// Package mine is an outsider's way to move bytes: sendfile(2), asked again until the range is moved.
package mine

import "golang.org/x/sys/unix"

// Copy moves a range of a file into a sink, at most chunk bytes with each call where a chunk is given.
func Copy(sink, source int, offset, length int64, chunk ...int) (moved int64, err error) {
	for moved < length {
		ask := length - moved
		if len(chunk) > 0 {
			ask = min(ask, int64(chunk[0]))
		}
		at := offset + moved
		n, err := unix.Sendfile(sink, source, &at, int(ask))
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return moved, err
		}
		moved += int64(n)
	}
	return moved, nil
}
