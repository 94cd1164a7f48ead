package impl

import "golang.org/x/sys/unix"

// PreadWrite is read+write without the source's file position: pread(2) at an offset, write(2). The position stays where
// it was, so that several threads can share the source.
var PreadWrite = Method{
	Name: "pread+write",
	Claim: Claim{
		Source:     "pread(2), write(2)",
		Calls:      map[string]int{"pread64": 1, "write": 1},
		UserCopies: 2,
	},
	From: File | HugeFile,
	Into: AnySink,
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		n, err := pread(t.Source, t.Buffer[:length], offset)
		if err != nil {
			return 0, err
		}
		return write(t.Sink, t.Buffer[:n])
	}),
}

// pread is pread(2), tried again when a signal came before the first byte.
func pread(fd int, buffer []byte, offset int64) (int, error) {
	return again(func() (int, error) { return unix.Pread(fd, buffer, offset) })
}
