package safety

import (
	"bytes"
	"fmt"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/spec"
)

var (
	neighbour = spec.Require(spec.Requirement{
		ID: "SAFETY-NEIGHBOUR", Source: "read(2), sendfile(2)", Since: "2.6.33",
		Text: "what lies beside the range in its first page and in its last never comes out",
	})
	beyond = spec.Require(spec.Requirement{
		ID: "SAFETY-TAIL", Source: "mmap(2) NOTES: bytes beyond the end of the file", Since: "2.6.33",
		Text: "what lies in the last page beyond the end of the file never comes out, also where the range was to be longer than the file",
	})
)

// poison is no payload's: a payload differs from itself in each of its words.
const poison = 0xdb

// neighbours declares the spec on what is beside the range.
func neighbours(on spec.On) {
	spec.It(neighbour, "safety", on, func(c *spec.Case) {
		file := c.Open(on, spec.RoundUp(on.Source, 3*spec.PageBytes))
		from, to := spec.PageBytes/3, 2*spec.PageBytes+spec.PageBytes/5
		where := fmt.Sprintf("bytes %d to %d of %d, all others poisoned, on %s", from, to, file.Bytes, file.Filesystem)
		for _, side := range [][2]int64{{0, from}, {to, 3 * spec.PageBytes}} {
			_, err := file.WriteAt(bytes.Repeat([]byte{poison}, int(side[1]-side[0])), side[0])
			c.Check(err, where)
		}
		c.Exactly(spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: from, Length: to - from}, where)
	})
}

// tail declares the spec on what is beyond the end.
func tail(on spec.On) {
	spec.It(beyond, "safety", on, func(c *spec.Case) {
		size := spec.PageBytes + spec.PageBytes/3
		file := c.Open(on, size)
		where := fmt.Sprintf("%d bytes and more of a file of %d, the rest of its last page poisoned, on %s", size, size, file.Filesystem)
		c.Check(poisonTail(file), where)
		length := size + spec.PageBytes
		if on.Sink.Lossy {
			// What becomes of a datagram that was to be longer is a question of its own.
			length = size
		}
		c.Exactly(spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: length}, where)
	})
}

// poisonTail writes beyond the end of the file into its last page, by a mapping: nothing else can.
func poisonTail(file *source.File) error {
	return file.MapLast(func(last []byte) {
		rest := last[file.Bytes%int64(len(last)):]
		for i := range rest {
			rest[i] = poison
		}
	})
}
