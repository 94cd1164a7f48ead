package contract

import (
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// splicePipes are the clauses of what lies in pipes: whose it is, and what becomes of it between two of them.
var splicePipes = []Clause{
	{ID: "SPLICE-SHARES", Since: "2.6.33", Source: "splice(2) NOTES: only pointers are copied",
		Text: "what was moved from a file into a pipe is the file's own until it is read: what is written to the file in between shows", Check: func(t *T) {
			file := t.File(2 * int64(pageBytes))
			reader, writer := t.pipe()
			t.copiesAtWrite(writer, reader)
			t.Counts(splice(file.Descriptor(), writer, 2*pageBytes, 0), 2*int64(pageBytes))
			other := t.Overwrite(file, 0, 2*int64(pageBytes))
			t.Kept(reader, other)
		}},
	{ID: "SPLICE-PIPE-TO-PIPE-SHARES", Since: "2.6.33", Source: "splice(2) NOTES: only pointers are copied",
		Text: "what was moved from pipe to pipe still is what it was: what is written to its file in between shows", Check: func(t *T) {
			file := t.File(2 * int64(pageBytes))
			reader, writer := t.pipe()
			lastReader, lastWriter := t.pipe()
			t.copiesAtWrite(writer, reader)
			t.Done(splice(file.Descriptor(), writer, 2*pageBytes, 0))
			t.Step("the whole buffers")
			t.Counts(splice(reader, lastWriter, pageBytes, 0), int64(pageBytes))
			t.Step("a part of one")
			t.Counts(splice(reader, lastWriter, 1000, 0), 1000)
			other := t.Overwrite(file, 0, 2*int64(pageBytes))
			t.Kept(lastReader, other[:pageBytes+1000])
			t.Kept(reader, other[pageBytes+1000:])
		}},
	{ID: "SPLICE-FILE-COPIES", Since: "2.6.33", Source: "splice(2): SPLICE_F_MOVE is a no-op",
		Text: "a sink file gets bytes of its own: what is written to the source afterwards does not show, and the source keeps its own, with SPLICE_F_MOVE too", Check: func(t *T) {
			for _, flag := range []int{0, unix.SPLICE_F_MOVE} {
				t.Step("with flag %#x", flag)
				file := t.File(2 * int64(pageBytes))
				before := t.BytesOf(file, 0, file.Bytes)
				reader, writer := t.pipe()
				_, sink := t.Empty(unix.O_RDWR)
				t.Counts(splice(file.Descriptor(), writer, 2*pageBytes, flag), file.Bytes)
				t.Counts(splice(reader, sink, 2*pageBytes, flag), file.Bytes)
				t.Same("the source", t.contents(file.Descriptor()), before)
				t.Overwrite(file, 0, file.Bytes)
				t.Same("the sink", t.contents(sink), before)
			}
		}},
	// The page of a file must not take what is written to the pipe: CVE-2022-0847.
	{ID: "SPLICE-WRITE-BEHIND", Since: "2.6.33", Source: "splice(2) NOTES; pipe(7): I/O on pipes and FIFOs",
		Text: "what is written to a pipe behind bytes of a file goes to the reader, and not into the file", Check: func(t *T) {
			file := t.File(int64(pageBytes))
			before := t.BytesOf(file, 0, file.Bytes)
			reader, writer := t.pipe()
			t.Step("a pipe whose buffers were written before")
			t.put(writer, 16*pageBytes)
			t.Take(reader, 16*int64(pageBytes))
			t.Done(splice(file.Descriptor(), writer, 100, 0))
			data := t.put(writer, 50)
			t.Same("the file", t.contents(file.Descriptor()), before)
			t.Kept(reader, append(slices.Clone(before[:100]), data...))
		}},
	{ID: "SPLICE-PIPES-APART", Since: "2.6.33", Source: "splice(2) NOTES; pipe(7): I/O on pipes and FIFOs",
		Text: "a buffer of which a part was moved to another pipe is no way between the two: what is written behind either stays there", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			t.Counts(splice(reader, otherWriter, 60, 0), 60)
			behind := t.put(otherWriter, 70)
			last := t.put(writer, 80)
			t.Kept(otherReader, slices.Concat(data[:60], behind))
			t.Kept(reader, slices.Concat(data[60:], last))
		}},
	{ID: "SPLICE-PIPE-TO-PIPE", Since: "2.6.33", Source: "splice(2) DESCRIPTION, NOTES: both may refer to pipes",
		Text: "a pipe that fills up takes a part of another, which keeps the rest in order", Check: func(t *T) {
			reader, _, held := t.FullPipe(4)
			lastReader, lastWriter := t.PipeOf(2)
			moved := t.Within(splice(reader, lastWriter, 4*pageBytes, 0), 1, 4*int64(pageBytes)-1)
			t.Step("when it is full")
			t.Fails(splice(reader, lastWriter, 4*pageBytes, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			t.Kept(lastReader, held[:moved])
			t.Kept(reader, held[moved:])
		}},
	// Each call holds two pipes, and the other holds the same two: pipes must be locked in one order.
	{ID: "SPLICE-RING", Since: "2.6.33", Source: "splice(2) DESCRIPTION",
		Text: "two pipes in a ring, each moved into the other at once, come to no standstill, and lose nothing", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			t.put(writer, 2*pageBytes)
			t.put(otherWriter, 3*pageBytes)
			const turns = 2000
			push := func(from, into int) func() Result {
				return func() (r Result) {
					for range turns {
						r = splice(from, into, pageBytes, unix.SPLICE_F_NONBLOCK)
						if r.Errno != 0 && r.Errno != unix.EAGAIN {
							return r
						}
						runtime.Gosched()
					}
					return Result{Call: "splice", N: turns}
				}
			}
			one := t.Start("splice", push(reader, otherWriter))
			other := t.Start("splice", push(otherReader, writer))
			t.Counts(one.Result(), turns)
			t.Counts(other.Result(), turns)
			Equal(t, "bytes in both pipes", t.Queued(reader)+t.Queued(otherReader), 5*int64(pageBytes))
		}},
	{ID: "SPLICE-RING-TURNS", Since: "2.6.33", Source: "splice(2) DESCRIPTION",
		Text: "what two calls hand each other around a ring of two pipes wakes them each time", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := coded(100)
			const turns = 500
			hand := func(from, into int) func() Result {
				return func() (r Result) {
					for range turns {
						if r = splice(from, into, 1000, 0); r.N != 100 {
							return r
						}
					}
					return Result{Call: "splice", N: turns}
				}
			}
			one := t.Start("splice", hand(reader, otherWriter))
			other := t.Start("splice", hand(otherReader, writer))
			one.Waits()
			other.Waits()
			t.Done(write(writer, data))
			t.Counts(one.Result(), turns)
			t.Counts(other.Result(), turns)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-RING-FULL", Since: "2.6.33", Source: "splice(2) DESCRIPTION; pipe(7): I/O on pipes and FIFOs",
		Text: "in a ring of two full pipes both calls wait, and both go on when one page is read", Check: func(t *T) {
			reader, writer, held := t.FullPipe(2)
			otherReader, otherWriter, otherHeld := t.FullPipe(2)
			one := t.Start("splice", func() Result { return splice(reader, otherWriter, pageBytes, 0) })
			one.Waits()
			other := t.Start("splice", func() Result { return splice(otherReader, writer, pageBytes, 0) })
			other.Waits()
			t.Same("what is read", t.Take(reader, int64(pageBytes)), held[:pageBytes])
			t.Counts(other.Result(), int64(pageBytes))
			t.Counts(one.Result(), int64(pageBytes))
			t.Kept(reader, otherHeld[:pageBytes])
			t.Kept(otherReader, slices.Concat(otherHeld[pageBytes:], held[pageBytes:]))
		}},
}

// copiesAtWrite is the other side of a check that something is shared: write(2) has copied when it returns, or the
// check would find sharing anywhere. The pipe must be empty, and is empty again.
func (t *T) copiesAtWrite(writer, reader int) {
	memory := t.Pages(1)
	before := slices.Clone(memory)
	t.Done(write(writer, memory))
	copy(memory, coded(len(memory)))
	if !slices.Equal(t.Take(reader, int64(pageBytes)), before) {
		t.Deviates("what write(2) has put into a pipe is a copy", "it changes with its source")
	}
}

// spliceHints are the clauses of flags that change nothing, or only when it arrives.
var spliceHints = []Clause{
	{ID: "SPLICE-HINTS", Since: "2.6.33", Source: "splice(2): SPLICE_F_MOVE, SPLICE_F_MORE, SPLICE_F_GIFT", Places: outlets,
		Text: "SPLICE_F_MOVE, SPLICE_F_MORE and SPLICE_F_GIFT change neither counts nor bytes", Check: func(t *T) {
			file := t.File(20_000)
			into, far := t.outlet(t.Place())
			at := int64(0)
			for _, flags := range hints {
				t.Step("with flags %#x", flags)
				reader, writer := t.pipe()
				t.Counts(splice(file.Descriptor(), writer, 5000, flags), 5000)
				t.Counts(splice(reader, into, 5000, flags), 5000)
				t.Arrived(t.collect(far, 5000), file, at, 5000)
				at += 5000
			}
			Equal(t, "position", t.position(file.Descriptor()), at)
		}},
	{ID: "SPLICE-MORE-TCP", Since: "2.6.33", Source: "splice(2): SPLICE_F_MORE; send(2): MSG_MORE",
		Text: "bytes that SPLICE_F_MORE holds back for what follows arrive in order with it, and also where nothing follows", Check: func(t *T) {
			reader, writer := t.pipe()
			into, far := t.stream("tcp")
			data := t.put(writer, 300)
			t.Counts(splice(reader, into, 100, unix.SPLICE_F_MORE), 100)
			t.Counts(splice(reader, into, 100, 0), 100)
			t.Same("what arrives", t.collect(far, 200), data[:200])
			t.Step("where nothing follows")
			t.Counts(splice(reader, into, 100, unix.SPLICE_F_MORE), 100)
			t.Same("what arrives", t.collect(far, 100), data[200:])
		}},
	{ID: "SPLICE-MORE-UDP", Since: "2.6.33", Source: "splice(2): SPLICE_F_MORE; send(2): MSG_MORE",
		Text: "into UDP the bytes of a call with SPLICE_F_MORE and those of the next are one datagram", Check: func(t *T) {
			reader, writer := t.pipe()
			into, far := t.messages("udp")
			data := t.put(writer, 150)
			t.Counts(splice(reader, into, 60, unix.SPLICE_F_MORE), 60)
			t.Counts(splice(reader, into, 40, 0), 40)
			t.Same("the datagram", t.message(far), data[:100])
			t.Step("the next")
			t.Counts(splice(reader, into, 50, 0), 50)
			t.Same("the datagram", t.message(far), data[100:])
		}},
}
