package contract

import (
	"bytes"
	"math"
	"slices"

	"golang.org/x/sys/unix"
)

// bothWays are the calls that scatter and gather. Those that take flags are the same, and more: see preadv2Clauses.
var bothWays = []string{"readv", "writev", "preadv", "pwritev"}

// mostSegments is the longest vector that a call takes: IOV_MAX, UIO_MAXIOV of linux/uio.h.
const mostSegments = 1024

var vectoredClauses = Interface{
	Page: "readv(2)",
	Clauses: []Clause{
		{ID: "READV-ORDER", Since: "2.6.33", Source: "readv(2) DESCRIPTION", Places: []string{"readv", "preadv"},
			Text: "segments are filled in their order, each whole before the next; those of no bytes do not count", Check: func(t *T) {
				file := t.File(10_000)
				memory := t.Scratch(8 * pageBytes)
				// In memory they lie the other way round.
				lengths := []int{1, 0, 4000, 17, 0, 3000}
				var pieces []segment
				var total int64
				for i, length := range lengths {
					at := (len(lengths) - 1 - i) * pageBytes
					pieces = append(pieces, part(memory[at:at+length]))
					total += int64(length)
				}
				t.Counts(vector(t.Place(), file.Descriptor(), pieces, t.at(file.Descriptor(), 100), 0), total)
				var got []byte
				for i, length := range lengths {
					at := (len(lengths) - 1 - i) * pageBytes
					got = append(got, memory[at:at+length]...)
					Equal(t, "byte behind a segment", memory[at+length], 0)
				}
				t.Arrived(got, file, 100, total)
				t.moved(file.Descriptor(), 100, total)
			}},
		{ID: "WRITEV-ORDER", Since: "2.6.33", Source: "readv(2) DESCRIPTION", Places: []string{"writev", "pwritev"},
			Text: "segments are written out in their order, each whole before the next; those of no bytes do not count", Check: func(t *T) {
				reader, sink := t.Empty(unix.O_WRONLY)
				memory := t.Scratch(6 * pageBytes)
				var pieces []segment
				var owed []byte
				for i, length := range []int{1, 0, 4000, 17, 0, 3000} {
					piece := memory[(5-i)*pageBytes:][:length]
					copy(piece, bytes.Repeat([]byte{byte('a' + i)}, length))
					pieces = append(pieces, part(piece))
					owed = append(owed, piece...)
				}
				t.Counts(vector(t.Place(), sink, pieces, t.at(sink, 100), 0), int64(len(owed)))
				t.Contains(reader, "the file", append(make([]byte, 100), owed...))
				t.moved(sink, 100, int64(len(owed)))
			}},
		{ID: "READV-SHORT", Since: "2.6.33", Source: "readv(2) DESCRIPTION", Places: []string{"readv", "preadv"},
			Text: "at the end of the file the count is short and the segments behind it stay as they were; past it, it is 0", Check: func(t *T) {
				file := t.File(1000)
				memory := t.Scratch(3 * pageBytes)
				for i := range memory {
					memory[i] = 0x5a
				}
				pieces := []segment{part(memory[:600]), part(memory[pageBytes:][:600]), part(memory[2*pageBytes:][:600])}
				t.Counts(vector(t.Place(), file.Descriptor(), pieces, t.at(file.Descriptor(), 200), 0), 800)
				t.Arrived(slices.Concat(memory[:600], memory[pageBytes:][:200]), file, 200, 800)
				t.Same("memory behind it", memory[pageBytes+200:], bytes.Repeat([]byte{0x5a}, 2*pageBytes-200))
				t.Step("at the end")
				t.Counts(vector(t.Place(), file.Descriptor(), pieces, t.at(file.Descriptor(), 1000), 0), 0)
				t.Step("past the end")
				t.Counts(vector(t.Place(), file.Descriptor(), pieces, t.at(file.Descriptor(), 5000), 0), 0)
			}},
		{ID: "READV-EMPTY", Since: "2.6.33", Source: "readv(2) ERRORS: EINVAL", Places: bothWays,
			Text: "no segment at all, and segments without a byte, give 0", Check: func(t *T) {
				_, file := t.Empty(unix.O_RDWR)
				t.Store(file, []byte("bytes"), 0)
				t.Counts(vector(t.Place(), file, nil, 0, 0), 0)
				t.Counts(vector(t.Place(), file, []segment{{8, 0}, {0, 0}}, 0, 0), 0)
				Equal(t, "position", t.position(file), 0)
				t.Contains(file, "the file", []byte("bytes"))
			}},
		{ID: "READV-IOV-MAX", Since: "2.6.33", Source: "readv(2) NOTES, ERRORS: EINVAL", Places: bothWays,
			Text: "1024 segments are taken, each in its place; with one more it is EINVAL and nothing moves, and so it is with fewer than none", Check: func(t *T) {
				const length = 3
				file, descriptor := t.Target("tmp", mostSegments*length)
				memory := t.Scratch((mostSegments + 1) * length)
				file.Payload.Fill(memory, 0)
				if vectoredCalls[t.Place()].writes {
					t.Resize(descriptor, 0)
				} else {
					clear(memory)
				}
				var pieces []segment
				for i := range mostSegments + 1 {
					pieces = append(pieces, part(memory[i*length:][:length]))
				}
				before := t.Content(descriptor)
				t.Step("1025 segments")
				t.Fails(vector(t.Place(), descriptor, pieces, 0, 0), unix.EINVAL)
				t.Step("-1 segments")
				t.Fails(vectorOf(t.Place(), descriptor, pieces, -1, 0, 0), unix.EINVAL)
				Equal(t, "position", t.position(descriptor), 0)
				t.Contains(descriptor, "the file", before)
				t.Step("1024 segments")
				t.Counts(vector(t.Place(), descriptor, pieces[:mostSegments], 0, 0), mostSegments*length)
				t.Arrived(memory[:mostSegments*length], file, 0, mostSegments*length)
				t.Contains(descriptor, "the file", t.BytesOf(file, 0, mostSegments*length))
			}},
		// The page has EINVAL for a sum beyond SSIZE_MAX. Memory has not so many addresses: segments that come to such a
		// sum are EFAULT already, and only a single one that is longer than SSIZE_MAX is EINVAL.
		{ID: "READV-SUM", Since: "2.6.33", Source: "readv(2) ERRORS: EINVAL", Places: bothWays,
			Text: "segments that are longer together than SSIZE_MAX are EINVAL or EFAULT, and nothing moves", Check: func(t *T) {
				_, file := t.Empty(unix.O_RDWR)
				t.Store(file, []byte("bytes"), 0)
				memory := t.Scratch(pageBytes)
				for _, c := range []struct {
					name    string
					lengths []uintptr
					errnos  []unix.Errno
				}{
					{"one segment of SSIZE_MAX + 1", []uintptr{math.MaxInt + 1}, []unix.Errno{unix.EINVAL}},
					{"the second segment of SIZE_MAX", []uintptr{5, math.MaxUint}, []unix.Errno{unix.EINVAL}},
					{"two segments that come to SSIZE_MAX + 1", []uintptr{math.MaxInt/2 + 1, math.MaxInt/2 + 1}, []unix.Errno{unix.EINVAL, unix.EFAULT}},
				} {
					t.Step("%s", c.name)
					var pieces []segment
					for _, length := range c.lengths {
						pieces = append(pieces, segment{addressOf(memory), length})
					}
					t.Fails(vector(t.Place(), file, pieces, 0, 0), c.errnos...)
				}
				Equal(t, "position", t.position(file), 0)
				t.Contains(file, "the file", []byte("bytes"))
				t.Same("memory", memory, make([]byte, pageBytes))
			}},
		{ID: "WRITEV-MOST", Since: "2.6.33", Source: "write(2) NOTES", Places: []string{"writev", "pwritev"},
			Text: "one call moves at most 0x7ffff000 bytes, however many there are in its segments", Check: func(t *T) {
				null := t.Open("/dev/null", unix.O_WRONLY)
				memory := t.Scratch(4 << 20)
				pieces := make([]segment, mostSegments)
				for i := range pieces {
					pieces[i] = part(memory)
				}
				t.Counts(vector(t.Place(), null, pieces, 0, 0), mostBytes)
			}},
		{ID: "READV-FAULT", Since: "2.6.33", Source: "read(2) ERRORS: EFAULT", Places: []string{"readv", "preadv"},
			Text: "a segment that cannot be stored to ends the call: with what the segments before it have got, or EFAULT where that is nothing", Check: func(t *T) {
				file := t.File(10_000)
				memory := t.Scratch(pageBytes)
				bad := segment{t.Memory(unix.PROT_READ), 1000}
				t.Step("the first segment")
				t.Fails(vector(t.Place(), file.Descriptor(), []segment{bad, part(memory[:1000])}, t.at(file.Descriptor(), 0), 0), unix.EFAULT)
				t.moved(file.Descriptor(), 0, 0)
				t.Step("the second segment")
				n := t.Counts(vector(t.Place(), file.Descriptor(), []segment{part(memory[:1000]), bad}, t.at(file.Descriptor(), 0), 0), 1000)
				t.Arrived(memory[:n], file, 0, n)
				t.moved(file.Descriptor(), 0, n)
			}},
		{ID: "WRITEV-FAULT", Since: "2.6.33", Source: "write(2) ERRORS: EFAULT", Places: into,
			Text: "a segment that cannot be read ends writev(2): short or with EFAULT, and what is counted arrives, and no more", Check: func(t *T) {
				open, sink := t.Pair(t.Place())
				memory := t.Scratch(2 * pageBytes)
				for i := range memory {
					memory[i] = byte(i % 251)
				}
				r := vector("writev", sink, []segment{part(memory), {t.Memory(unix.PROT_NONE), 1000}}, 0, 0)
				if r.Errno != 0 {
					t.Fails(r, unix.EFAULT)
					r.N = 0
				} else {
					t.Within(r, 1, int64(len(memory)))
				}
				t.Same("what arrived", t.Delivered(open), memory[:r.N])
			}},
		{ID: "WRITEV-ATOMIC", Since: "2.6.33", Source: "pipe(7): PIPE_BUF, readv(2) DESCRIPTION",
			Text: "into a pipe that is non-blocking, segments of PIPE_BUF bytes at most go together or not at all: EAGAIN", Check: func(t *T) {
				reader, sink := t.Pipe(0)
				room, err := unix.FcntlInt(uintptr(sink), unix.F_GETPIPE_SZ, 0)
				t.Must(err)
				memory := t.Scratch(room)
				pieces := []segment{part(memory[:1000]), part(memory[1000:][:1000])}
				t.Nonblocking(sink)
				queued := t.Done(write(sink, bytes.Repeat([]byte{0x5a}, room-1000)))
				t.Step("with room for one of two")
				t.Fails(vector("writev", sink, pieces, 0, 0), unix.EAGAIN)
				t.Same("what is in the pipe", t.Take(reader, int64(room)), bytes.Repeat([]byte{0x5a}, int(queued)))
				t.Step("with room for both")
				t.Counts(vector("writev", sink, pieces, 0, 0), 2000)
				t.Same("what is in the pipe", t.Take(reader, int64(room)), memory[:2000])
			}},
		{ID: "READV-BAD-DESCRIPTOR", Since: "2.6.33", Source: "read(2), write(2) ERRORS: EBADF", Places: bothWays,
			Text: "a descriptor that is not open, or not in the way that is needed, is EBADF", Check: func(t *T) {
				reader, writer := t.Empty(unix.O_WRONLY)
				memory := t.Scratch(pageBytes)
				wrong := writer
				if vectoredCalls[t.Place()].writes {
					wrong = reader
				}
				for _, fd := range []int{-1, wrong} {
					t.Fails(vector(t.Place(), fd, []segment{part(memory)}, 0, 0), unix.EBADF)
				}
				t.Contains(reader, "the file", nil)
			}},
		{ID: "PREADV-OFFSET", Since: "2.6.33", Source: "lseek(2) ERRORS: ESPIPE, EINVAL", Places: []string{"preadv", "pwritev"},
			Text: "an offset into what cannot be sought is ESPIPE, and one below 0 is EINVAL", Check: func(t *T) {
				reader, writer := t.Pipe(0)
				t.Done(write(writer, []byte("bytes")))
				memory := t.Scratch(pageBytes)
				end := reader
				if vectoredCalls[t.Place()].writes {
					end = writer
				}
				t.Fails(vector(t.Place(), end, []segment{part(memory)}, 0, 0), unix.ESPIPE)
				t.Same("what waited", t.Take(reader, 1000), []byte("bytes"))
				fileReader, file := t.Empty(unix.O_RDWR)
				t.Fails(vector(t.Place(), file, []segment{part(memory)}, -1, 0), unix.EINVAL)
				t.Contains(fileReader, "the file", nil)
			}},
	},
}
