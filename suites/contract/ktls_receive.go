package contract

import (
	"slices"

	"golang.org/x/sys/unix"
)

// tlsReceive are clauses on what recv(2) and its like give of a connection that the kernel decrypts.
var tlsReceive = []Clause{
	{ID: "TLS-RECV", Since: "5.1", Source: tlsPage + ": Receiving TLS application data", Places: tlsVersions,
		Text: "what is read is one stream, whatever its records: by large pieces and by small ones, in order and once", Check: func(t *T) {
			for piece, size := range map[int]int{7: 700, 1000: 30_000, 40_000: 30_000} {
				t.Step("%d bytes at a time", piece)
				r := t.tlsReceiver()
				data := coded(size)
				for at, size := 0, 1; at < len(data); at, size = at+size, size*3 {
					size = min(size, tlsRecordBytes, len(data)-at)
					r.data(data[at : at+size])
				}
				var got []byte
				for len(got) < len(data) {
					more, result := r.recv(min(piece, len(data)-len(got)))
					t.Within(result, 1, int64(piece))
					got = append(got, more...)
				}
				t.Same("what is read", got, data)
				r.nothingMore()
			}
		}},
	{ID: "TLS-RECV-WHOLE", Since: "5.1", Source: tlsPage + ": A full TLS record must be received before decryption can happen", Places: tlsVersions,
		Text: "of a record that has not come whole nothing is read or spliced: EAGAIN, until the last byte of it is there", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			data := coded(5000)
			record := r.secret.seal(tlsData, data, 0)
			there := 0
			for _, cut := range []int{1, tlsHeaderBytes, 3000, len(record) - 1} {
				t.Step("%d bytes of %d are there", cut, len(record))
				r.put(record[there:cut])
				there = cut
				r.arrived()
				t.Fails(r.tries(5000), unix.EAGAIN)
				t.Fails(splice(r.read, writer, 5000, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
			}
			t.Step("all of it is there")
			r.put(record[there:])
			t.Same("what is read", r.collects(5000), data)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			r.nothingMore()
		}},
	// 6.1 tells of bytes as soon as there are any, be they a record or not.
	{ID: "TLS-RECV-POLL", Since: "6.12", Source: tlsPage + ": A full TLS record must be received before decryption can happen; poll(2)", Places: tlsVersions,
		Text: "poll(2) tells of bytes to read from when a record is there as a whole until it is read to its end", Check: func(t *T) {
			r := t.tlsReceiver()
			data := coded(5000)
			record := r.secret.seal(tlsData, data, 0)
			r.put(record[:3000])
			r.arrived()
			t.Step("a part of the record is there")
			Equal(t, "POLLIN", t.polled(r.read, unix.POLLIN)&unix.POLLIN, 0)
			t.Step("all of it is there")
			r.put(record[3000:])
			t.Holds(t.ready(r.read, unix.POLLIN), "POLLIN", "no such event")
			t.Step("a part of it is read")
			t.Same("what is read", r.collects(100), data[:100])
			Equal(t, "POLLIN", t.polled(r.read, unix.POLLIN)&unix.POLLIN, unix.POLLIN)
			t.Step("all of it is read")
			r.collects(4900)
			Equal(t, "POLLIN", t.polled(r.read, unix.POLLIN)&unix.POLLIN, 0)
		}},
	{ID: "TLS-RECV-PEEK", Since: "6.1", Source: tlsPage + ": Receiving TLS application data; recv(2): MSG_PEEK", Places: tlsVersions,
		Text: "MSG_PEEK gives bytes that stay, and that are read and spliced afterwards, once", Check: func(t *T) {
			r := t.tlsReceiver()
			data := coded(9000)
			for at := 0; at < 9000; at += 3000 {
				r.data(data[at : at+3000])
			}
			r.arrived()
			peeked := make([]byte, 9000)
			for range 2 {
				n := t.Within(t.StartUndisturbed("recvfrom", func() Result { return tlsRecv(r.read, peeked, unix.MSG_PEEK) }).Result(), 1, 9000)
				t.Same("what is peeked at", peeked[:n], data[:n])
			}
			t.Same("what is read", r.collects(1000), data[:1000])
			reader, writer := t.pipe()
			for moved := int64(0); moved < 8000; {
				moved += t.Within(r.spliced(writer, 9000, 0), 1, 8000-moved)
			}
			t.Kept(reader, data[1000:])
			r.nothingMore()
		}},
	{ID: "TLS-RECV-TYPE", Since: "5.1", Source: tlsPage + ": Receiving TLS control messages", Places: tlsVersions,
		Text: "recvmsg(2) says of what type a record is, and never gives bytes of two types at once", Check: func(t *T) {
			r := t.tlsReceiver()
			sent := []tlsRecord{{tlsData, coded(1000)}, {tlsHandshake, []byte("a handshake")}, {tlsData, coded(500)}, {tlsAlert, []byte{1, 90}}, {tlsData, []byte("more")}}
			for _, record := range sent {
				r.put(r.secret.seal(record.kind, record.data, 0))
			}
			r.arrived()
			for _, owed := range sent {
				kind, data, result := r.typed(10_000)
				t.Counts(result, int64(len(owed.data)))
				Equal(t, "the record's type", kind, owed.kind)
				t.Same("the record", data, owed.data)
			}
			r.nothingMore()
		}},
	{ID: "TLS-RECV-PAIR", Since: "5.1", Source: tlsPage + ": Sending TLS application data; Receiving TLS application data", Places: []string{"ktls", "ktls-user"},
		Text: "what sendfile(2), splice(2) and write(2) send one after the other arrives as one decrypted stream, in order and once", Check: func(t *T) {
			open, sink := t.Pair(t.Place())
			file := t.File(100_000)
			reader, writer := t.pipe()
			var got, owed []byte
			for _, size := range []int64{1, 1000, 4096, 16_384, 16_385, 30_000} {
				t.Step("%d bytes by each", size)
				offset := size
				t.Counts(t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.Descriptor(), &offset, size) }).Result(), size)
				offset = 2*size + 1
				t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, int(size), 0), size)
				t.Counts(splice(reader, sink, int(size), unix.SPLICE_F_MORE), size)
				data := coded(int(size))
				t.Counts(write(sink, data), size)
				owed = slices.Concat(owed, t.BytesOf(file, size, size), t.BytesOf(file, 2*size+1, size), data)
				got = append(got, t.Receive(open, int64(len(owed)-len(got)))...)
				t.Same("what arrives", got, owed)
			}
			t.Same("what arrives in the end", t.Rest(open), nil)
		}},
	{ID: "TLS-RECV-END", Since: "6.1", Source: tlsPage + ": A full TLS record must be received before decryption can happen; recv(2) RETURN VALUE", Places: tlsVersions,
		Text: "a connection that ends amid a record gives what came in whole ones, then 0, and nothing of the rest", Check: func(t *T) {
			r := t.tlsReceiver()
			data := coded(3000)
			r.data(data)
			record := r.secret.seal(tlsData, coded(5000), 0)
			r.put(record[:4000])
			t.Must(unix.Shutdown(r.write, unix.SHUT_WR))
			t.Same("what is read", r.collects(3000), data)
			for range 2 {
				_, result := r.recv(5000)
				t.Counts(result, 0)
			}
			_, writer := t.pipe()
			t.Counts(r.spliced(writer, 5000, 0), 0)
		}},
}
