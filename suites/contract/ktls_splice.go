package contract

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// tlsSplice are clauses on splice(2) and its like into a connection that the kernel encrypts.
var tlsSplice = []Clause{
	{ID: "TLS-SPLICE", Since: "5.1", Source: tlsPage + ": Sending TLS application data; splice(2)", Places: tlsVersions,
		Text: "splice(2) of a file through a pipe sends its bytes, in order and once, and the pipe is empty then", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(100_000)
			reader, writer := t.pipe()
			offset := int64(1001)
			for offset < 90_000 {
				t.Step("from offset %d on", offset)
				at := offset
				n := t.Within(spliceAt(file.Descriptor(), &offset, writer, nil, 40_000, 0), 1, 40_000)
				p := t.StartUndisturbed("splice", func() Result { return splice(reader, s.write, int(n), 0) })
				t.Arrived(tlsJoined(s.until(int(n))), file, at, n)
				t.Counts(p.Result(), n)
				Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			}
			s.noMore()
		}},
	{ID: "TLS-SPLICE-A-PART", Since: "5.1", Source: tlsPage + ": Sending TLS application data; splice(2)", Places: tlsVersions,
		Text: "a length that is less than the pipe holds sends the first of it, and the rest stays for the next", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(10_000)
			reader, writer := t.pipe()
			t.Done(splice(file.Descriptor(), writer, 10_000, 0))
			t.Counts(splice(reader, s.write, 5001, 0), 5001)
			t.Arrived(tlsJoined(s.until(5001)), file, 0, 5001)
			Equal(t, "bytes in the pipe", t.Queued(reader), 4999)
			t.Arrived(t.Take(reader, 10_000), file, 5001, 4999)
			s.noMore()
		}},
	{ID: "TLS-SPLICE-SHORT", Since: "6.1", Source: tlsPage + ": Sending TLS application data; splice(2) ERRORS: EAGAIN", Places: tlsVersions,
		Text: "into a full connection that does not wait it is EAGAIN, and what was not taken is still in the pipe", Check: func(t *T) {
			size := moreThanFits["tcp"]
			s, file := t.tlsSender(), t.File(size)
			t.Narrow(s.write)
			t.Nonblocking(s.write)
			reader, writer := t.pipe()
			var sent int64
			for deadline, full := time.Now().Add(stepPatience), false; !full; {
				if time.Now().After(deadline) {
					t.Must(fmt.Errorf("the connection does not fill: it has taken %d bytes", sent))
				}
				if t.Queued(reader) == 0 {
					t.Within(splice(file.Descriptor(), writer, 40_000, 0), 1, 40_000)
				}
				r := splice(reader, s.write, 40_000, 0)
				if full = r.Errno != 0; !full {
					sent += t.Within(r, 1, 40_000)
					continue
				}
				t.Fails(r, unix.EAGAIN)
			}
			Equal(t, "bytes sent and in the pipe", sent+t.Queued(reader), t.position(file.Descriptor()))
			kept := t.Queued(reader)
			t.Arrived(t.Take(reader, 1<<20), file, sent, kept)
			t.blocking(s.write)
			t.Arrived(tlsJoined(s.rest()), file, 0, sent)
		}},
	{ID: "TLS-SPLICE-GONE", Since: "6.1", Source: tlsPage + ": Sending TLS application data; send(2) ERRORS: ECONNRESET, EPIPE", Places: tlsVersions,
		Text: "into a connection that was reset each call is ECONNRESET, or EPIPE with a SIGPIPE, and the pipe keeps its bytes", Check: func(t *T) {
			s := t.tlsSender()
			reader, writer := t.pipe()
			held := t.put(writer, 1000)
			s.reset()
			for range 3 {
				s.isGone(func() Result { return splice(reader, s.write, 1000, 0) })
			}
			t.Kept(reader, held)
		}},
	{ID: "TLS-VMSPLICE", Since: "6.1", Source: tlsPage + ": Sending TLS application data; vmsplice(2)", Places: tlsVersions,
		Text: "memory that was vmspliced and sent may be used again at once: it was encrypted elsewhere, is what it was, and what is written to it later is not sent", Check: func(t *T) {
			s, memory := t.tlsSender(), t.Pages(8)
			was := slices.Clone(memory)
			reader, writer := t.pipe()
			t.Counts(vmsplice(writer, 0, segmentOf(memory)), int64(len(memory)))
			t.Counts(splice(reader, s.write, len(memory), 0), int64(len(memory)))
			t.Same("the memory", memory, was)
			clear(memory)
			t.Same("what arrives", tlsJoined(s.until(len(was))), was)
			s.noMore()
		}},
	{ID: "TLS-SPLICE-FROM-TCP", Since: "6.1", Source: tlsPage + ": Sending TLS application data; splice(2)", Places: tlsVersions,
		Text: "what is spliced from one connection through a pipe into an encrypted one is encrypted there: the bytes of the first, in order and once", Check: func(t *T) {
			s := t.tlsSender()
			from, far := t.loopback(unix.SOCK_STREAM)
			reader, writer := t.pipe()
			data := t.put(far, 30_000)
			t.AwaitQueued(from, 30_000)
			for moved := int64(0); moved < 30_000; {
				n := t.Within(splice(from, writer, 30_000, 0), 1, 30_000-moved)
				t.Counts(splice(reader, s.write, int(n), unix.SPLICE_F_MORE), n)
				moved += n
			}
			t.Same("what arrives", tlsJoined(s.rest()), data)
		}},
}
