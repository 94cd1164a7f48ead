package contract

import (
	"bytes"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
)

var spliceClauses = Interface{
	Page: "splice(2)", Needs: []probe.Interface{probe.Splice},
	Clauses: slices.Concat(spliceResults, spliceOffsets, spliceHints, spliceWaits, spliceNonblocking, spliceErrors, spliceRefusals, spliceSources, splicePipes),
}

// spliceResults are what splice(2) returns, and what it has then moved.
var spliceResults = []Clause{
	{ID: "SPLICE-BYTES", Since: "2.6.33", Source: "splice(2) DESCRIPTION", Places: outlets,
		Text: "the bytes of a file go through a pipe in order, and the pipe is empty then", Check: func(t *T) {
			file := t.File(20_000)
			reader, writer := t.PipeOf(4)
			into, far := t.outlet(t.Place())
			t.seek(file.Descriptor(), 1000)
			t.Step("into the pipe")
			t.Counts(splice(file.Descriptor(), writer, 9000, 0), 9000)
			Equal(t, "bytes in the pipe", t.Queued(reader), 9000)
			t.Step("out of the pipe")
			t.Counts(splice(reader, into, 9000, 0), 9000)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			t.Arrived(t.collect(far, 9000), file, 1000, 9000)
		}},
	{ID: "SPLICE-LENGTH-ZERO", Since: "2.6.33", Source: "splice(2) DESCRIPTION", Places: outlets,
		Text: "a length of 0 returns 0 at once and moves nothing", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.PipeOf(1)
			into, _ := t.outlet(t.Place())
			t.Step("from an empty pipe")
			t.Counts(splice(reader, into, 0, 0), 0)
			held := t.put(writer, pageBytes)
			t.Step("from a full pipe")
			t.Counts(splice(reader, into, 0, 0), 0)
			t.Step("into a full pipe")
			t.Counts(splice(file.Descriptor(), writer, 0, 0), 0)
			Equal(t, "position", t.position(file.Descriptor()), 0)
			t.Kept(reader, held)
		}},
	// No page says so. A program that checks its flags by a call of length 0 learns nothing.
	{ID: "SPLICE-LENGTH-ZERO-FIRST", Source: "splice(2) DESCRIPTION",
		Text: "a length of 0 returns 0 before flags and descriptors are looked at", Check: func(t *T) {
			reader, writer := t.pipe()
			t.Step("with an unknown flag")
			t.Counts(splice(reader, writer, 0, unknownFlags[0]), 0)
			t.Step("with descriptors that are not open")
			t.Counts(splice(-1, -1, 0, 0), 0)
		}},
	{ID: "SPLICE-END-OF-FILE", Since: "2.6.33", Source: "splice(2) RETURN VALUE",
		Text: "at the end of a file, and past it, 0 is returned", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			for _, at := range []int64{100, 101, 1 << 20} {
				t.Step("at offset %d", at)
				offset := at
				t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, 50, 0), 0)
				Equal(t, "offset", offset, at)
			}
			t.Step("of an empty file")
			empty, _ := t.Empty(unix.O_WRONLY)
			t.Counts(splice(empty, writer, 1<<20, 0), 0)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	{ID: "SPLICE-PAST-END", Since: "2.6.33", Source: "splice(2) DESCRIPTION",
		Text: "a length that reaches past the end of a file moves what is left", Check: func(t *T) {
			file := t.File(10_000)
			reader, writer := t.pipe()
			offset := int64(9000)
			t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, 50_000, 0), 1000)
			Equal(t, "offset", offset, 10_000)
			t.Arrived(t.Take(reader, 50_000), file, 9000, 1000)
		}},
	{ID: "SPLICE-END-OF-PIPE", Since: "2.6.33", Source: "splice(2) RETURN VALUE", Places: outlets,
		Text: "a pipe without a writer gives what it holds, and then 0", Check: func(t *T) {
			reader, writer := t.pipe()
			into, far := t.outlet(t.Place())
			data := t.put(writer, 100)
			t.Shut(writer)
			t.Step("while it holds something")
			t.Counts(splice(reader, into, 1000, 0), 100)
			t.Same("what arrives", t.collect(far, 100), data)
			t.Step("when it is empty")
			t.Counts(splice(reader, into, 1000, 0), 0)
			t.Counts(splice(reader, into, 1000, unix.SPLICE_F_NONBLOCK), 0)
		}},
	{ID: "SPLICE-WHAT-IS-THERE", Since: "2.6.33", Source: "splice(2) DESCRIPTION: up to len bytes", Places: outlets,
		Text: "a pipe that holds less than the length gives that, and more is not waited for", Check: func(t *T) {
			reader, writer := t.pipe()
			into, far := t.outlet(t.Place())
			data := t.put(writer, 300)
			t.Counts(splice(reader, into, 10_000, 0), 300)
			t.Same("what arrives", t.collect(far, 300), data)
		}},
	{ID: "SPLICE-A-PART", Since: "2.6.33", Source: "splice(2) DESCRIPTION: up to len bytes", Places: outlets,
		Text: "a length that is less than the pipe holds moves the first of it, and the rest stays for the next", Check: func(t *T) {
			file := t.File(3000)
			reader, writer := t.pipe()
			into, far := t.outlet(t.Place())
			t.Done(splice(file.Descriptor(), writer, 3000, 0))
			t.Counts(splice(reader, into, 1001, 0), 1001)
			Equal(t, "bytes in the pipe", t.Queued(reader), 1999)
			t.Arrived(t.collect(far, 1001), file, 0, 1001)
			t.Step("the next")
			t.Counts(splice(reader, into, 5, 0), 5)
			t.Arrived(t.collect(far, 5), file, 1001, 5)
			t.Step("the rest")
			t.Arrived(t.Take(reader, 3000), file, 1006, 1994)
		}},
	// How much a pipe takes of a file depends on how its bytes lie in pages. What it has taken must be in it.
	{ID: "SPLICE-PIPE-FILLS", Since: "2.6.33", Source: "splice(2) DESCRIPTION: up to len bytes; pipe(7): Pipe capacity",
		Text: "a pipe that fills up takes a part of a file, and the next call goes on exactly there", Check: func(t *T) {
			file := t.File(1 << 20)
			reader, writer := t.PipeOf(4)
			t.seek(file.Descriptor(), 100)
			moved := t.Within(splice(file.Descriptor(), writer, 1<<19, 0), 1, 1<<19-1)
			Equal(t, "position", t.position(file.Descriptor()), 100+moved)
			Equal(t, "bytes in the pipe", t.Queued(reader), moved)
			t.Step("when it is full")
			t.Fails(splice(file.Descriptor(), writer, 1<<19, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			Equal(t, "position", t.position(file.Descriptor()), 100+moved)
			t.Arrived(t.Take(reader, 1<<19), file, 100, moved)
			t.Step("when it is empty again")
			more := t.Within(splice(file.Descriptor(), writer, 1<<19, 0), 1, 1<<19-1)
			t.Arrived(t.Take(reader, 1<<19), file, 100+moved, more)
		}},
}

// spliceOffsets are what becomes of offsets and positions.
var spliceOffsets = []Clause{
	{ID: "SPLICE-OFFSET-IN", Since: "2.6.33", Source: "splice(2): off_in",
		Text: "an offset into the source advances by the count, and the source's position stays", Check: func(t *T) {
			file := t.File(10_000)
			reader, writer := t.pipe()
			t.seek(file.Descriptor(), 77)
			offset := int64(1000)
			t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, 5000, 0), 5000)
			Equal(t, "offset", offset, 6000)
			Equal(t, "position", t.position(file.Descriptor()), 77)
			t.Arrived(t.Take(reader, 5000), file, 1000, 5000)
		}},
	{ID: "SPLICE-POSITION-IN", Since: "2.6.33", Source: "splice(2): off_in",
		Text: "without an offset the source is read from its position, which advances by the count", Check: func(t *T) {
			file := t.File(10_000)
			reader, writer := t.pipe()
			t.seek(file.Descriptor(), 1000)
			t.Counts(splice(file.Descriptor(), writer, 5000, 0), 5000)
			Equal(t, "position", t.position(file.Descriptor()), 6000)
			t.Arrived(t.Take(reader, 5000), file, 1000, 5000)
		}},
	{ID: "SPLICE-OFFSET-OUT", Since: "2.6.33", Source: "splice(2): off_out",
		Text: "an offset into the sink is where the bytes go, and advances by the count; the sink's position stays, and its other bytes too", Check: func(t *T) {
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			before := t.put(sink, 9000)
			t.seek(sink, 77)
			data := t.put(writer, 5000)
			offset := int64(1000)
			t.Counts(spliceAt(reader, nil, sink, &offset, 20_000, 0), 5000)
			Equal(t, "offset", offset, 6000)
			Equal(t, "position", t.position(sink), 77)
			t.Same("the sink", t.contents(sink), slices.Concat(before[:1000], data, before[6000:]))
		}},
	{ID: "SPLICE-POSITION-OUT", Since: "2.6.33", Source: "splice(2): off_out",
		Text: "without an offset the bytes go to the sink's position, which advances by the count", Check: func(t *T) {
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			before := t.put(sink, 9000)
			t.seek(sink, 1000)
			data := t.put(writer, 5000)
			t.Counts(splice(reader, sink, 20_000, 0), 5000)
			Equal(t, "position", t.position(sink), 6000)
			t.Same("the sink", t.contents(sink), slices.Concat(before[:1000], data, before[6000:]))
		}},
	{ID: "SPLICE-BEYOND-THE-END", Since: "2.6.33", Source: "splice(2): off_out; lseek(2): a gap reads as zeros",
		Text: "an offset past the end of the sink leaves a gap of zeros", Check: func(t *T) {
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			data := t.put(writer, 100)
			offset := int64(10_000)
			t.Counts(spliceAt(reader, nil, sink, &offset, 100, 0), 100)
			t.Same("the sink", t.contents(sink), append(bytes.Repeat([]byte{0}, 10_000), data...))
		}},
}
