package contract

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
)

var vmspliceClauses = Interface{
	Page: "vmsplice(2)", Needs: []probe.Interface{probe.Vmsplice},
	Clauses: slices.Concat(vmspliceResults, vmspliceShares, vmspliceWaits, vmspliceErrors, vmspliceReads),
}

// vmspliceResults are what vmsplice(2) into a pipe returns, and what it has then put there.
var vmspliceResults = []Clause{
	{ID: "VMSPLICE-SEGMENTS", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION",
		Text: "segments come into the pipe one behind the other, wherever they lie and however long they are", Check: func(t *T) {
			memory := t.Pages(4)
			reader, writer := t.pipe()
			parts := [][]byte{memory[3*pageBytes:], memory[100:101], memory[pageBytes-7 : pageBytes+9], memory[5:], memory[:50]}
			parts[3] = parts[3][:2*pageBytes]
			var segments []segment
			for _, part := range parts {
				segments = append(segments, segmentOf(part))
			}
			owed := slices.Concat(parts...)
			t.Counts(vmsplice(writer, 0, segments...), int64(len(owed)))
			t.Kept(reader, owed)
		}},
	{ID: "VMSPLICE-EMPTY-SEGMENTS", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION, readv(2)",
		Text: "a segment of length 0 adds nothing, wherever it stands and points to", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer := t.pipe()
			none, nowhere := segment{segmentOf(memory).base, 0}, segment{}
			t.Counts(vmsplice(writer, 0, none, nowhere, segmentOf(memory[:100]), none, nowhere, segmentOf(memory[200:300]), nowhere), 200)
			t.Kept(reader, slices.Concat(memory[:100], memory[200:300]))
		}},
	// An older page called no segments EINVAL.
	{ID: "VMSPLICE-NOTHING", Since: "2.6.33", Source: "vmsplice(2) RETURN VALUE, readv(2)",
		Text: "no segment, or none but empty ones, returns 0 at once", Check: func(t *T) {
			_, writer, _ := t.FullPipe(1)
			empty, _ := t.pipe()
			for _, pipe := range []int{writer, empty} {
				t.Counts(vmsplice(pipe, 0), 0)
				t.Counts(vmsplice(pipe, 0, segment{}, segment{}), 0)
			}
		}},
	{ID: "VMSPLICE-MOST-SEGMENTS", Since: "2.6.33", Source: "vmsplice(2) ERRORS: EINVAL, NOTES",
		Text: "1024 segments are taken, and more are EINVAL", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer := t.pipe()
			segments := make([]segment, 1024, 1025)
			segments[0], segments[1023] = segmentOf(memory[:10]), segmentOf(memory[20:30])
			t.Step("1024")
			t.Counts(vmsplice(writer, 0, segments...), 20)
			owed := slices.Concat(memory[:10], memory[20:30])
			t.Kept(reader, owed)
			t.Step("1025")
			t.Fails(vmsplice(writer, 0, append(segments, segment{})...), unix.EINVAL)
			t.Kept(reader, nil)
		}},
	{ID: "VMSPLICE-FILLS", Since: "2.6.33", Source: "vmsplice(2) RETURN VALUE; pipe(7): Pipe capacity",
		Text: "a pipe that fills up takes a part, and the count says which", Check: func(t *T) {
			memory := t.Pages(4)
			reader, writer := t.PipeOf(2)
			n := t.Within(vmsplice(writer, 0, segmentOf(memory[100:3*pageBytes]), segmentOf(memory[3*pageBytes:])), 1, 4*int64(pageBytes)-101)
			t.Fails(vmsplice(writer, unix.SPLICE_F_NONBLOCK, segmentOf(memory)), unix.EAGAIN)
			t.Kept(reader, memory[100:100+n])
		}},
	{ID: "VMSPLICE-HINTS", Since: "2.6.33", Source: "vmsplice(2): SPLICE_F_MOVE, SPLICE_F_MORE",
		Text: "SPLICE_F_MOVE and SPLICE_F_MORE have no effect", Check: func(t *T) {
			memory := t.Pages(2)
			reader, writer := t.pipe()
			for _, flags := range []int{unix.SPLICE_F_MOVE, unix.SPLICE_F_MORE, unix.SPLICE_F_MOVE | unix.SPLICE_F_MORE} {
				t.Step("with flags %#x", flags)
				t.Counts(vmsplice(writer, flags, segmentOf(memory[50:5000])), 4950)
				t.Kept(reader, memory[50:5000])
			}
		}},
	// The page says EINVAL of memory that is not aligned; kernels never were so strict.
	{ID: "VMSPLICE-GIFT-UNALIGNED", Since: "2.6.33", Source: "vmsplice(2) ERRORS: EINVAL",
		Text: "SPLICE_F_GIFT takes memory that is not aligned to pages, too", Check: func(t *T) {
			memory := t.Pages(2)
			reader, writer := t.pipe()
			for _, part := range [][]byte{memory[1:], memory[:100], memory[7:4999]} {
				t.Counts(vmsplice(writer, unix.SPLICE_F_GIFT, segmentOf(part)), int64(len(part)))
				t.Kept(reader, part)
			}
		}},
	{ID: "VMSPLICE-GIFT", Since: "2.6.33", Source: "vmsplice(2): SPLICE_F_GIFT",
		Text: "pages that were given away come into a file by SPLICE_F_MOVE as they are", Check: func(t *T) {
			memory := t.Pages(2)
			before := slices.Clone(memory)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			t.Counts(vmsplice(writer, unix.SPLICE_F_GIFT, segmentOf(memory)), int64(len(memory)))
			t.Counts(splice(reader, sink, len(memory), unix.SPLICE_F_MOVE), int64(len(memory)))
			t.Same("the file", t.contents(sink), before)
			t.Same("the memory", memory, before)
		}},
	{ID: "VMSPLICE-THROUGH", Since: "2.6.33", Source: "vmsplice(2), splice(2) NOTES", Places: outlets,
		Text: "memory goes through a pipe to where splice(2) moves it, in order", Check: func(t *T) {
			memory := t.Pages(3)
			reader, writer := t.pipe()
			into, far := t.outlet(t.Place())
			part := memory[100:10_000]
			t.Counts(vmsplice(writer, 0, segmentOf(part)), int64(len(part)))
			t.Counts(splice(reader, into, len(part), 0), int64(len(part)))
			t.Same("what arrives", t.collect(far, len(part)), part)
		}},
}

