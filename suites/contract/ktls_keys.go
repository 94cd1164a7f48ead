package contract

import (
	"golang.org/x/sys/unix"
)

// tlsKeyUpdate is the type of the handshake message that announces a new key (RFC 8446, 4.6.3), with its length and
// its one byte.
var tlsKeyUpdate = []byte{24, 0, 0, 1, 0}

// tlsKeys are clauses on a second key for a direction. It came with 6.14; before that it was EBUSY for all versions.
var tlsKeys = []Clause{
	{ID: "TLS-KEY-TWICE", Since: "6.1", Source: tlsPage + ": TLS 1.3 Key Updates",
		Text: "in TLS 1.2 a direction has one key: a second is EBUSY, and the first goes on", Check: func(t *T) {
			s := t.tlsSender(newTLSSecret(tlsVersion12, tlsAES128))
			t.Fails(setTLS(s.write, tlsTX, newTLSSecret(tlsVersion12, tlsAES128).info()), unix.EBUSY)
			t.Counts(write(s.write, []byte("the first key")), 13)
			t.Same("what arrives", tlsJoined(s.until(13)), []byte("the first key"))
			r := t.tlsReceiver(newTLSSecret(tlsVersion12, tlsAES128))
			t.Fails(setTLS(r.read, tlsRX, newTLSSecret(tlsVersion12, tlsAES128).info()), unix.EBUSY)
			r.data([]byte("the first key"))
			t.Same("what is read", r.collects(13), []byte("the first key"))
		}},
	{ID: "TLS-KEY-UPDATE-SEND", Since: "6.14", Source: tlsPage + ": TLS 1.3 Key Updates",
		Text: "in TLS 1.3 what is sent from a new key on is encrypted with it and numbered by it; what was sent before, and what waited for more, is of the old one", Check: func(t *T) {
			s, file := t.tlsSender(newTLSSecret(tlsVersion13, tlsAES128)), t.File(30_000)
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 10_000), 10_000)
			t.Counts(tlsSendRecord(s.write, tlsHandshake, tlsKeyUpdate, 0), int64(len(tlsKeyUpdate)))
			next := newTLSSecret(tlsVersion13, tlsAES128)
			next.number = 0
			t.Counts(setTLS(s.write, tlsTX, next.info()), 0)
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 20_000), 20_000)
			t.Arrived(tlsJoined(s.until(10_000)), file, 0, 10_000)
			Equal(t, "the record's type", s.next().kind, tlsHandshake)
			s.secret = next
			t.Arrived(tlsJoined(s.until(20_000)), file, 10_000, 20_000)
			s.noMore()
		}},
	{ID: "TLS-KEY-UPDATE-RECEIVE", Since: "6.14", Source: tlsPage + ": TLS 1.3 Key Updates: decryption will be paused",
		Text: "behind the announcement of a new key nothing is read or spliced until the key is there: EKEYEXPIRED; then what follows is decrypted with it", Check: func(t *T) {
			r := t.tlsReceiver(newTLSSecret(tlsVersion13, tlsAES128))
			reader, writer := t.pipe()
			next := newTLSSecret(tlsVersion13, tlsAES128)
			next.number = 0
			key := next.info()
			before, behind := coded(100), coded(5000)
			r.data(before)
			r.put(r.secret.seal(tlsHandshake, tlsKeyUpdate, 0))
			r.put(next.seal(tlsData, behind, 0))
			r.arrived()
			t.Same("what is read before it", r.collects(100), before)
			kind, data, result := r.typed(100)
			t.Counts(result, int64(len(tlsKeyUpdate)))
			Equal(t, "the record's type", kind, tlsHandshake)
			t.Same("the announcement", data, tlsKeyUpdate)
			t.Step("before the new key is there")
			Equal(t, "POLLIN", t.polled(r.read, unix.POLLIN)&unix.POLLIN, 0)
			t.Fails(r.tries(5000), unix.EKEYEXPIRED)
			t.Fails(r.spliced(writer, 5000, unix.SPLICE_F_NONBLOCK), unix.EKEYEXPIRED)
			t.Step("when it is")
			t.Counts(setTLS(r.read, tlsRX, key), 0)
			t.Same("what is read", r.collects(1000), behind[:1000])
			t.Counts(r.spliced(writer, 5000, 0), 4000)
			t.Kept(reader, behind[1000:])
		}},
	{ID: "TLS-KEY-UPDATE-ALIKE", Since: "6.14", Source: tlsPage + ": TLS version and cipher cannot be changed",
		Text: "a new key of another version or cipher is EINVAL, and the old key goes on", Check: func(t *T) {
			s := t.tlsSender(newTLSSecret(tlsVersion13, tlsAES128))
			t.Fails(setTLS(s.write, tlsTX, newTLSSecret(tlsVersion12, tlsAES128).info()), unix.EINVAL)
			t.Fails(setTLS(s.write, tlsTX, newTLSSecret(tlsVersion13, tlsAES256).info()), unix.EINVAL)
			t.Counts(write(s.write, []byte("the old key")), 11)
			t.Same("what arrives", tlsJoined(s.until(11)), []byte("the old key"))
			s.noMore()
		}},
}
