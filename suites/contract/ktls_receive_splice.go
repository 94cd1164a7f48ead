package contract

import (
	"slices"

	"golang.org/x/sys/unix"
)

// tlsReceiveSplice are clauses on splice(2) out of a connection that the kernel decrypts.
var tlsReceiveSplice = []Clause{
	{ID: "TLS-SPLICED", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; splice(2)", Places: tlsVersions,
		Text: "splice(2) gives the decrypted stream to a pipe, and from there to a file: in order and once", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			far, into := t.Empty(unix.O_WRONLY)
			data := coded(60_000)
			for at, size := 0, 1; at < len(data); at, size = at+size, size*5 {
				size = min(size, tlsRecordBytes, len(data)-at)
				r.data(data[at : at+size])
			}
			for moved := int64(0); moved < 60_000; {
				n := t.Within(r.spliced(writer, 60_000, 0), 1, 60_000-moved)
				t.Counts(splice(reader, into, int(n), 0), n)
				moved += n
			}
			t.Contains(far, "the file", data)
			r.nothingMore()
		}},
	{ID: "TLS-SPLICED-A-PART", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; splice(2): up to len bytes", Places: tlsVersions,
		Text: "a length that is less than the record has moves the first of it, and the rest of it stays for splice(2) and for recv(2)", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			data := coded(10_000)
			r.data(data)
			t.Counts(r.spliced(writer, 1001, 0), 1001)
			t.Same("what is spliced", t.Take(reader, 10_000), data[:1001])
			t.Counts(r.spliced(writer, 5, 0), 5)
			t.Same("what is spliced", t.Take(reader, 10_000), data[1001:1006])
			t.Same("what is read", r.collects(1000), data[1006:2006])
			t.Counts(r.spliced(writer, 10_000, 0), 10_000-2006)
			t.Same("what is spliced", t.Take(reader, 10_000), data[2006:])
			r.nothingMore()
		}},
	// 6.18.15 loses the rest of the record. 6.1.192, 6.12.117 and 7.3 keep it.
	{ID: "TLS-SPLICED-SMALL-PIPE", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; splice(2)", Places: tlsVersions,
		Text: "a pipe that has no room for the whole record takes a part of it, and nothing is lost", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.PipeOf(1)
			data := coded(3 * tlsRecordBytes)
			for at := 0; at < len(data); at += tlsRecordBytes {
				r.data(data[at : at+tlsRecordBytes])
			}
			var got []byte
			for len(got) < len(data) {
				n := t.Within(r.spliced(writer, len(data), 0), 1, int64(len(data)-len(got)))
				Equal(t, "bytes in the pipe", t.Queued(reader), n)
				got = append(got, t.Take(reader, n)...)
				t.Same("what is spliced", got, data[:len(got)])
			}
			r.nothingMore()
		}},
	{ID: "TLS-SPLICED-FULL-PIPE", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; splice(2) ERRORS: EAGAIN", Places: tlsVersions,
		Text: "into a pipe that is full it is EAGAIN with SPLICE_F_NONBLOCK, and the record is still there", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer, held := t.FullPipe(1)
			data := coded(3000)
			r.data(data)
			t.Holds(t.ready(r.read, unix.POLLIN), "a record to read", "none")
			t.Fails(splice(r.read, writer, 3000, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			t.Kept(reader, held)
			t.Counts(r.spliced(writer, 3000, 0), 3000)
			t.Kept(reader, data)
			r.nothingMore()
		}},
	{ID: "TLS-SPLICED-WAITS", Since: "6.1", Source: tlsPage + ": A full TLS record must be received before decryption can happen; splice(2)", Places: tlsVersions,
		Text: "splice(2) waits until a record has come whole, and a signal ends the wait with EINTR", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			data := coded(3000)
			record := r.secret.seal(tlsData, data, 0)
			r.put(record[:1000])
			r.arrived()
			p := t.StartUndisturbed("splice", func() Result { return splice(r.read, writer, 3000, 0) })
			p.Interrupt()
			t.Fails(p.Result(), unix.EINTR)
			p = t.StartUndisturbed("splice", func() Result { return splice(r.read, writer, 3000, 0) })
			p.Waits()
			r.put(record[1000:])
			t.Counts(p.Result(), 3000)
			t.Kept(reader, data)
		}},
	{ID: "TLS-SPLICED-THROUGH", Since: "6.1", Source: tlsPage + "; splice(2)", Places: tlsVersions,
		Text: "what is spliced from a connection that is decrypted into one that is encrypted is the same stream, by another key", Check: func(t *T) {
			r, s := t.tlsReceiver(), t.tlsSender()
			reader, writer := t.pipe()
			data := coded(40_000)
			for at := 0; at < len(data); at += 10_000 {
				r.data(data[at : at+10_000])
			}
			for moved := int64(0); moved < 40_000; {
				n := t.Within(r.spliced(writer, 40_000, 0), 1, 40_000-moved)
				for left := n; left > 0; {
					left -= t.Within(splice(reader, s.write, int(left), unix.SPLICE_F_MORE), 1, left)
				}
				moved += n
			}
			t.Same("what arrives", tlsJoined(s.rest()), data)
		}},
	{ID: "TLS-SPLICED-OWN", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; splice(2)", Places: tlsVersions,
		Text: "bytes that were spliced out of a connection are the pipe's own: what comes afterwards changes none of them", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			data := coded(30_000)
			r.data(data[:10_000])
			t.Counts(r.spliced(writer, 10_000, 0), 10_000)
			r.data(data[10_000:20_000])
			t.Same("what is read meanwhile", r.collects(10_000), data[10_000:20_000])
			r.data(data[20_000:])
			t.Counts(r.spliced(writer, 10_000, 0), 10_000)
			t.Kept(reader, slices.Concat(data[:10_000], data[20_000:]))
		}},
}
