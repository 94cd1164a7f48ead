package contract

import (
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// moreThanFits is more bytes than sinks hold, by kind, when they are narrow. A TCP receiver's buffer is not: it is of
// 2 MiB at most.
var moreThanFits = map[string]int64{"unix-stream": 1 << 20, "tcp": 4 << 20, "pipe": 512 << 10}

var streamSinks = []string{"unix-stream", "tcp"}

// sendfileShort are clauses on counts that are short, and on those that must not be.
var sendfileShort = []Clause{
	{ID: "SENDFILE-SHORT", Since: "2.6.33", Source: "sendfile(2) RETURN VALUE, ERRORS: EAGAIN", Places: streamSinks,
		Text: "a socket that does not wait takes what it has room for, then EAGAIN, and the rest continues exactly there", Check: func(t *T) {
			t.Undisturbed()
			file := t.File(moreThanFits[t.Place()])
			open, sink := t.Pair(t.Place())
			t.inParts(file, open, sink, sendfile)
		}},
	{ID: "SENDFILE-SHORT-PIPE", Since: "5.18.16", Source: "sendfile(2) RETURN VALUE, ERRORS: EAGAIN",
		Text: "a pipe that does not wait takes what it has room for, then EAGAIN, and the rest continues exactly there", Check: func(t *T) {
			file := t.File(moreThanFits["pipe"])
			open, sink := t.Pair("pipe")
			t.inParts(file, open, sink, func(into, from int, offset *int64, count int64) Result {
				return t.StartUndisturbed("sendfile", func() Result { return sendfile(into, from, offset, count) }).AtOnce()
			})
		}},
	{ID: "SENDFILE-WHOLE", Since: "2.6.33", Source: "sendfile(2), send(2)", Places: streamSinks,
		Text: "into a socket that waits one call moves the whole count, however often it has to wait", Check: func(t *T) {
			size := moreThanFits[t.Place()]
			file := t.File(size)
			open, sink := t.Pair(t.Place())
			t.Narrow(sink)
			p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), nil, size) })
			p.Waits()
			t.Arrived(t.Receive(open, size), file, 0, size)
			t.Counts(p.Result(), size)
			Equal(t, "position", t.position(file.Descriptor()), size)
		}},
	{ID: "SENDFILE-PIPE-TAKES-PART", Since: "5.12", Source: "sendfile(2): out_fd, splice(2)",
		Text: "into a pipe that waits it is a splice(2): what there is room for is moved, and the count is short", Check: func(t *T) {
			size := moreThanFits["pipe"]
			file := t.File(size)
			open, sink := t.Pair("pipe")
			p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), nil, size) })
			n := t.Within(p.AtOnce(), 1, size-1)
			Equal(t, "position", t.position(file.Descriptor()), n)
			t.Arrived(t.Rest(open), file, 0, n)
		}},
	{ID: "SENDFILE-INTERRUPTED", Since: "2.6.33", Source: "signal(7): Interruption of system calls", Places: streamSinks,
		Text: "a signal after the first byte ends the call with a short count, and the rest continues exactly there", Check: func(t *T) {
			size := moreThanFits[t.Place()]
			file := t.File(size)
			open, sink := t.Pair(t.Place())
			t.Narrow(sink)
			p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), nil, size) })
			p.Interrupt()
			n := t.Within(p.Result(), 1, size-1)
			Equal(t, "position", t.position(file.Descriptor()), n)
			t.Arrived(t.Receive(open, n), file, 0, n)
			t.Step("the rest")
			t.Undisturbed()
			t.Counts(sendfile(sink, file.Descriptor(), nil, 1000), 1000)
			t.Arrived(t.Rest(open), file, n, 1000)
		}},
}

// inParts sends a file into a sink that does not wait, until all of it has arrived.
func (t *T) inParts(file *source.File, open *sink.Sink, sink int, send func(into, from int, offset *int64, count int64) Result) {
	t.Narrow(sink)
	t.Nonblocking(sink)
	var got []byte
	var offset int64
	full := 0
	for deadline := time.Now().Add(stepPatience); offset < file.Bytes; {
		before, left := offset, file.Bytes-offset
		t.Step("%d bytes are sent, and %d have arrived", offset, len(got))
		r := send(sink, file.Descriptor(), &offset, left)
		if r.Errno == 0 {
			n := t.Within(r, 1, left)
			Equal(t, "offset", offset, before+n)
			continue
		}
		t.Fails(r, unix.EAGAIN)
		Equal(t, "offset", offset, before)
		t.Holds(before > 0, "an empty sink takes something", r.String())
		full++
		got = append(got, t.Drain(open)...)
		if time.Now().After(deadline) {
			t.Deviates("a sink that is drained has room", r.String())
		}
	}
	t.Step("all is sent")
	t.Holds(full > 0, "a sink that is too small is full at times", "it took all at once")
	Equal(t, "position", t.position(file.Descriptor()), 0)
	t.Arrived(append(got, t.Rest(open)...), file, 0, file.Bytes)
}
