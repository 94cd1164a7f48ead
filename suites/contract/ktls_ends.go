package contract

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// tlsFile is a source of the check's own.
type tlsFile = *source.File

// tlsRecord is a record as it came over the wire, decrypted.
type tlsRecord struct {
	kind byte
	data []byte
}

// tlsSender is a connection whose writer's bytes the kernel encrypts, and whose reader is given what comes over the wire.
//
// It is one of the kit's sinks, for its reader's buffer is large: records do not wait for a window smaller than they are.
type tlsSender struct {
	t           *T
	over        *sink.Sink
	write, read int
	secret      *tlsSecret
	// under is the call that sends, where one was made on a thread of its own.
	under *Pending
	// wire is what has come and is not decrypted yet.
	wire []byte
}

// tlsSender makes one of the clause's place, or of a secret that is given.
func (t *T) tlsSender(given ...*tlsSecret) *tlsSender {
	t.tlsIsThere()
	s := &tlsSender{t: t, secret: tlsSecretOf(t.Place())}
	if len(given) > 0 {
		s.secret = given[0]
	}
	s.over, s.write = t.Pair("tcp")
	s.read = s.over.Receiving()
	t.encrypts(s.write, tlsTX, s.secret)
	return s
}

// encrypts hands a direction of a connection to the kernel.
func (t *T) encrypts(fd, direction int, secret *tlsSecret) {
	t.Done(setULP(fd, "tls"))
	r := setTLS(fd, direction, secret.info())
	if r.Errno == unix.ENOENT {
		t.Lacks(fmt.Sprintf("cipher %d of kernel TLS", secret.cipher), r.String(), "modprobe gcm, modprobe chacha20poly1305, or take a kernel with CONFIG_CRYPTO_GCM and CONFIG_CRYPTO_CHACHA20POLY1305")
	}
	t.Done(r)
}

// next waits for a record.
func (s *tlsSender) next() tlsRecord {
	for {
		if len(s.wire) >= tlsHeaderBytes {
			if whole := tlsHeaderBytes + int(binary.BigEndian.Uint16(s.wire[3:])); len(s.wire) >= whole {
				record := s.wire[:whole]
				s.wire = s.wire[whole:]
				return s.opened(record)
			}
		}
		var more []byte
		if s.t.ready(s.read, unix.POLLIN) {
			more = s.t.Take(s.read, 1<<20)
		}
		if len(more) == 0 {
			seen := fmt.Sprintf("%d bytes of it", len(s.wire))
			if s.under != nil && !s.under.underWay() {
				seen += ", and " + s.under.Result().String()
			}
			s.t.Deviates("another record arrives", seen)
		}
		s.wire = append(s.wire, more...)
	}
}

// opened holds a record to be one of the protocol, of the stream's key and number.
func (s *tlsSender) opened(record []byte) tlsRecord {
	number := s.secret.number
	version := binary.BigEndian.Uint16(record[1:])
	s.t.Holds(version == tlsWire, "a record's header says version 3.3", fmt.Sprintf("% x", record[:tlsHeaderBytes]))
	kind, data, ok := s.secret.open(record)
	s.t.Holds(ok, fmt.Sprintf("record number %d decrypts with the connection's key", number), fmt.Sprintf("one of %d bytes does not: % x …", len(record), record[:tlsHeaderBytes]))
	return tlsRecord{kind, data}
}

// until waits for so many bytes of data, and returns the records that carry them: all of data, and none too many.
func (s *tlsSender) until(owed int) (records []tlsRecord) {
	for got := 0; got < owed; {
		r := s.next()
		Equal(s.t, "the record's type", r.kind, tlsData)
		records = append(records, r)
		got += len(r.data)
		s.t.Holds(got <= owed, fmt.Sprintf("%d bytes arrive", owed), fmt.Sprintf("%d and more", got))
	}
	return records
}

// rest ends the connection by an alert, and returns the records before it. What the kernel still holds goes before.
func (s *tlsSender) rest() (records []tlsRecord) {
	bye := s.t.StartUndisturbed("sendmsg", func() Result { return tlsSendRecord(s.write, tlsAlert, tlsGoodbye, 0) })
	for {
		r := s.next()
		if r.kind == tlsAlert {
			s.t.Same("the alert", r.data, tlsGoodbye)
			s.t.Counts(bye.Result(), int64(len(tlsGoodbye)))
			return records
		}
		Equal(s.t, "the record's type", r.kind, tlsData)
		records = append(records, r)
	}
}

// noMore holds the connection to have had no more data to send.
func (s *tlsSender) noMore() { Equal(s.t, "records that still come", len(s.rest()), 0) }

// tlsCuts holds records to be of these sizes.
func (t *T) tlsCuts(records []tlsRecord, sizes ...int) {
	var seen []int
	for _, r := range records {
		seen = append(seen, len(r.data))
	}
	Equal(t, "bytes in each record:", fmt.Sprint(seen), fmt.Sprint(sizes))
}