// vmspliceShares are the clauses of whose the memory is while it lies in a pipe.
var vmspliceShares = []Clause{
	{ID: "VMSPLICE-SHARES", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION: maps; splice(2) NOTES", Places: []string{"private", "shared", "file"},
		Text: "memory lies in the pipe as itself: what is written to it before it is read shows", Check: func(t *T) {
			memory := t.memory(t.Place())
			reader, writer := t.pipe()
			t.copiesAtWrite(writer, reader)
			t.Counts(vmsplice(writer, 0, segmentOf(memory[100:])), int64(len(memory)-100))
			copy(memory, coded(len(memory)))
			t.Kept(reader, memory[100:])
		}},
	// A buffer that is filled anew before the reader was there is read twice as it is now.
	{ID: "VMSPLICE-REUSE", Since: "2.6.33", Source: "vmsplice(2): SPLICE_F_GIFT: may not modify this memory; splice(2) NOTES",
		Text: "a buffer that is used again before it was read takes the place of what it held before", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer := t.pipe()
			t.Counts(vmsplice(writer, 0, segmentOf(memory)), int64(pageBytes))
			copy(memory, coded(pageBytes))
			t.Counts(vmsplice(writer, 0, segmentOf(memory)), int64(pageBytes))
			t.Kept(reader, slices.Concat(memory, memory))
		}},
	{ID: "VMSPLICE-UNMAPPED", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION; splice(2) NOTES: reference-counted", Places: []string{"private", "shared", "file"},
		Text: "memory that is unmapped before it was read is read as it was", Check: func(t *T) {
			memory := t.memory(t.Place())
			before := slices.Clone(memory)
			reader, writer := t.pipe()
			t.Counts(vmsplice(writer, 0, segmentOf(memory)), int64(len(memory)))
			t.Must(unix.Munmap(memory))
			// Pages that were free would be handed out here.
			t.Pages(16)
			t.Kept(reader, before)
		}},
	{ID: "VMSPLICE-WRITE-BEHIND", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION; pipe(7): I/O on pipes and FIFOs",
		Text: "what is written to a pipe behind memory goes to the reader, and not into the memory", Check: func(t *T) {
			memory := t.Pages(1)
			before := slices.Clone(memory)
			reader, writer := t.pipe()
			t.Step("a pipe whose buffers were written before")
			t.put(writer, 16*pageBytes)
			t.Take(reader, 16*int64(pageBytes))
			t.Counts(vmsplice(writer, 0, segmentOf(memory[:100])), 100)
			data := t.put(writer, 50)
			t.Same("the memory", memory, before)
			t.Kept(reader, slices.Concat(before[:100], data))
		}},
}

