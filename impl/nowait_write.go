package impl

import "golang.org/x/sys/unix"

// NowaitWrite reads without waiting for a disk: preadv2(2) with RWF_NOWAIT gives what is in the page cache, write(2) takes
// it from there. Only where there is nothing it reads again, and waits: one call more for each cold stretch. Its claim is
// for a source that is in memory.
//
// A filesystem that cannot read so is told of by EOPNOTSUPP, from Prepare.
var NowaitWrite = Method{
	Name: "nowait+write",
	Claim: Claim{
		Source:     "preadv2(2): RWF_NOWAIT, write(2)",
		Since:      "4.14",
		Calls:      map[string]int{"preadv2": 1, "write": 1},
		Resident:   true,
		UserCopies: 2,
	},
	Into: AnySink,
	Prepare: func(t *Transfer) (func() error, error) {
		// Beyond any file's end nothing is read ahead: a cold source stays cold.
		var nothing [1]byte
		_, err := preadv2(t.Source, nothing[:], 1<<62, unix.RWF_NOWAIT)
		if err == unix.EAGAIN {
			// Linux 5.10 looks for the page before it looks where the file ends, and would have to wait for it.
			err = nil
		}
		return nil, err
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		buffer := t.Buffer[:length]
		n, err := preadv2(t.Source, buffer, offset, unix.RWF_NOWAIT)
		if err == unix.EAGAIN || err == nil && n == 0 {
			// Linux 5.10 says 0, as at the end, also where it comes upon a page that is to start a readahead.
			n, err = preadv2(t.Source, buffer, offset, 0)
		}
		if err != nil {
			return 0, err
		}
		return write(t.Sink, buffer[:n])
	}),
}

// preadv2 is preadv2(2) into one piece, tried again when a signal came before the first byte.
func preadv2(fd int, buffer []byte, offset int64, flags int) (int, error) {
	return again(func() (int, error) { return unix.Preadv2(fd, [][]byte{buffer}, offset, flags) })
}
