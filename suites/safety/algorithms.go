package safety

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/contract"
)

// algorithms: AF_ALG sockets take spliced pages as what they are to work on, and must not work in place.
var algorithms = contract.Interface{
	Page: "AF_ALG", Needs: []probe.Interface{probe.Splice},
	Clauses: []contract.Clause{
		{ID: "SAFETY-ALG-SKCIPHER", Since: "2.6.38", Source: "Documentation/crypto/userspace-if.rst: Zero-Copy Interface",
			Text: "encrypting spliced pages leaves the file that they are of as it was", Check: func(t *contract.T) {
				file := t.File(int64(pageBytes))
				work := algorithm(t, "skcipher", "cbc(aes)", make([]byte, 16), unix.ALG_OP_ENCRYPT, 0)
				feed(t, file, work, pageBytes)
				result(t, work, pageBytes)
				asBefore(t, file)
			}},
		{ID: "SAFETY-ALG-AEAD", Since: "4.14", Source: "Documentation/crypto/userspace-if.rst: Zero-Copy Interface; CVE-2026-31431",
			Text: "decrypting spliced pages, whose tag is wrong, leaves the file that they are of as it was", Places: []string{"gcm-aes", "authencesn"}, Check: func(t *contract.T) {
				file := t.File(int64(pageBytes))
				var work int
				const associated = 16
				if t.Place() == "gcm-aes" {
					work = algorithm(t, "aead", "gcm(aes)", make([]byte, 16), unix.ALG_OP_DECRYPT, associated)
				} else {
					work = algorithm(t, "aead", "authencesn(hmac(sha256),cbc(aes))", authenticationKey(32, 16), unix.ALG_OP_DECRYPT, associated)
				}
				feed(t, file, work, pageBytes)
				// That the tag is wrong is owed an error, which is not what is asked here.
				buffer := make([]byte, 2*pageBytes)
				_, _ = unix.Read(work, buffer)
				asBefore(t, file)
			}},
	},
}

// algorithm opens a socket that works with an algorithm of the kernel's: where there is none, it cannot be checked.
func algorithm(t *contract.T, kind, name string, key []byte, operation uint32, associated int) (work int) {
	fd, err := unix.Socket(unix.AF_ALG, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Must(kernel.Refused("AF_ALG sockets", "socket", err, "CONFIG_CRYPTO_USER_API"))
	}
	t.Closes(fd)
	if err := unix.Bind(fd, &unix.SockaddrALG{Type: kind, Name: name}); err != nil {
		t.Must(kernel.Refused("the algorithm "+name, "bind", err, "CONFIG_CRYPTO_USER_API_AEAD", "CONFIG_CRYPTO_USER_API_SKCIPHER"))
	}
	if err := unix.SetsockoptString(fd, unix.SOL_ALG, unix.ALG_SET_KEY, string(key)); err != nil {
		t.Must(os.NewSyscallError("setsockopt ALG_SET_KEY", err))
	}
	work, _, errno := accept(fd)
	if errno != 0 {
		t.Must(os.NewSyscallError("accept", errno))
	}
	t.Closes(work)
	control := message(unix.ALG_SET_OP, word(operation))
	control = append(control, message(unix.ALG_SET_IV, append(word(16), make([]byte, 16)...))...)
	if kind == "aead" {
		iv := 12
		if name != "gcm(aes)" {
			iv = 16
		}
		control = append(message(unix.ALG_SET_OP, word(operation)), message(unix.ALG_SET_IV, append(word(uint32(iv)), make([]byte, iv)...))...)
		control = append(control, message(unix.ALG_SET_AEAD_ASSOCLEN, word(uint32(associated)))...)
	}
	t.Must(os.NewSyscallError("sendmsg", unix.Sendmsg(work, nil, control, nil, unix.MSG_MORE)))
	return work
}

// accept is accept(2) without an address: AF_ALG gives none, and x/sys knows no such address.
func accept(fd int) (int, uintptr, unix.Errno) {
	made, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_CLOEXEC, 0, 0)
	return int(made), 0, errno
}

func word(value uint32) []byte { return (*[4]byte)(unsafe.Pointer(&value))[:] }

// message is one control message of the level SOL_ALG.
func message(kind int, data []byte) []byte {
	room := make([]byte, unix.CmsgSpace(len(data)))
	header := (*unix.Cmsghdr)(unsafe.Pointer(&room[0]))
	header.Level, header.Type = unix.SOL_ALG, int32(kind)
	header.SetLen(unix.CmsgLen(len(data)))
	copy(room[unix.CmsgLen(0):], data)
	return room
}

// authenticationKey is a key of authenc(…): an rtattr that says how long the encryption key at its end is.
func authenticationKey(authentication, encryption int) []byte {
	// struct rtattr of 8 bytes with type CRYPTO_AUTHENC_KEYA_PARAM, 1, and the length in the network's order.
	key := append([]byte{8, 0, 1, 0, 0, 0, 0, byte(encryption)}, make([]byte, authentication+encryption)...)
	return key
}

// feed splices a file's pages into the socket.
func feed(t *contract.T, file *source.File, work, length int) {
	reader, writer := t.Pipe(0)
	splice(t, file, writer, length)
	n, err := unix.Splice(reader, nil, work, nil, length, 0)
	t.Must(os.NewSyscallError("splice", err))
	contract.Equal(t, "splice", n, int64(length))
}

// result reads what the algorithm has made.
func result(t *contract.T, work, length int) {
	buffer := make([]byte, length)
	n, err := unix.Read(work, buffer)
	t.Must(os.NewSyscallError("read", err))
	contract.Equal(t, "read", n, length)
}
