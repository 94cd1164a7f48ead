package contract

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tlsSetup are clauses on how a connection comes to be encrypted, and on what does not make it so.
var tlsSetup = []Clause{
	{ID: "TLS-ULP-FIRST", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: tlsVersions,
		Text: "a socket has no TLS options before it has the ULP: a key for either direction is ENOPROTOOPT, and the bytes go as they are", Check: func(t *T) {
			t.tlsIsThere()
			one, other := t.loopback(unix.SOCK_STREAM)
			for _, direction := range []int{tlsTX, tlsRX} {
				t.Step("direction %d", direction)
				t.Fails(setTLS(one, direction, tlsSecretOf(t.Place()).info()), unix.ENOPROTOOPT)
			}
			t.tlsInPlaintext(one, other)
		}},
	{ID: "TLS-ULP-CONNECTED", Since: "6.1", Source: tlsPage + ": Creating a TLS connection",
		Text: "a socket that is not connected cannot have the ULP: ENOTCONN", Check: func(t *T) {
			t.tlsIsThere()
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			t.Must(os.NewSyscallError("socket", err))
			t.Closes(fd)
			t.Fails(setULP(fd, "tls"), unix.ENOTCONN)
		}},
	{ID: "TLS-ULP-UNKNOWN", Since: "6.1", Source: "linux/tcp.h: TCP_ULP",
		Text: "an ULP that nobody has is ENOENT, and one more on top of TLS is EEXIST", Check: func(t *T) {
			t.tlsIsThere()
			one, other := t.loopback(unix.SOCK_STREAM)
			t.Fails(setULP(one, "no-such-ulp"), unix.ENOENT)
			t.Counts(setULP(one, "tls"), 0)
			t.Fails(setULP(one, "tls"), unix.EEXIST)
			t.tlsInPlaintext(one, other)
		}},
	{ID: "TLS-ULP-ALONE", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: tlsVersions,
		Text: "each direction is encrypted from its key on, and no earlier: the ULP alone, or the other direction's key, changes nothing of it", Check: func(t *T) {
			t.tlsIsThere()
			one, other := t.loopback(unix.SOCK_STREAM)
			t.Done(setULP(one, "tls"))
			t.Step("with the ULP alone")
			t.tlsInPlaintext(one, other)
			t.tlsInPlaintext(other, one)
			t.Step("with a key for what is written, in the other direction")
			secret := tlsSecretOf(t.Place())
			t.Counts(setTLS(one, tlsTX, secret.info()), 0)
			t.tlsInPlaintext(other, one)
			t.Step("with a key for what is written")
			data := coded(5000)
			t.Counts(write(one, data), 5000)
			s := &tlsSender{t: t, write: one, read: other, secret: secret}
			t.Same("what arrives", tlsJoined(s.until(5000)), data)
			s.noMore()
		}},
	{ID: "TLS-VERSION", Since: "6.1", Source: tlsPage + ": Creating a TLS connection",
		Text: "a version that the kernel does not have is EINVAL, and leaves the direction without a key", Check: func(t *T) {
			for _, version := range []uint16{0, 0x0302, 0x0305, 0xfefd} {
				t.Step("version %#04x", version)
				t.tlsRefusesKey(unix.EINVAL, newTLSSecret(version, tlsAES128).info())
			}
		}},
	{ID: "TLS-CIPHER", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: tlsVersions,
		Text: "a cipher that the kernel does not have is EINVAL, and leaves the direction without a key", Check: func(t *T) {
			for _, number := range []uint16{0, 50, 0xffff} {
				t.Step("cipher %d", number)
				t.tlsRefusesKey(unix.EINVAL, newTLSSecret(tlsSecretOf(t.Place()).version, number).info())
			}
		}},
	{ID: "TLS-KEY-LENGTH", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: tlsVersions,
		Text: "a key of another length than its cipher's is EINVAL, and leaves the direction without a key", Check: func(t *T) {
			whole := tlsSecretOf(t.Place()).info()
			for _, length := range []int{0, 3, 4, len(whole) - 1} {
				t.Step("%d bytes of %d", length, len(whole))
				t.tlsRefusesKey(unix.EINVAL, whole[:length])
			}
			t.Step("a byte too many")
			t.tlsRefusesKey(unix.EINVAL, append(bytes.Clone(whole), 0))
		}},
	{ID: "TLS-KEY-FAULT", Since: "6.1", Source: "setsockopt(2) ERRORS: EFAULT", Places: tlsVersions,
		Text: "a key that cannot be read is EFAULT, and leaves the direction without a key", Check: func(t *T) {
			t.tlsIsThere()
			one, other := t.loopback(unix.SOCK_STREAM)
			t.Done(setULP(one, "tls"))
			length := len(tlsSecretOf(t.Place()).info())
			for _, direction := range []int{tlsTX, tlsRX} {
				t.Fails(setTLSFrom(one, direction, t.Memory(unix.PROT_NONE), length), unix.EFAULT)
				t.Fails(setTLSFrom(one, direction, 8, length), unix.EFAULT)
			}
			t.tlsInPlaintext(one, other)
			t.tlsInPlaintext(other, one)
		}},
	{ID: "TLS-ALIKE", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: tlsVersions,
		Text: "both directions have one version and one cipher: a key of another is EINVAL", Check: func(t *T) {
			s := t.tlsSender()
			own := s.secret
			t.Step("another version")
			t.Fails(setTLS(s.write, tlsRX, newTLSSecret(tlsVersion12+tlsVersion13-own.version, own.cipher).info()), unix.EINVAL)
			t.Step("another cipher")
			t.Fails(setTLS(s.write, tlsRX, newTLSSecret(own.version, tlsAES256).info()), unix.EINVAL)
			t.Step("one that is alike")
			t.Counts(setTLS(s.write, tlsRX, newTLSSecret(own.version, own.cipher).info()), 0)
			t.Counts(write(s.write, []byte("encrypted")), 9)
			t.Same("what arrives", tlsJoined(s.until(9)), []byte("encrypted"))
		}},
	{ID: "TLS-CIPHERS", Since: "6.1", Source: tlsPage + ": Creating a TLS connection", Places: []string{"tls-1.2-aes-128", "tls-1.2-aes-256", "tls-1.3-aes-128", "tls-1.3-aes-256", "tls-1.3-chacha20"},
		Text: "with each cipher what one kernel encrypts another decrypts, and with AES-GCM everybody who knows the key", Check: func(t *T) {
			secret := map[string]*tlsSecret{
				"tls-1.2-aes-128": newTLSSecret(tlsVersion12, tlsAES128), "tls-1.2-aes-256": newTLSSecret(tlsVersion12, tlsAES256),
				"tls-1.3-aes-128": newTLSSecret(tlsVersion13, tlsAES128), "tls-1.3-aes-256": newTLSSecret(tlsVersion13, tlsAES256),
				"tls-1.3-chacha20": newTLSSecret(tlsVersion13, tlsChaCha),
			}[t.Place()]
			file := t.File(50_000)
			t.Step("the kernel decrypts")
			s := t.tlsSender(secret)
			t.encrypts(s.read, tlsRX, secret)
			r := &tlsReceiver{t: t, write: s.write, read: s.read}
			p := s.sends(file, nil, 50_000)
			t.Arrived(r.collects(50_000), file, 0, 50_000)
			t.Counts(p.Result(), 50_000)
			if secret.cipher == tlsChaCha {
				return
			}
			t.Step("the standard library decrypts")
			s = t.tlsSender(secret)
			offset := int64(0)
			p = s.sends(file, &offset, 50_000)
			t.Arrived(tlsJoined(s.until(50_000)), file, 0, 50_000)
			t.Counts(p.Result(), 50_000)
			s.noMore()
		}},
}

