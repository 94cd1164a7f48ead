// Package wire carries what a guest has to say to the machine that started it, over whatever takes bytes: a virtio
// port, a serial line, a pipe.
//
// It promises that nothing is half believed. Each record carries its number and a checksum of all of it, and the last
// one says how many there were: what was cut, repeated, altered or mixed with other output is an error that says where,
// and never a shorter result.
package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// Kind is what a record is about.
type Kind byte

const (
	// Hello is the first record: the guest runs, and its Body says what it is (JSON).
	Hello Kind = 'h'
	// Began: the suite of that Name was started.
	Began Kind = 'b'
	// Output is what the suite of that Name has printed, in pieces.
	Output Kind = 'o'
	// Report is Ginkgo's JSON report of the suite of that Name, compressed (gzip).
	Report Kind = 'r'
	// Ended: the suite of that Name ended, as the Body says (JSON).
	Ended Kind = 'e'
	// Done is the last record.
	Done Kind = 'd'
)

func (k Kind) known() bool {
	switch k {
	case Hello, Began, Output, Report, Ended, Done:
		return true
	}
	return false
}

// Record is one thing said.
type Record struct {
	Kind Kind
	Name string
	Body []byte
}

// What a record looks like: a header of fixed size in network byte order, the name, the body, and a CRC-32 of all these.
const (
	magic       = 0x7a633031 // "zc01"
	headerBytes = 4 + 1 + 4 + 2 + 4
	// mostBytes is more than any report: a length above it is no length.
	mostBytes = 256 << 20
)

// Writer sends records. Its methods may be called from several goroutines.
type Writer struct {
	mu   sync.Mutex
	to   io.Writer
	sent uint32
	err  error
}

// NewWriter returns a Writer whose records go to w, each in one write.
func NewWriter(w io.Writer) *Writer { return &Writer{to: w} }

// Send sends a record. After an error every further call returns that error: nothing can be said any more.
func (w *Writer) Send(kind Kind, name string, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if len(name) > 0xffff || len(body) > mostBytes {
		return fmt.Errorf("a record of %d and %d bytes is too long", len(name), len(body))
	}
	text := make([]byte, 0, headerBytes+len(name)+len(body)+4)
	text = binary.BigEndian.AppendUint32(text, magic)
	text = append(text, byte(kind))
	text = binary.BigEndian.AppendUint32(text, w.sent)
	text = binary.BigEndian.AppendUint16(text, uint16(len(name)))
	text = binary.BigEndian.AppendUint32(text, uint32(len(body)))
	text = append(append(text, name...), body...)
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text))
	_, w.err = w.to.Write(text)
	w.sent++
	return w.err
}

// Close sends the last record.
func (w *Writer) Close() error { return w.Send(Done, "", nil) }

// ErrCut says that the bytes ended before the last record.
var ErrCut = errors.New("the guest's words were cut")

// Reader receives records.
type Reader struct {
	from *bufio.Reader
	next uint32
	last string
	done bool
}

// NewReader returns a Reader of the records that come out of r.
func NewReader(r io.Reader) *Reader { return &Reader{from: bufio.NewReaderSize(r, 64<<10)} }

// Receive returns the next record, and io.EOF after the last. An ErrCut says what was the last that came whole.
func (r *Reader) Receive() (*Record, error) {
	if r.done {
		return nil, io.EOF
	}
	var header [headerBytes]byte
	if _, err := io.ReadFull(r.from, header[:]); err != nil {
		return nil, r.cut(err)
	}
	kind, number := Kind(header[4]), binary.BigEndian.Uint32(header[5:])
	nameBytes, bodyBytes := int(binary.BigEndian.Uint16(header[9:])), int(binary.BigEndian.Uint32(header[11:]))
	if binary.BigEndian.Uint32(header[:]) != magic || !kind.known() || bodyBytes > mostBytes {
		return nil, fmt.Errorf("no record: %q stands where record %d should begin%s", header[:], r.next, r.after())
	}
	rest := make([]byte, nameBytes+bodyBytes+4)
	if _, err := io.ReadFull(r.from, rest); err != nil {
		return nil, r.cut(err)
	}
	payload, sum := rest[:nameBytes+bodyBytes], binary.BigEndian.Uint32(rest[nameBytes+bodyBytes:])
	if got := crc32.Update(crc32.ChecksumIEEE(header[:]), crc32.IEEETable, payload); got != sum {
		return nil, fmt.Errorf("record %d was altered on its way: checksum %#x, not %#x%s", number, got, sum, r.after())
	}
	if number == 0 && r.next > 0 {
		return nil, fmt.Errorf("the guest has begun anew%s", r.after())
	}
	if number != r.next {
		return nil, fmt.Errorf("record %d came where %d was next%s", number, r.next, r.after())
	}
	r.next++
	record := &Record{Kind: kind, Name: string(payload[:nameBytes]), Body: payload[nameBytes:]}
	r.last = fmt.Sprintf("%q %s", kind, record.Name)
	if kind == Done {
		r.done = true
		return nil, io.EOF
	}
	return record, nil
}

func (r *Reader) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w%s", ErrCut, r.after())
	}
	return fmt.Errorf("the guest's words%s: %w", r.after(), err)
}

// after says where in the conversation something happened.
func (r *Reader) after() string {
	if r.next == 0 {
		return " before the first record"
	}
	return fmt.Sprintf(" after record %d (%s)", r.next-1, r.last)
}