// tlsJoined are the bytes of all records.
func tlsJoined(records []tlsRecord) (all []byte) {
	for _, r := range records {
		all = append(all, r.data...)
	}
	return all
}

// tlsReceiver is a connection whose reader's bytes the kernel decrypts, and whose writer puts onto the wire what the
// check has encrypted itself.
type tlsReceiver struct {
	t           *T
	write, read int
	secret      *tlsSecret
}

// tlsReceiver makes one of the clause's place, or of a secret that is given.
func (t *T) tlsReceiver(given ...*tlsSecret) *tlsReceiver {
	t.tlsIsThere()
	r := &tlsReceiver{t: t, secret: tlsSecretOf(t.Place())}
	if len(given) > 0 {
		r.secret = given[0]
	}
	over, write := t.Pair("tcp")
	r.write, r.read = write, over.Receiving()
	t.encrypts(r.read, tlsRX, r.secret)
	return r
}

// put puts bytes onto the wire: no more than the connection's buffers take.
func (r *tlsReceiver) put(wire []byte) {
	n := r.t.Done(tlsSend(r.write, wire, 0))
	if n != int64(len(wire)) {
		r.t.Must(fmt.Errorf("setting the stage: %d of %d bytes were sent", n, len(wire)))
	}
}

// data puts a record of data onto the wire.
func (r *tlsReceiver) data(b []byte) { r.put(r.secret.seal(tlsData, b, 0)) }

// arrived waits until all that was put onto the wire has come to the reader.
func (r *tlsReceiver) arrived() { r.t.awaitAcknowledged(r.write) }

// recv is recv(2), of up to so many bytes. It waits for the first, on a thread of its own.
func (r *tlsReceiver) recv(limit int) ([]byte, Result) {
	buffer := make([]byte, limit)
	result := r.t.StartUndisturbed("recvfrom", func() Result { return tlsRecv(r.read, buffer, 0) }).Result()
	return buffer[:max(0, result.N)], result
}

// tries is recv(2) that does not wait.
func (r *tlsReceiver) tries(limit int) Result {
	return tlsRecv(r.read, make([]byte, limit), unix.MSG_DONTWAIT)
}

func tlsRecv(fd int, buffer []byte, flags int) Result {
	n, _, err := unix.Recvfrom(fd, buffer, flags)
	return made("recvfrom", n, err)
}

// typed is recvmsg(2) with room for the record's type, which it returns: 0 where none is said.
func (r *tlsReceiver) typed(limit int) (kind byte, data []byte, result Result) {
	buffer, control := make([]byte, limit), make([]byte, unix.CmsgSpace(1))
	controlled := 0
	result = r.t.StartUndisturbed("recvmsg", func() Result {
		n, said, _, _, err := unix.Recvmsg(r.read, buffer, control, 0)
		controlled = said
		return made("recvmsg", n, err)
	}).Result()
	messages, err := unix.ParseSocketControlMessage(control[:controlled])
	r.t.Must(err)
	for _, m := range messages {
		if m.Header.Level == unix.SOL_TLS && m.Header.Type == tlsRX && len(m.Data) > 0 {
			kind = m.Data[0]
		}
	}
	return kind, buffer[:max(0, result.N)], result
}

// spliced moves up to so many bytes into a pipe. It waits for the first, on a thread of its own.
func (r *tlsReceiver) spliced(into, limit, flags int) Result {
	return r.t.StartUndisturbed("splice", func() Result { return splice(r.read, into, limit, flags) }).Result()
}

// collects reads so many bytes, by as many calls as it takes.
func (r *tlsReceiver) collects(owed int) (all []byte) {
	for len(all) < owed {
		more, result := r.recv(owed - len(all))
		r.t.Within(result, 1, int64(owed-len(all)))
		all = append(all, more...)
	}
	return all
}

// nothingMore holds the reader to have nothing, though all that was put onto the wire has arrived.
func (r *tlsReceiver) nothingMore() {
	r.arrived()
	r.t.Fails(r.tries(1), unix.EAGAIN)
}

// polled is what poll(2) says of a descriptor at once.
func (t *T) polled(fd int, events int16) int16 {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for deadline := time.Now().Add(stepPatience); ; {
		_, err := unix.Poll(fds, 0)
		if err == unix.EINTR && time.Now().Before(deadline) {
			continue
		}
		t.Must(os.NewSyscallError("poll", err))
		return fds[0].Revents
	}
}

// setTLSFrom has an option set from memory that cannot be read.
func setTLSFrom(fd, direction int, at uintptr, length int) Result {
	return raw("setsockopt SOL_TLS", unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_TLS, uintptr(direction), at, uintptr(length))
}

// tlsWord is a number as an option has it.
func tlsWord(value uint32) []byte { return (*[4]byte)(unsafe.Pointer(&value))[:] }

// blocking makes calls on a descriptor wait again.
func (t *T) blocking(fd int) { t.Must(os.NewSyscallError("fcntl", unix.SetNonblock(fd, false))) }
