package impl

import (
	"io"

	"golang.org/x/sys/unix"
)

// PreadPwrite moves between two files without either's position: pread(2), pwrite(2). The range lands at the sink's
// position as it was when the transfer was prepared, which stays there: a caller who goes on after an error with a
// transfer prepared anew puts it behind what the sink has taken.
//
// Not into a file that was opened O_APPEND: Linux appends there whatever the offset (pwrite(2), BUGS).
var PreadPwrite = Method{
	Name: "pread+pwrite",
	Claim: Claim{
		Source:     "pread(2), pwrite(2)",
		Calls:      map[string]int{"pread64": 1, "pwrite64": 1},
		UserCopies: 2,
	},
	Into: File,
	Prepare: func(t *Transfer) (func() error, error) {
		at, err := unix.Seek(t.Sink, 0, io.SeekCurrent)
		// How far it is from an offset in the source to its place in the sink.
		t.Own = at - t.Offset
		return nil, err
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		n, err := pread(t.Source, t.Buffer[:length], offset)
		if err != nil {
			return 0, err
		}
		return pwrite(t.Sink, t.Buffer[:n], offset+t.Own.(int64))
	}),
}

// pwrite is pwrite(2), continued as write is.
func pwrite(fd int, data []byte, offset int64) (taken int, err error) {
	for taken < len(data) && err == nil {
		var n int
		n, err = again(func() (int, error) { return unix.Pwrite(fd, data[taken:], offset+int64(taken)) })
		taken += n
	}
	return taken, err
}
