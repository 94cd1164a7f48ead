package contract

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"slices"
)

// The versions of the protocol as its records' keys have them (linux/tls.h), and the version that every record says
// that it is of, whatever it is of (RFC 8446, 5.1).
const (
	tlsVersion12 = 0x0303
	tlsVersion13 = 0x0304
	tlsWire      = 0x0303

	tlsHeaderBytes = 5
	tlsTagBytes    = 16
)

// The ciphers of linux/tls.h that the clauses use.
const (
	tlsAES128 = 51
	tlsAES256 = 52
	tlsChaCha = 54
)

// tlsSecret is what one direction of a connection is encrypted with, and how far it has come.
type tlsSecret struct {
	version, cipher uint16
	key, salt, iv   []byte
	// number is that of the next record.
	number uint64
}

// newTLSSecret is one that nobody else knows. Its records do not begin with number 0: a kernel that counts from there,
// whatever it is told, is to be seen.
func newTLSSecret(version, cipher uint16) *tlsSecret {
	s := &tlsSecret{version: version, cipher: cipher, number: 1000}
	s.key, s.salt, s.iv = make([]byte, 32), make([]byte, 4), make([]byte, 8)
	switch cipher {
	case tlsAES128:
		s.key = s.key[:16]
	case tlsChaCha:
		s.salt, s.iv = nil, make([]byte, 12)
	}
	rand.Read(s.key)
	rand.Read(s.salt)
	rand.Read(s.iv)
	return s
}

// tlsSecretOf is one of AES-GCM for a place.
func tlsSecretOf(place string) *tlsSecret {
	if place == "tls-1.2" {
		return newTLSSecret(tlsVersion12, tlsAES128)
	}
	return newTLSSecret(tlsVersion13, tlsAES128)
}

// info is the secret as a struct tls12_crypto_info_… of linux/tls.h.
func (s *tlsSecret) info() []byte {
	b := binary.NativeEndian.AppendUint16(nil, s.version)
	b = binary.NativeEndian.AppendUint16(b, s.cipher)
	return binary.BigEndian.AppendUint64(slices.Concat(b, s.iv, s.key, s.salt), s.number)
}

// seal makes the next record. In TLS 1.3 it may be padded with zeros, in TLS 1.2 there is no such thing.
func (s *tlsSecret) seal(kind byte, data []byte, padding int) []byte {
	if s.version == tlsVersion12 {
		explicit := binary.BigEndian.AppendUint64(nil, s.number)
		header := tlsHeader(kind, len(explicit)+len(data)+tlsTagBytes)
		sealed := s.aead().Seal(nil, slices.Concat(s.salt, explicit), data, s.associated12(kind, len(data)))
		s.number++
		return slices.Concat(header, explicit, sealed)
	}
	inner := slices.Concat(data, []byte{kind}, make([]byte, padding))
	header := tlsHeader(tlsData, len(inner)+tlsTagBytes)
	sealed := s.aead().Seal(nil, s.nonce13(), inner, header)
	s.number++
	return append(header, sealed...)
}

// open decrypts the next record, which must be whole. What does not decrypt is not ok.
func (s *tlsSecret) open(record []byte) (kind byte, data []byte, ok bool) {
	header, body := record[:tlsHeaderBytes], record[tlsHeaderBytes:]
	var err error
	if s.version == tlsVersion12 {
		if len(body) < 8+tlsTagBytes {
			return 0, nil, false
		}
		data, err = s.aead().Open(nil, slices.Concat(s.salt, body[:8]), body[8:], s.associated12(header[0], len(body)-8-tlsTagBytes))
		s.number++
		return header[0], data, err == nil
	}
	inner, err := s.aead().Open(nil, s.nonce13(), body, header)
	s.number++
	if err != nil {
		return 0, nil, false
	}
	// The type is the last byte that is not padding.
	last := len(inner) - 1
	for last >= 0 && inner[last] == 0 {
		last--
	}
	if last < 0 {
		return 0, nil, false
	}
	return inner[last], inner[:last], true
}

func tlsHeader(kind byte, length int) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{kind}, tlsWire), uint16(length))
}

// associated12 is RFC 5246, 6.2.3.3: what is authenticated beside the data.
func (s *tlsSecret) associated12(kind byte, length int) []byte {
	return append(binary.BigEndian.AppendUint64(nil, s.number), tlsHeader(kind, length)...)
}

// nonce13 is RFC 8446, 5.3.
func (s *tlsSecret) nonce13() []byte {
	nonce := slices.Concat(s.salt, s.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, s.number) {
		nonce[len(nonce)-8+i] ^= b
	}
	return nonce
}

func (s *tlsSecret) aead() cipher.AEAD {
	// Neither fails with keys of these lengths.
	block, _ := aes.NewCipher(s.key)
	aead, _ := cipher.NewGCM(block)
	return aead
}
