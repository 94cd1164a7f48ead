package contract

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// tlsNoPad is TLS_RX_EXPECT_NO_PAD of linux/tls.h.
const tlsNoPad = 4

// tlsRefusals are clauses on what is not to be had of a connection that the kernel encrypts.
var tlsRefusals = []Clause{
	{ID: "TLS-NOT-LENT", Since: "6.1", Source: tlsPage + "; Documentation/networking/msg_zerocopy.rst: Socket Setup", Places: tlsVersions,
		Text: "memory cannot be lent to it: MSG_ZEROCOPY is EOPNOTSUPP, with SO_ZEROCOPY and without, and nothing is sent or notified", Check: func(t *T) {
			s := t.tlsSender()
			for _, asked := range []int{0, 1} {
				t.Step("SO_ZEROCOPY %d", asked)
				t.Must(unix.SetsockoptInt(s.write, unix.SOL_SOCKET, unix.SO_ZEROCOPY, asked))
				t.Fails(t.lend(s.write, coded(5000)), unix.EOPNOTSUPP)
				t.Fails(notification(s.write).result, unix.EAGAIN)
			}
			s.noMore()
		}},
	{ID: "TLS-NOT-URGENT", Since: "6.1", Source: tlsPage + "; send(2) ERRORS: EOPNOTSUPP", Places: tlsVersions,
		Text: "there are no urgent bytes beside the records: MSG_OOB is EOPNOTSUPP, and nothing is sent", Check: func(t *T) {
			s := t.tlsSender()
			t.Fails(tlsSend(s.write, []byte("urgent"), unix.MSG_OOB), unix.EOPNOTSUPP)
			s.noMore()
		}},
	{ID: "TLS-CONTROL-MORE", Since: "6.1", Source: tlsPage + ": Send TLS control messages", Places: tlsVersions,
		Text: "a record of another type cannot wait for more: MSG_MORE is EINVAL, and nothing of it is sent", Check: func(t *T) {
			s := t.tlsSender()
			t.Fails(tlsSendRecord(s.write, tlsHandshake, []byte("a handshake"), unix.MSG_MORE), unix.EINVAL)
			t.Counts(write(s.write, []byte("data")), 4)
			t.Same("what arrives", tlsJoined(s.until(4)), []byte("data"))
			s.noMore()
		}},
	{ID: "TLS-SEND-FAULT", Since: "6.1", Source: "send(2) ERRORS: EFAULT", Places: tlsVersions,
		Text: "memory that cannot be read is EFAULT, and what is sent afterwards is one whole stream", Check: func(t *T) {
			s := t.tlsSender()
			bad := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(t.unreadable()))), 100)
			t.Fails(write(s.write, bad), unix.EFAULT)
			data := coded(3000)
			t.Counts(write(s.write, data), 3000)
			t.Same("what arrives", tlsJoined(s.rest()), data)
		}},
	{ID: "TLS-UNKNOWN-OPTION", Since: "6.1", Source: "setsockopt(2) ERRORS: ENOPROTOOPT", Places: tlsVersions,
		Text: "an option that TLS does not have is ENOPROTOOPT", Check: func(t *T) {
			s := t.tlsSender()
			t.Fails(setTLS(s.write, 0, tlsWord(1)), unix.ENOPROTOOPT)
			t.Fails(setTLS(s.write, 200, tlsWord(1)), unix.ENOPROTOOPT)
			_, r := getTLS(s.write, 200, 4)
			t.Fails(r, unix.ENOPROTOOPT)
		}},
}

// unreadable is a page that can be neither read nor written.
func (t *T) unreadable() []byte {
	page, err := unix.Mmap(-1, 0, pageBytes, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	t.Must(err)
	t.Cleanup(func() { unix.Munmap(page) })
	return page
}

// tlsOptions are clauses on what else can be set of a connection.
var tlsOptions = []Clause{
	// With 6.18.15, where none is expected, a padded record comes twice, with its type in between: once from the attempt to
	// decrypt it into the reader's buffer, and once from there on. Not so with 6.1.192, 6.12.117 and 7.3.
	{ID: "TLS-NO-PAD", Since: "6.1", Source: tlsPage + ": TLS_RX_EXPECT_NO_PAD",
		Text: "records of TLS 1.3 that are padded are read without their padding, be none expected (TLS_RX_EXPECT_NO_PAD) or not", Check: func(t *T) {
			for _, expected := range []uint32{0, 1} {
				t.Step("TLS_RX_EXPECT_NO_PAD %d", expected)
				r := t.tlsReceiver(newTLSSecret(tlsVersion13, tlsAES128))
				t.Counts(setTLS(r.read, tlsNoPad, tlsWord(expected)), 0)
				value, got := getTLS(r.read, tlsNoPad, 4)
				t.Counts(got, 0)
				t.Same("the value", value, tlsWord(expected))
				data := coded(9000)
				r.put(r.secret.seal(tlsData, data[:3000], 0))
				r.put(r.secret.seal(tlsData, data[3000:6000], 1))
				r.put(r.secret.seal(tlsData, data[6000:], 5000))
				r.arrived()
				t.Same("what is read", r.collects(9000), data)
				r.nothingMore()
			}
		}},
	{ID: "TLS-NO-PAD-SPLICED", Since: "6.1", Source: tlsPage + ": TLS_RX_EXPECT_NO_PAD",
		Text: "records of TLS 1.3 that are padded are spliced without their padding, be none expected (TLS_RX_EXPECT_NO_PAD) or not", Check: func(t *T) {
			for _, expected := range []uint32{0, 1} {
				t.Step("TLS_RX_EXPECT_NO_PAD %d", expected)
				r := t.tlsReceiver(newTLSSecret(tlsVersion13, tlsAES128))
				t.Done(setTLS(r.read, tlsNoPad, tlsWord(expected)))
				data := coded(6000)
				r.put(r.secret.seal(tlsData, data[:3000], 300))
				r.put(r.secret.seal(tlsData, data[3000:], 0))
				reader, writer := t.pipe()
				for moved := int64(0); moved < 6000; {
					moved += t.Within(r.spliced(writer, 10_000, 0), 1, 6000-moved)
				}
				t.Kept(reader, data)
				r.nothingMore()
			}
		}},
	{ID: "TLS-NO-PAD-BOUNDS", Since: "6.1", Source: tlsPage + ": TLS_RX_EXPECT_NO_PAD",
		Text: "TLS_RX_EXPECT_NO_PAD is of TLS 1.3 and of what is read: of TLS 1.2, before the key, and for other values than 0 and 1, it is EINVAL", Check: func(t *T) {
			t.Step("of TLS 1.2")
			r := t.tlsReceiver(newTLSSecret(tlsVersion12, tlsAES128))
			t.Fails(setTLS(r.read, tlsNoPad, tlsWord(1)), unix.EINVAL)
			t.Step("of a direction without a key")
			s := t.tlsSender(newTLSSecret(tlsVersion13, tlsAES128))
			t.Fails(setTLS(s.write, tlsNoPad, tlsWord(1)), unix.EINVAL)
			t.Step("another value")
			r = t.tlsReceiver(newTLSSecret(tlsVersion13, tlsAES128))
			t.Fails(setTLS(r.read, tlsNoPad, tlsWord(2)), unix.EINVAL)
			t.Fails(setTLS(r.read, tlsNoPad, tlsWord(1)[:3]), unix.EINVAL)
		}},
}
