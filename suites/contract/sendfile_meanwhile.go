package contract

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// sentBytes is the size of the file that is sent, of which a narrow UNIX socket takes a part.
const sentBytes = int64(1 << 20)

// sendfileMeanwhile are clauses on what else happens to a source while it is sent. That a call is in the middle of it
// is known by its sink, which is full: the call waits for room.
var sendfileMeanwhile = []Clause{
	{ID: "SENDFILE-TRUNCATED", Since: "2.6.33", Source: "sendfile(2) RETURN VALUE", Places: sparsePlaces,
		Text: "of a file that is cut short while it is sent, nothing follows but what had been there, or zeros, and the count is short", Check: func(t *T) {
			s := t.sending(sentBytes)
			rest := int64(2*pageBytes + 100)
			t.resize(s.writer, rest)
			got := s.drain()
			n := t.Within(s.call.Result(), rest, sentBytes-1)
			Equal(t, "position", t.position(s.file.Descriptor()), n)
			Equal(t, "bytes that arrive", int64(len(got)), n)
			t.Arrived(got[:rest], s.file, 0, rest)
			was := t.BytesOf(s.file, 0, n)
			for i := rest; i < n; i++ {
				if got[i] != 0 && got[i] != was[i] {
					t.Deviates("past the new end a byte that was there, or a zero", fmt.Sprintf("byte %d is another", i))
				}
			}
		}},
	{ID: "SENDFILE-REGROWN", Since: "2.6.33", Source: "sendfile(2), ftruncate(2)", Places: sparsePlaces,
		Text: "of a file that is cut and made as long again while it is sent, what is read from then on is zeros, never what had been there", Check: func(t *T) {
			s := t.sending(sentBytes)
			t.resize(s.writer, 0)
			t.resize(s.writer, sentBytes)
			got := s.drain()
			t.Counts(s.call.Result(), sentBytes)
			Equal(t, "bytes that arrive", int64(len(got)), sentBytes)
			// What waits in the sink is what had been there.
			was, cut := t.BytesOf(s.file, 0, sentBytes), 0
			for cut < len(got) && got[cut] == was[cut] {
				cut++
			}
			t.Holds(cut < len(got), "zeros in the end", "all of it as it had been")
			t.Same("zeros", got[cut:], make([]byte, len(got)-cut))
		}},
	{ID: "SENDFILE-GROWING", Since: "2.6.33", Source: "sendfile(2): count", Places: sparsePlaces,
		Text: "of a file that grows while it is sent no more is moved than was asked, be it of the old bytes or of the new", Check: func(t *T) {
			for _, beyond := range []int64{-1000, 50_001} {
				asked := sentBytes + beyond
				t.Step("%d bytes of %d are asked", asked, sentBytes)
				s := t.sending(asked)
				more := t.BytesOf(s.file, sentBytes, 100_000)
				n, err := unix.Pwrite(s.writer, more, sentBytes)
				t.Must(err)
				Equal(t, "bytes written", n, len(more))
				got := s.drain()
				t.Counts(s.call.Result(), asked)
				Equal(t, "position", t.position(s.file.Descriptor()), asked)
				t.Arrived(got, s.file, 0, asked)
			}
		}},
	{ID: "SENDFILE-CONCURRENT", Since: "2.6.33", Source: "sendfile(2): offset", Places: sparsePlaces,
		Text: "several threads may send from one descriptor, each from an offset of its own, and none of them moves the position", Check: func(t *T) {
			const threads, each = 4, int64(512 << 10)
			file := t.FileOn(t.Place(), threads*each)
			t.seek(file.Descriptor(), 77)
			var sinks [threads]*sink.Sink
			var calls [threads]*Pending
			var offsets [threads]int64
			for i := range threads {
				open, sink := t.Pair("unix-stream")
				t.Narrow(sink)
				// They do not begin where a page does.
				offsets[i] = int64(i)*each + 13*int64(i)
				sinks[i] = open
				calls[i] = t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), &offsets[i], each-100) })
			}
			for _, call := range calls {
				// Now all of them are in the middle.
				call.Waits()
			}
			for i := range threads {
				t.Step("thread %d", i)
				from := int64(i)*each + 13*int64(i)
				t.Arrived(t.Receive(sinks[i], each-100), file, from, each-100)
				t.Counts(calls[i].Result(), each-100)
				Equal(t, "offset", offsets[i], from+each-100)
				Equal(t, "bytes too many", len(t.Rest(sinks[i])), 0)
			}
			Equal(t, "position", t.position(file.Descriptor()), 77)
		}},
}

// sending is a call in the middle of a file.
type sending struct {
	t      *T
	file   *source.File
	writer int
	open   *sink.Sink
	call   *Pending
}

// sending has a file of the clause's place sent, from its beginning on, and returns when the sink is full.
func (t *T) sending(count int64) *sending {
	s := &sending{t: t, file: t.FileOn(t.Place(), sentBytes)}
	var sink int
	s.open, sink = t.Pair("unix-stream")
	t.Narrow(sink)
	s.writer = t.Writer(s.file.Descriptor())
	s.call = t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, s.file.Descriptor(), nil, count) })
	s.call.Waits()
	return s
}

// drain reads all that the call sends until it returns.
func (s *sending) drain() (got []byte) {
	for deadline := time.Now().Add(stepPatience); s.call.underWay() && time.Now().Before(deadline); {
		got = append(got, s.t.Drain(s.open)...)
	}
	// Where it is not over by now, this finds it to hang.
	s.call.Result()
	return append(got, s.t.Rest(s.open)...)
}
