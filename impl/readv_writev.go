package impl

import "golang.org/x/sys/unix"

// ReadvWritev is read+write with its buffer in two pieces: readv(2) scatters each chunk over them, writev(2) gathers it
// again. What is said of ReadWrite about the source's position holds here too.
var ReadvWritev = Method{
	Name: "readv+writev",
	Claim: Claim{
		Source:     "readv(2), writev(2)",
		Calls:      map[string]int{"readv": 1, "writev": 1},
		UserCopies: 2,
		Advances:   true,
	},
	From: File | HugeFile | Pipe | Sockets,
	Into: AnySink,
	Move: chunks(func(t *Transfer, _ int64, length int) (taken int, err error) {
		buffer := t.Buffer[:length]
		n, err := again(func() (int, error) { return unix.Readv(t.Source, halves(buffer)) })
		for taken < n && err == nil {
			var wrote int
			wrote, err = again(func() (int, error) { return unix.Writev(t.Sink, halves(buffer[taken:n])) })
			taken += wrote
		}
		return taken, err
	}),
}

// halves are the two pieces of a buffer; the first of a single byte is empty, which both calls allow.
func halves(data []byte) [][]byte {
	middle := len(data) / 2
	return [][]byte{data[:middle], data[middle:]}
}
