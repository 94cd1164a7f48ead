package contract

import (
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
)

var teeClauses = Interface{
	Page: "tee(2)", Needs: []probe.Interface{probe.Tee, probe.Splice},
	Clauses: slices.Concat(teeResults, teeWaits, teeErrors),
}

// teeWays are how tee(2) waits: for data at its input, and for room at its output.
var teeWays = []way{
	{"empty-input", func(t *T) waiting {
		reader, writer := t.pipe()
		otherReader, otherWriter := t.pipe()
		var data []byte
		return waiting{
			call:    func() Result { return tee(reader, otherWriter, 1000, 0) },
			wake:    func() { data = t.put(writer, 100) },
			moves:   100,
			arrived: func() { t.Kept(otherReader, data); t.Kept(reader, data) },
		}
	}},
	{"full-output", func(t *T) waiting {
		reader, writer := t.pipe()
		data := t.put(writer, 100)
		w := fullPipe(t, data, func(output int) Result { return tee(reader, output, 1000, 0) })
		arrived := w.arrived
		w.arrived = func() { arrived(); t.Kept(reader, data) }
		return w
	}},
}

// teeResults are what tee(2) returns, and what it has then duplicated.
var teeResults = []Clause{
	{ID: "TEE-BYTES", Since: "2.6.33", Source: "tee(2) DESCRIPTION",
		Text: "what the input holds is in both pipes afterwards, in order", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 5000)
			t.Counts(tee(reader, otherWriter, 5000, 0), 5000)
			t.Kept(reader, data)
			t.Kept(otherReader, data)
		}},
	{ID: "TEE-BEHIND", Since: "2.6.33", Source: "tee(2) DESCRIPTION",
		Text: "what is duplicated comes behind what the output holds", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data, before := t.put(writer, 100), t.put(otherWriter, 50)
			t.Counts(tee(reader, otherWriter, 100, 0), 100)
			t.Kept(otherReader, slices.Concat(before, data))
		}},
	{ID: "TEE-WHAT-IS-THERE", Since: "2.6.33", Source: "tee(2) DESCRIPTION: up to len bytes",
		Text: "an input that holds less than the length gives that, and more is not waited for", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 300)
			t.Counts(tee(reader, otherWriter, 1<<30, 0), 300)
			t.Kept(otherReader, data)
		}},
	{ID: "TEE-A-PART", Since: "2.6.33", Source: "tee(2) DESCRIPTION: up to len bytes",
		Text: "a length that is less than the input holds duplicates the first of it", Check: func(t *T) {
			reader, _, held := t.FullPipe(2)
			otherReader, otherWriter := t.pipe()
			for _, length := range []int{1, 1001, pageBytes, pageBytes + 1} {
				t.Step("%d bytes", length)
				t.Counts(tee(reader, otherWriter, length, 0), int64(length))
				t.Kept(otherReader, held[:length])
			}
			t.Kept(reader, held)
		}},
	// Who calls it in a loop without reading the input gets the same bytes over and over.
	{ID: "TEE-AGAIN", Since: "2.6.33", Source: "tee(2) DESCRIPTION: does not consume",
		Text: "a second call duplicates the same bytes once more, from the first on", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			t.Counts(tee(reader, otherWriter, 60, 0), 60)
			t.Counts(tee(reader, otherWriter, 1000, 0), 100)
			t.Kept(otherReader, slices.Concat(data[:60], data))
			t.Kept(reader, data)
		}},
	{ID: "TEE-FILLS", Since: "2.6.33", Source: "tee(2) DESCRIPTION: up to len bytes; pipe(7): Pipe capacity",
		Text: "an output that fills up takes a part, and the input keeps every byte", Check: func(t *T) {
			reader, _, held := t.FullPipe(4)
			otherReader, otherWriter := t.PipeOf(2)
			n := t.Within(tee(reader, otherWriter, 4*pageBytes, 0), 1, 4*int64(pageBytes)-1)
			t.Fails(tee(reader, otherWriter, 4*pageBytes, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			t.Kept(otherReader, held[:n])
			t.Kept(reader, held)
		}},
	{ID: "TEE-THEN-SPLICE", Since: "2.6.33", Source: "tee(2) DESCRIPTION, EXAMPLES",
		Text: "what was duplicated can be spliced from both pipes, to two places", Check: func(t *T) {
			file := t.File(10_000)
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			far, into := t.Empty(unix.O_WRONLY)
			otherFar, otherInto := t.Empty(unix.O_WRONLY)
			t.Done(splice(file.Descriptor(), writer, 10_000, 0))
			t.Counts(tee(reader, otherWriter, 10_000, 0), 10_000)
			t.Counts(splice(reader, into, 10_000, 0), 10_000)
			t.Counts(splice(otherReader, otherInto, 10_000, 0), 10_000)
			t.Arrived(t.contents(far), file, 0, 10_000)
			t.Arrived(t.contents(otherFar), file, 0, 10_000)
		}},
	{ID: "TEE-SHARES", Since: "2.6.33", Source: "tee(2) NOTES: merely grabbing a reference; splice(2) NOTES",
		Text: "both pipes hold the same pages: what is written to their file in between shows in both", Check: func(t *T) {
			file := t.File(2 * int64(pageBytes))
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			t.copiesAtWrite(writer, reader)
			t.Done(splice(file.Descriptor(), writer, 2*pageBytes, 0))
			t.Counts(tee(reader, otherWriter, pageBytes+1000, 0), int64(pageBytes)+1000)
			other := t.Overwrite(file, 0, 2*int64(pageBytes))
			t.Kept(otherReader, other[:pageBytes+1000])
			t.Kept(reader, other)
		}},
	{ID: "TEE-APART", Since: "2.6.33", Source: "tee(2) NOTES; pipe(7): I/O on pipes and FIFOs",
		Text: "pipes that share a buffer are two: what is written behind it into either stays there", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			t.Counts(tee(reader, otherWriter, 100, 0), 100)
			behind := t.put(otherWriter, 50)
			last := t.put(writer, 60)
			t.Kept(otherReader, slices.Concat(data, behind))
			t.Kept(reader, slices.Concat(data, last))
		}},
	{ID: "TEE-OUTLIVES", Since: "2.6.33", Source: "tee(2) DESCRIPTION, NOTES",
		Text: "what was duplicated stays when the other pipe is read empty and closed", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 5000)
			t.Counts(tee(reader, otherWriter, 5000, 0), 5000)
			t.Take(reader, 5000)
			t.Shut(reader)
			t.Shut(writer)
			t.Kept(otherReader, data)
		}},
	{ID: "TEE-END", Since: "2.6.33", Source: "tee(2) RETURN VALUE",
		Text: "an input without a writer gives what it holds, and 0 once it is empty", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			t.Shut(writer)
			t.Counts(tee(reader, otherWriter, 1000, 0), 100)
			t.Kept(otherReader, data)
			t.Kept(reader, data)
			t.Step("when it is empty")
			t.Counts(tee(reader, otherWriter, 1000, 0), 0)
			t.Counts(tee(reader, otherWriter, 1000, unix.SPLICE_F_NONBLOCK), 0)
		}},
	{ID: "TEE-LENGTH-ZERO", Since: "2.6.33", Source: "tee(2) DESCRIPTION",
		Text: "a length of 0 returns 0 at once and duplicates nothing", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			t.Step("from an empty pipe")
			t.Counts(tee(reader, otherWriter, 0, 0), 0)
			data := t.put(writer, 100)
			t.Step("from one that holds something")
			t.Counts(tee(reader, otherWriter, 0, 0), 0)
			t.Kept(otherReader, nil)
			t.Kept(reader, data)
		}},
	{ID: "TEE-HINTS", Since: "2.6.33", Source: "tee(2): SPLICE_F_MOVE, SPLICE_F_MORE, SPLICE_F_GIFT",
		Text: "SPLICE_F_MOVE, SPLICE_F_MORE and SPLICE_F_GIFT have no effect", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 5000)
			for _, flags := range hints {
				t.Step("with flags %#x", flags)
				t.Counts(tee(reader, otherWriter, 1000, flags), 1000)
				t.Kept(otherReader, data[:1000])
			}
			t.Kept(reader, data)
		}},
}

