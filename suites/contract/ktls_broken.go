package contract

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// tlsControl are clauses on records of another type than data, for who did not ask for types.
var tlsControl = []Clause{
	{ID: "TLS-CONTROL-RECV", Since: "6.1", Source: tlsPage + ": Receiving TLS control messages: an error is returned", Places: tlsVersions,
		Text: "without room for its type a record that is not of data is EIO, and stays for who asks for the type; what comes behind it follows", Check: func(t *T) {
			r := t.tlsReceiver()
			before, behind := coded(100), coded(200)
			r.data(before)
			r.put(r.secret.seal(tlsAlert, tlsGoodbye, 0))
			r.data(behind)
			r.arrived()
			t.Same("what is read before it", r.collects(100), before)
			for range 2 {
				_, result := r.recv(100)
				t.Fails(result, unix.EIO)
			}
			kind, data, result := r.typed(100)
			t.Counts(result, int64(len(tlsGoodbye)))
			Equal(t, "the record's type", kind, tlsAlert)
			t.Same("the record", data, tlsGoodbye)
			t.Same("what is read behind it", r.collects(200), behind)
			r.nothingMore()
		}},
	{ID: "TLS-CONTROL-SPLICE", Since: "6.1", Source: tlsPage + ": Receiving TLS control messages: an error is returned; splice(2) ERRORS: EINVAL", Places: tlsVersions,
		Text: "a record that is not of data cannot be spliced: EINVAL, nothing of it comes into the pipe, and it stays for who asks for the type", Check: func(t *T) {
			r := t.tlsReceiver()
			reader, writer := t.pipe()
			before, behind := coded(100), coded(200)
			r.data(before)
			r.put(r.secret.seal(tlsHandshake, []byte("a handshake"), 0))
			r.data(behind)
			r.arrived()
			t.Counts(r.spliced(writer, 1000, 0), 100)
			for range 2 {
				t.Fails(r.spliced(writer, 1000, 0), unix.EINVAL)
			}
			t.Kept(reader, before)
			kind, data, result := r.typed(100)
			t.Counts(result, 11)
			Equal(t, "the record's type", kind, tlsHandshake)
			t.Same("the record", data, []byte("a handshake"))
			t.Counts(r.spliced(writer, 1000, 0), 200)
			t.Kept(reader, behind)
			r.nothingMore()
		}},
}

// tlsForgeries are ways to spoil a record of TLS, given as it should be.
var tlsForgeries = []struct {
	name  string
	spoil func(r *tlsReceiver, record []byte) []byte
}{
	{"a bit of its data is another", func(_ *tlsReceiver, record []byte) []byte { return tlsFlipped(record, 100) }},
	{"a bit of its tag is another", func(_ *tlsReceiver, record []byte) []byte { return tlsFlipped(record, len(record)-1) }},
	{"it was encrypted with another key", func(r *tlsReceiver, record []byte) []byte {
		other := newTLSSecret(r.secret.version, r.secret.cipher)
		other.number = r.secret.number - 1
		return other.seal(tlsData, coded(1000), 0)
	}},
	{"it has come before", func(r *tlsReceiver, record []byte) []byte {
		again := *r.secret
		again.number -= 2
		return again.seal(tlsData, coded(1000), 0)
	}},
	{"it has overtaken another", func(r *tlsReceiver, record []byte) []byte { return r.secret.seal(tlsData, coded(1000), 0) }},
}

func tlsFlipped(record []byte, at int) []byte {
	other := bytes.Clone(record)
	other[at] ^= 1
	return other
}

// tlsBroken are clauses on what was tampered with on its way. A connection does not survive it.
var tlsBroken = []Clause{
	{ID: "TLS-TAMPERED", Since: "5.1", Source: tlsPage + ": Receiving TLS application data: EBADMSG", Places: tlsVersions,
		Text: "a record that does not decrypt is EBADMSG: what came before it is read, and nothing of it or behind it", Check: func(t *T) {
			for _, forgery := range tlsForgeries {
				t.Step("%s", forgery.name)
				r := t.tlsReceiver()
				before := r.forged(forgery.spoil)
				t.Same("what is read before it", r.collects(100), before)
				for range 2 {
					_, result := r.recv(5000)
					t.Fails(result, unix.EBADMSG)
				}
			}
		}},
	{ID: "TLS-TAMPERED-SPLICE", Since: "6.1", Source: tlsPage + ": Receiving TLS application data: EBADMSG; splice(2)", Places: tlsVersions,
		Text: "a record that does not decrypt cannot be spliced: EBADMSG, and nothing of it or behind it comes into the pipe", Check: func(t *T) {
			for _, forgery := range tlsForgeries {
				t.Step("%s", forgery.name)
				r := t.tlsReceiver()
				reader, writer := t.pipe()
				before := r.forged(forgery.spoil)
				t.Counts(r.spliced(writer, 5000, 0), 100)
				for range 2 {
					t.Fails(r.spliced(writer, 5000, 0), unix.EBADMSG)
				}
				t.Kept(reader, before)
			}
		}},
	{ID: "TLS-WRONG-VERSION", Since: "6.1", Source: tlsPage + ": Receiving TLS application data: EINVAL", Places: tlsVersions,
		Text: "a record that says to be of another version is EINVAL, and nothing of it is read", Check: func(t *T) {
			r := t.tlsReceiver()
			r.misses(func() []byte {
				record := r.secret.seal(tlsData, coded(1000), 0)
				record[2] = 9
				return record
			}, unix.EINVAL)
		}},
	{ID: "TLS-TOO-LONG", Since: "6.1", Source: tlsPage + ": Receiving TLS application data: EMSGSIZE", Places: tlsVersions,
		Text: "a record that says to be longer than records may be is EMSGSIZE, and its end is not waited for", Check: func(t *T) {
			r := t.tlsReceiver()
			r.misses(func() []byte { return tlsHeader(tlsData, tlsRecordBytes+1+8+tlsTagBytes+1000) }, unix.EMSGSIZE)
		}},
	{ID: "TLS-TOO-SHORT", Since: "6.1", Source: tlsPage + ": Receiving TLS application data: EBADMSG for any other reason", Places: tlsVersions,
		Text: "a record that is too short to have a tag is EBADMSG, and what follows is not read", Check: func(t *T) {
			r := t.tlsReceiver()
			r.misses(func() []byte { return append(tlsHeader(tlsData, 3), 1, 2, 3) }, unix.EBADMSG)
		}},
}

// forged puts a good record, a spoilt one and a good one onto the wire, and returns what the first carries.
func (r *tlsReceiver) forged(spoil func(*tlsReceiver, []byte) []byte) (before []byte) {
	before = coded(100)
	r.data(before)
	r.put(spoil(r, r.secret.seal(tlsData, coded(1000), 0)))
	r.put(r.secret.seal(tlsData, coded(1000), 0))
	r.arrived()
	return before
}

// misses holds a record, with a good one before it and one behind it, to be refused.
func (r *tlsReceiver) misses(record func() []byte, errno unix.Errno) {
	before := coded(100)
	r.data(before)
	r.t.Same("what is read before it", r.collects(100), before)
	r.put(record())
	r.put(r.secret.seal(tlsData, coded(1000), 0))
	_, result := r.recv(5000)
	r.t.Fails(result, errno)
}