// memory is a mapping of two pages: private, shared, or of a file in the temp directory.
func (t *T) memory(place string) []byte {
	if place == "private" {
		return t.Pages(2)
	}
	fd, flags := -1, unix.MAP_SHARED
	if place == "file" {
		_, fd = t.Empty(unix.O_RDWR)
		t.put(fd, 2*pageBytes)
	} else {
		flags |= unix.MAP_ANON
	}
	memory, err := unix.Mmap(fd, 0, 2*pageBytes, unix.PROT_READ|unix.PROT_WRITE, flags)
	t.Must(err)
	t.Cleanup(func() { unix.Munmap(memory) })
	copy(memory, coded(len(memory)))
	return memory
}

// vmspliceWays are how vmsplice(2) waits: for room in a pipe that is written, and for data in one that is read.
var vmspliceWays = []way{
	{"full-pipe", func(t *T) waiting {
		memory := t.Pages(1)
		return fullPipe(t, memory[:100], func(writer int) Result { return vmsplice(writer, 0, segmentOf(memory[:100])) })
	}},
	{"empty-pipe", func(t *T) waiting {
		reader, writer := t.pipe()
		memory := t.Pages(1)
		var data []byte
		return waiting{
			pipe:    reader,
			call:    func() Result { return vmsplice(reader, 0, segmentOf(memory)) },
			wake:    func() { data = t.put(writer, 100) },
			moves:   100,
			arrived: func() { t.Same("the memory", memory[:100], data) },
		}
	}},
}

// vmspliceWaits are the clauses of blocking.
var vmspliceWaits = []Clause{
	{ID: "VMSPLICE-WAITS", Since: "2.6.33", Source: "vmsplice(2): SPLICE_F_NONBLOCK, pipe(7): I/O on pipes and FIFOs", Places: placesOf(vmspliceWays),
		Text: "a call that can move nothing waits, and moves what there is as soon as it can", Check: waits("vmsplice", vmspliceWays)},
	{ID: "VMSPLICE-EINTR", Since: "2.6.33", Source: "signal(7): Interruption of system calls", Places: placesOf(vmspliceWays),
		Text: "a signal before the first byte ends the wait with EINTR, and nothing is lost", Check: interrupted("vmsplice", vmspliceWays)},
	{ID: "VMSPLICE-WAITS-FOR-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "a call that waits for room is EPIPE when the last reader leaves", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer, _ := t.FullPipe(1)
			p := t.Start("vmsplice", func() Result { return vmsplice(writer, 0, segmentOf(memory)) })
			p.Waits()
			t.Shut(reader)
			t.Fails(p.Result(), unix.EPIPE)
		}},
	{ID: "VMSPLICE-WAKES-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "memory that comes into a pipe wakes who waits to read from it", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer := t.pipe()
			p := t.Start("read", func() Result { return read(reader, make([]byte, 1000)) })
			p.Waits()
			t.Counts(vmsplice(writer, 0, segmentOf(memory[:100])), 100)
			t.Counts(p.Result(), 100)
		}},
	{ID: "VMSPLICE-NONBLOCK", Since: "2.6.33", Source: "vmsplice(2) ERRORS: EAGAIN", Places: []string{"full-pipe", "empty-pipe"},
		Text: "with SPLICE_F_NONBLOCK a full pipe, or an empty one that is read, is EAGAIN, though it is not non-blocking", Check: func(t *T) {
			pipe, holds := t.immovable()
			t.Fails(vmsplice(pipe, unix.SPLICE_F_NONBLOCK, segmentOf(t.Pages(1))), unix.EAGAIN)
			holds()
		}},
	// splice(2) and tee(2) take it for their flag; the page of vmsplice(2) does not name it.
	{ID: "VMSPLICE-O-NONBLOCK", Source: "vmsplice(2) ERRORS: EAGAIN", Places: []string{"full-pipe", "empty-pipe"},
		Text: "that a pipe is non-blocking changes nothing: without SPLICE_F_NONBLOCK the call waits", Check: func(t *T) {
			w := t.staged(vmspliceWays)
			t.Nonblocking(w.pipe)
			p := t.Start("vmsplice", w.call)
			p.Waits()
			w.wake()
			t.Counts(p.Result(), w.moves)
		}},
}

// immovable is a pipe with which vmsplice(2) can do nothing, as the check's place says why, and what holds it to have
// kept its bytes.
func (t *T) immovable() (pipe int, holds func()) {
	if t.Place() == "empty-pipe" {
		reader, _ := t.pipe()
		return reader, func() { t.Kept(reader, nil) }
	}
	reader, writer, held := t.FullPipe(1)
	return writer, func() { t.Kept(reader, held) }
}
