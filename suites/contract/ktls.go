package contract

import (
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/suites/spec"
)

// tlsPage is the kernel's own document: there is no man page.
const tlsPage = "Documentation/networking/tls.rst"

// tlsClauses are what kernel TLS owes: as a sink of calls that do not copy, and as the source that decrypts. Each
// direction is judged by itself: what the kernel encrypts is decrypted by crypto/cipher, and what it is to decrypt
// was encrypted there, so that no mistake that both halves of the kernel make can hide.
var tlsClauses = Interface{
	Page: "tls", Kinds: []string{spec.TLS},
	Clauses: slices.Concat(tlsSetup, tlsOptions, tlsSendfile, tlsSplice, tlsSource, tlsRecords, tlsRefusals, tlsReceive, tlsReceiveSplice, tlsControl, tlsBroken, tlsKeys),
}

// tlsVersions are the places of what every version of the protocol owes that the kernel has.
var tlsVersions = []string{"tls-1.2", "tls-1.3"}

// What linux/tls.h and RFC 8446 say.
const (
	tlsTX = 1 // the direction that is written, and the control message that sets a record's type
	tlsRX = 2 // the direction that is read, and the control message that says a record's type

	tlsAlert     = 21
	tlsHandshake = 22
	tlsData      = 23

	tlsRecordBytes = 16 << 10 // the most that a record carries
)

// tlsGoodbye is the alert that ends a direction of a connection: a warning, of code 0 (RFC 8446, 6.1).
var tlsGoodbye = []byte{1, 0}

// tlsIsThere ends the check where the kernel has no TLS, or does as if it had and sends plaintext.
func (t *T) tlsIsThere() {
	open, _ := t.Pair("ktls")
	t.Must(open.Close())
}

// setTLS gives a direction of a connection its key, or whatever these bytes are.
func setTLS(fd, direction int, info []byte) Result {
	return made("setsockopt SOL_TLS", 0, unix.SetsockoptString(fd, unix.SOL_TLS, direction, string(info)))
}

// setULP has a socket's bytes go through another protocol.
func setULP(fd int, name string) Result {
	return made("setsockopt TCP_ULP", 0, unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_ULP, name))
}

// getTLS reads an option of the connection: that many bytes of it.
func getTLS(fd, option, length int) ([]byte, Result) {
	value, size := make([]byte, length), uint32(length)
	n, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_TLS, uintptr(option), uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(unsafe.Pointer(&size)), 0)
	return value, answered("getsockopt SOL_TLS", n, errno)
}

// tlsSend is send(2), without a signal.
func tlsSend(fd int, data []byte, flags int) Result {
	return undisturbed(func() Result {
		n, err := unix.SendmsgN(fd, data, nil, nil, flags|unix.MSG_NOSIGNAL)
		return made("sendmsg", n, err)
	})
}

// tlsSendRecord sends a record of another type than data: see tls.rst, Send TLS control messages.
func tlsSendRecord(fd int, kind byte, data []byte, flags int) Result {
	control := make([]byte, unix.CmsgSpace(1))
	header := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	header.Level, header.Type = unix.SOL_TLS, tlsTX
	header.SetLen(unix.CmsgLen(1))
	control[unix.CmsgLen(0)] = kind
	return undisturbed(func() Result {
		n, err := unix.SendmsgN(fd, data, control, nil, flags|unix.MSG_NOSIGNAL)
		return made("sendmsg", n, err)
	})
}

// tlsRecordsOf are so many bytes cut into the largest records.
func tlsRecordsOf(bytes int) (sizes []int) {
	for ; bytes > tlsRecordBytes; bytes -= tlsRecordBytes {
		sizes = append(sizes, tlsRecordBytes)
	}
	return append(sizes, bytes)
}

// tlsKeepsSource ends the check if a file that was sent reads other than before, in any way.
func (t *T) tlsKeepsSource(file tlsFile) {
	for _, way := range file.Ways() {
		wrong, err := way.Read()
		t.Must(err)
		t.Holds(wrong == nil, "the source as it was", fmt.Sprintf("read %s, %v", way.Name, wrong))
	}
}

// nothingLeft holds a writer to have sent nothing: TCP has no byte of it, and the peer has none either.
func (s *tlsSender) nothingLeft() {
	Equal(s.t, "bytes on their way", s.t.unacknowledged(s.write), 0)
	Equal(s.t, "bytes that have arrived", s.t.Queued(s.read), 0)
}