// teeWaits are the clauses of blocking.
var teeWaits = []Clause{
	{ID: "TEE-WAITS", Since: "2.6.33", Source: "tee(2) RETURN VALUE, pipe(7): I/O on pipes and FIFOs", Places: placesOf(teeWays),
		Text: "a call that can duplicate nothing waits, and duplicates what there is as soon as it can", Check: waits("tee", teeWays)},
	{ID: "TEE-EINTR", Since: "2.6.33", Source: "signal(7): Interruption of system calls", Places: placesOf(teeWays),
		Text: "a signal before the first byte ends the wait with EINTR, and nothing is lost", Check: interrupted("tee", teeWays)},
	{ID: "TEE-WAITS-FOR-A-WRITER", Since: "2.6.33", Source: "tee(2) RETURN VALUE",
		Text: "a call that waits for data returns 0 when the last writer leaves", Check: func(t *T) {
			reader, writer := t.pipe()
			_, otherWriter := t.pipe()
			p := t.Start("tee", func() Result { return tee(reader, otherWriter, 1000, 0) })
			p.Waits()
			t.Shut(writer)
			t.Counts(p.Result(), 0)
		}},
	{ID: "TEE-WAITS-FOR-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "a call that waits for room is EPIPE when the output's last reader leaves, and the input keeps every byte", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			otherReader, otherWriter, _ := t.FullPipe(1)
			p := t.Start("tee", func() Result { return tee(reader, otherWriter, 1000, 0) })
			p.Waits()
			t.Shut(otherReader)
			t.Fails(p.Result(), unix.EPIPE)
			t.Kept(reader, data)
		}},
	{ID: "TEE-WAKES-A-READER", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "what is duplicated into a pipe wakes who waits to read from it", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			t.put(writer, 100)
			p := t.Start("read", func() Result { return read(otherReader, make([]byte, 1000)) })
			p.Waits()
			t.Counts(tee(reader, otherWriter, 100, 0), 100)
			t.Counts(p.Result(), 100)
		}},
	{ID: "TEE-NONBLOCK", Since: "2.6.33", Source: "tee(2) ERRORS: EAGAIN", Places: placesOf(teeWays),
		Text: "with SPLICE_F_NONBLOCK an empty input, or a full output, is EAGAIN, though no descriptor is non-blocking", Check: func(t *T) {
			input, output, holds := t.stuck()
			t.Fails(tee(input, output, 100, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			holds()
		}},
	{ID: "TEE-O-NONBLOCK", Since: "5.1", Source: "tee(2) ERRORS: EAGAIN", Places: []string{"empty-input", "full-output"},
		Text: "an empty input, or a full output, is EAGAIN where either descriptor is non-blocking", Check: func(t *T) {
			for _, which := range []string{"input", "output"} {
				t.Step("the %s is non-blocking", which)
				input, output, holds := t.stuck()
				t.Nonblocking(map[string]int{"input": input, "output": output}[which])
				t.Fails(tee(input, output, 100, 0), unix.EAGAIN)
				holds()
			}
		}},
	// Each call holds two pipes, and the other holds the same two: pipes must be locked in one order.
	{ID: "TEE-RING", Since: "2.6.33", Source: "tee(2) DESCRIPTION",
		Text: "two pipes in a ring, each duplicated into the other at once, come to no standstill", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			null := t.Open("/dev/null", unix.O_WRONLY)
			t.put(writer, 2*pageBytes)
			t.put(otherWriter, 2*pageBytes)
			const turns = 2000
			push := func(from, into, out int) func() Result {
				return func() Result {
					for range turns {
						// What was duplicated makes room by what is thrown away: a full pipe would be looked at alone.
						for _, r := range []Result{tee(from, into, pageBytes, unix.SPLICE_F_NONBLOCK), splice(out, null, pageBytes, unix.SPLICE_F_NONBLOCK)} {
							if r.Errno != 0 && r.Errno != unix.EAGAIN {
								return r
							}
						}
						runtime.Gosched()
					}
					return Result{Call: "tee", N: turns}
				}
			}
			one := t.Start("tee", push(reader, otherWriter, otherReader))
			other := t.Start("tee", push(otherReader, writer, reader))
			t.Counts(one.Result(), turns)
			t.Counts(other.Result(), turns)
		}},
}

// stuck are two pipes between which nothing can be duplicated, as the check's place says why, and what holds both to
// have kept their bytes.
func (t *T) stuck() (input, output int, holds func()) {
	input, writer := t.pipe()
	if t.Place() == "empty-input" {
		reader, output := t.pipe()
		return input, output, func() { t.Kept(input, nil); t.Kept(reader, nil) }
	}
	data := t.put(writer, 100)
	reader, output, held := t.FullPipe(1)
	return input, output, func() { t.Kept(input, data); t.Kept(reader, held) }
}
