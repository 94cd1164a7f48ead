package liar

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Read reads the caller's memory. It says whether all of it is there.
func (c *Call) Read(at uint64, into []byte) bool {
	n, err := unix.ProcessVMReadv(c.thread.tracer.pid, local(into), remote(at, into), 0)
	return err == nil && n == len(into)
}

// Write writes to the caller's memory, where it could do so itself, and says whether it did.
func (c *Call) Write(at uint64, data []byte) bool {
	n, err := unix.ProcessVMWritev(c.thread.tracer.pid, local(data), remote(at, data), 0)
	return err == nil && n == len(data)
}

func local(memory []byte) []unix.Iovec {
	if len(memory) == 0 {
		return nil
	}
	piece := unix.Iovec{Base: &memory[0]}
	piece.SetLen(len(memory))
	return []unix.Iovec{piece}
}

func remote(at uint64, memory []byte) []unix.RemoteIovec {
	return []unix.RemoteIovec{{Base: uintptr(at), Len: len(memory)}}
}

// Word is the number of 64 bits that lies there, an offset for instance, and whether there is one.
func (c *Call) Word(at uint64) (value int64, there bool) {
	var word [8]byte
	if at == 0 || !c.Read(at, word[:]) {
		return 0, false
	}
	return int64(binary.NativeEndian.Uint64(word[:])), true
}

// SetWord writes one there.
func (c *Call) SetWord(at uint64, value int64) bool {
	var word [8]byte
	binary.NativeEndian.PutUint64(word[:], uint64(value))
	return c.Write(at, word[:])
}

// Piece is one of a vectored call.
type Piece struct{ At, Length uint64 }

// Pieces are those of a struct iovec array in the caller's memory; none where it cannot be read.
func (c *Call) Pieces(at, count uint64) (pieces []Piece) {
	if count > maxPieces {
		return nil
	}
	raw := make([]byte, 16*count)
	if count == 0 || !c.Read(at, raw) {
		return nil
	}
	for ; len(raw) > 0; raw = raw[16:] {
		pieces = append(pieces, Piece{binary.NativeEndian.Uint64(raw), binary.NativeEndian.Uint64(raw[8:])})
	}
	return pieces
}

// maxPieces is UIO_MAXIOV of linux/uio.h: no call takes more.
const maxPieces = 1024

// SetPieces writes a struct iovec array.
func (c *Call) SetPieces(at uint64, pieces []Piece) bool {
	var raw []byte
	for _, p := range pieces {
		raw = binary.NativeEndian.AppendUint64(binary.NativeEndian.AppendUint64(raw, p.At), p.Length)
	}
	return c.Write(at, raw)
}