// tlsInPlaintext holds what is written at one end to arrive at the other as it is.
func (t *T) tlsInPlaintext(from, into int) {
	text := []byte("not encrypted")
	t.Counts(write(from, text), int64(len(text)))
	t.Same("what arrives", t.collect(into, len(text)), text)
}

// tlsRefusesKey holds a key to be refused in each direction, which then takes a proper one.
func (t *T) tlsRefusesKey(errno unix.Errno, info []byte) {
	for _, direction := range []int{tlsTX, tlsRX} {
		t.tlsIsThere()
		one, other := t.loopback(unix.SOCK_STREAM)
		t.Done(setULP(one, "tls"))
		t.Fails(setTLS(one, direction, info), errno)
		if direction == tlsTX {
			t.tlsInPlaintext(one, other)
		} else {
			t.tlsInPlaintext(other, one)
		}
		proper := newTLSSecret(tlsVersion13, tlsAES128)
		t.Counts(setTLS(one, direction, proper.info()), 0)
		text := []byte(fmt.Sprintf("encrypted, direction %d", direction))
		if direction == tlsTX {
			s := &tlsSender{t: t, write: one, read: other, secret: proper}
			t.Counts(write(one, text), int64(len(text)))
			t.Same("what arrives", tlsJoined(s.until(len(text))), text)
		} else {
			r := &tlsReceiver{t: t, write: other, read: one, secret: proper}
			r.data(text)
			t.Same("what arrives", r.collects(len(text)), text)
		}
	}
}
