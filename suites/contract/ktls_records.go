package contract

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// tlsMaxPayload is TLS_TX_MAX_PAYLOAD_LEN of linux/tls.h.
const tlsMaxPayload = 5

// tlsRecords are clauses on where one record ends and the next begins.
var tlsRecords = []Clause{
	{ID: "TLS-RECORD-WRITE", Since: "5.1", Source: tlsPage + ": Sending TLS application data: after each send() call", Places: tlsVersions,
		Text: "each write makes a record of its own, of data, and one of more than 16 KiB as few as there may be", Check: func(t *T) {
			s := t.tlsSender()
			for _, size := range []int{1, 100, tlsRecordBytes - 1, tlsRecordBytes, tlsRecordBytes + 1, 40_000} {
				t.Step("%d bytes", size)
				data := coded(size)
				t.Counts(write(s.write, data), int64(size))
				records := s.until(size)
				t.tlsCuts(records, tlsRecordsOf(size)...)
				t.Same("what arrives", tlsJoined(records), data)
			}
			t.Step("several writes at once")
			for range 3 {
				t.Counts(write(s.write, coded(10)), 10)
			}
			t.tlsCuts(s.rest(), 10, 10, 10)
		}},
	{ID: "TLS-RECORD-MORE", Since: "5.1", Source: tlsPage + ": Sending TLS application data: MSG_MORE", Places: tlsVersions,
		Text: "MSG_MORE delays the record: nothing is sent until a call comes without it, and all of it is one record", Check: func(t *T) {
			s := t.tlsSender()
			data := coded(5000)
			t.Counts(tlsSend(s.write, data[:1000], unix.MSG_MORE), 1000)
			s.nothingLeft()
			t.Counts(tlsSend(s.write, data[1000:3000], unix.MSG_MORE), 2000)
			s.nothingLeft()
			t.Counts(tlsSend(s.write, data[3000:], 0), 2000)
			records := s.until(5000)
			t.tlsCuts(records, 5000)
			t.Same("what arrives", tlsJoined(records), data)
			s.noMore()
		}},
	{ID: "TLS-RECORD-MORE-FULL", Since: "5.1", Source: tlsPage + ": Sending TLS application data: or the maximum record size is reached", Places: tlsVersions,
		Text: "MSG_MORE delays a record no longer than until it is full: 16 KiB are sent, and what is beyond waits on", Check: func(t *T) {
			s := t.tlsSender()
			data := coded(20_000)
			t.Counts(tlsSend(s.write, data[:10_000], unix.MSG_MORE), 10_000)
			s.nothingLeft()
			t.Counts(tlsSend(s.write, data[10_000:], unix.MSG_MORE), 10_000)
			full := s.until(tlsRecordBytes)
			t.tlsCuts(full, tlsRecordBytes)
			t.awaitAcknowledged(s.write)
			s.nothingLeft()
			rest := s.rest()
			t.tlsCuts(rest, 20_000-tlsRecordBytes)
			t.Same("what arrives", tlsJoined(slices.Concat(full, rest)), data)
		}},
	// Before 6.5 splice(2) ended a record with each call, whatever its flags.
	{ID: "TLS-RECORD-SPLICE-MORE", Since: "6.5", Source: tlsPage + ": Sending TLS application data: MSG_MORE; splice(2): SPLICE_F_MORE", Places: tlsVersions,
		Text: "SPLICE_F_MORE delays the record as MSG_MORE does: several calls make one, and the last of them sends it", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(20_000)
			s.spliceMore(file, 0, 1000)
			s.nothingLeft()
			s.spliceMore(file, 1000, 5000)
			s.nothingLeft()
			offset := int64(6000)
			t.Counts(sendfile(s.write, file.Descriptor(), &offset, 100), 100)
			records := s.until(6100)
			t.tlsCuts(records, 6100)
			t.Arrived(tlsJoined(records), file, 0, 6100)
			t.Step("what is full is sent")
			s.spliceMore(file, 0, 20_000)
			full := s.until(tlsRecordBytes)
			t.awaitAcknowledged(s.write)
			s.nothingLeft()
			rest := s.rest()
			t.tlsCuts(slices.Concat(full, rest), tlsRecordBytes, 20_000-tlsRecordBytes)
			t.Arrived(tlsJoined(slices.Concat(full, rest)), file, 0, 20_000)
		}},
	{ID: "TLS-RECORD-SENDFILE", Since: "5.1", Source: tlsPage + ": Sending TLS application data: TLS records of maximum length (2^14)", Places: tlsVersions,
		Text: "sendfile(2) makes records of 16 KiB, and one of the rest", Check: func(t *T) { t.tlsCutsFrom(0, int64(pageBytes)) }},
	// Before 6.5 what sendfile(2) had moved in one go of its own, 16 pages or parts of them, ended with a record.
	{ID: "TLS-RECORD-SENDFILE-UNALIGNED", Since: "6.5", Source: tlsPage + ": Sending TLS application data: TLS records of maximum length (2^14)", Places: tlsVersions,
		Text: "sendfile(2) makes records of 16 KiB, and one of the rest, also where it begins within a page of the file", Check: func(t *T) { t.tlsCutsFrom(1, 4095) }},
	{ID: "TLS-RECORD-SENDFILE-EACH", Since: "6.1", Source: tlsPage + ": Sending TLS application data: after each send() call", Places: tlsVersions,
		Text: "each call of sendfile(2) that moves its count ends a record: those of one call are not held back for the next", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(20_000)
			for range 4 {
				t.Counts(sendfile(s.write, file.Descriptor(), nil, 5000), 5000)
			}
			records := s.rest()
			t.tlsCuts(records, 5000, 5000, 5000, 5000)
			t.Arrived(tlsJoined(records), file, 0, 20_000)
		}},
	{ID: "TLS-RECORD-PIECES", Since: "6.1", Source: tlsPage + ": Sending TLS application data: after each send() call; splice(2)", Places: tlsVersions,
		Text: "one splice(2) makes one record of all the small pieces that the pipe holds", Check: func(t *T) {
			s := t.tlsSender()
			file, reader := t.threePieces()
			t.Counts(splice(reader, s.write, 3000, 0), 3000)
			records := s.until(3000)
			t.tlsCuts(records, 3000)
			t.Arrived(tlsJoined(records), file, 0, 3000)
			s.noMore()
		}},
	{ID: "TLS-RECORD-CONTROL", Since: "5.1", Source: tlsPage + ": Send TLS control messages", Places: tlsVersions,
		Text: "a record of another type goes behind what waits for more, which becomes a record before it, and never into one", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(1000)
			t.Counts(tlsSend(s.write, []byte("written"), unix.MSG_MORE), 7)
			s.nothingLeft()
			t.Counts(tlsSendRecord(s.write, tlsHandshake, []byte("a handshake"), 0), 11)
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 1000), 1000)
			t.Same("the first record", s.until(7)[0].data, []byte("written"))
			second := s.next()
			Equal(t, "the second record's type", second.kind, tlsHandshake)
			t.Same("the second record", second.data, []byte("a handshake"))
			t.Arrived(tlsJoined(s.until(1000)), file, 0, 1000)
			s.noMore()
		}},
	{ID: "TLS-RECORD-NUMBER", Since: "6.1", Source: tlsPage + ": Creating a TLS connection: rec_seq", Places: tlsVersions,
		Text: "getsockopt(2) of TLS_TX gives the version, the cipher and, in full, the key, and the number that the next record has", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(100_000)
			said, r := getTLS(s.write, tlsTX, 4)
			t.Counts(r, 0)
			t.Same("version and cipher", said, s.secret.info()[:4])
			p := s.sends(file, nil, 100_000)
			s.until(100_000)
			t.Counts(p.Result(), 100_000)
			owed := s.secret.info()
			said, r = getTLS(s.write, tlsTX, len(owed))
			t.Counts(r, 0)
			number := binary.BigEndian.Uint64(said[len(said)-8:])
			Equal(t, "the next record's number", number, s.secret.number)
			t.Same("the key", said[12:28], s.secret.key)
		}},
	// The option came with 6.19.
	{ID: "TLS-MAX-PAYLOAD", Since: "6.19", Source: tlsPage + ": TLS_TX_MAX_PAYLOAD_LEN", Places: tlsVersions,
		Text: "TLS_TX_MAX_PAYLOAD_LEN bounds each record: the bytes that write(2) and sendfile(2) send are cut to it, in order and once", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(10_000)
			const most = 1000
			t.Counts(setTLS(s.write, tlsMaxPayload, tlsShort(most)), 0)
			t.Step("by sendfile")
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 10_000), 10_000)
			records := s.until(10_000)
			for _, r := range records {
				t.Holds(len(r.data) <= most, "records of up to 1000 bytes", fmt.Sprintf("one of %d", len(r.data)))
			}
			t.Arrived(tlsJoined(records), file, 0, 10_000)
			t.Step("by write")
			data := coded(2500)
			t.Counts(write(s.write, data), 2500)
			records = s.until(2500)
			t.tlsCuts(records, most, most, 500)
			t.Same("what arrives", tlsJoined(records), data)
			s.noMore()
		}},
}

// tlsShort is a number as an option of two bytes has it.
func tlsShort(value uint16) []byte { return binary.NativeEndian.AppendUint16(nil, value) }

// tlsCutsFrom holds sendfile(2) from each of the offsets to make the largest records.
func (t *T) tlsCutsFrom(offsets ...int64) {
	s, file := t.tlsSender(), t.File(120_000)
	for _, at := range offsets {
		t.Step("from offset %d on", at)
		offset := at
		p := s.sends(file, &offset, 100_000)
		records := s.until(100_000)
		t.Counts(p.Result(), 100_000)
		t.tlsCuts(records, tlsRecordsOf(100_000)...)
		t.Arrived(tlsJoined(records), file, at, 100_000)
	}
	s.noMore()
}
