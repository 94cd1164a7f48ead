package contract

import (
	"time"

	"golang.org/x/sys/unix"
)

// tlsSinks are the places of clauses on a stream: those of the kit's sinks that encrypt, too, whose readers are the
// kernel and a TLS library.
var tlsSinks = append([]string{"ktls", "ktls-user"}, tlsVersions...)

// tlsSendfile are clauses on sendfile(2) into a connection that the kernel encrypts.
var tlsSendfile = []Clause{
	{ID: "TLS-SENDFILE", Since: "5.1", Source: tlsPage + ": Sending TLS application data", Places: tlsVersions,
		Text: "sendfile(2) of a whole file sends its bytes, in order and once, and the position advances; all is on its way when it returns", Check: func(t *T) {
			const size = 100_000
			s, file := t.tlsSender(), t.File(size)
			p := s.sends(file, nil, size)
			t.Arrived(tlsJoined(s.until(size)), file, 0, size)
			t.Counts(p.Result(), size)
			Equal(t, "position", t.position(file.Descriptor()), size)
			s.noMore()
		}},
	{ID: "TLS-SENDFILE-OFFSET", Since: "5.1", Source: tlsPage + ": Sending TLS application data; sendfile(2): offset", Places: tlsVersions,
		Text: "sendfile(2) of a range sends just that, an offset that is given advances by the count, and the file's position stays", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(100_000)
			t.seek(file.Descriptor(), 77)
			offset := int64(1001)
			for _, count := range []int64{1, 4095, 4096, 16_384, 16_385, 40_000} {
				t.Step("%d bytes from offset %d on", count, offset)
				at := offset
				p := s.sends(file, &offset, count)
				t.Arrived(tlsJoined(s.until(int(count))), file, at, count)
				t.Counts(p.Result(), count)
				Equal(t, "offset", offset, at+count)
			}
			Equal(t, "position", t.position(file.Descriptor()), 77)
			s.noMore()
		}},
	{ID: "TLS-SENDFILE-END", Since: "6.1", Source: tlsPage + ": Sending TLS application data; sendfile(2) RETURN VALUE", Places: tlsVersions,
		Text: "a count of 0, and an offset at the end of the file or past it, are 0, and no record is sent", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(100)
			for _, at := range []int64{100, 101, 1 << 20} {
				t.Step("at offset %d", at)
				offset := at
				t.Counts(sendfile(s.write, file.Descriptor(), &offset, 50), 0)
				Equal(t, "offset", offset, at)
			}
			t.Step("a count of 0")
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 0), 0)
			s.nothingLeft()
			s.noMore()
		}},
	{ID: "TLS-SENDFILE-PAST-END", Since: "5.1", Source: tlsPage + ": Sending TLS application data; sendfile(2) RETURN VALUE", Places: tlsVersions,
		Text: "a count that reaches past the end of the file sends what is left, and what comes next follows it", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(10_000)
			offset := int64(9_000)
			t.Counts(sendfile(s.write, file.Descriptor(), &offset, 50_000), 1_000)
			Equal(t, "offset", offset, 10_000)
			offset = 100
			t.Counts(sendfile(s.write, file.Descriptor(), &offset, 500), 500)
			got := tlsJoined(s.until(1_500))
			t.Arrived(got[:1000], file, 9_000, 1_000)
			t.Arrived(got[1000:], file, 100, 500)
			s.noMore()
		}},
	// A kernel that tells the socket of more to come, having moved less than was asked, holds the end of the file back until
	// something else is sent.
	{ID: "TLS-SENDFILE-PAST-END-SENT", Since: "6.1", Source: tlsPage + ": Sending TLS application data", Places: tlsVersions,
		Text: "a count that reaches past the end of the file leaves nothing behind: what is left of the file is on its way, though no other call follows", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(20_000)
			t.Counts(sendfile(s.write, file.Descriptor(), nil, 50_000), 20_000)
			t.Arrived(tlsJoined(s.until(20_000)), file, 0, 20_000)
			s.noMore()
		}},
	{ID: "TLS-SENDFILE-SHORT", Since: "5.1", Source: tlsPage + ": Sending TLS application data; sendfile(2) ERRORS: EAGAIN", Places: tlsSinks,
		Text: "a connection that does not wait takes what it has room for, then EAGAIN, and the rest continues exactly there", Check: func(t *T) {
			t.Undisturbed()
			file := t.File(moreThanFits["tcp"])
			if t.Place() == "ktls" || t.Place() == "ktls-user" {
				open, sink := t.Pair(t.Place())
				t.inParts(file, open, sink, sendfile)
				return
			}
			s := t.tlsSender()
			t.Narrow(s.write)
			s.inParts(file)
		}},
	{ID: "TLS-SENDFILE-WAITS", Since: "5.1", Source: tlsPage + ": Sending TLS application data; sendfile(2)", Places: tlsVersions,
		Text: "into a connection that waits one call moves the whole count, however often it has to wait", Check: func(t *T) {
			size := moreThanFits["tcp"]
			s, file := t.tlsSender(), t.File(size)
			t.Narrow(s.write)
			p := s.sends(file, nil, size)
			p.Waits()
			t.Arrived(tlsJoined(s.until(int(size))), file, 0, size)
			t.Counts(p.Result(), size)
			Equal(t, "position", t.position(file.Descriptor()), size)
			s.noMore()
		}},
	// Some time between 6.12 and 7.3 the signal broke the connection where it came amid a record: with 6.18.15 the next call
	// is errno 512, a number of the kernel's own (ERESTARTSYS), and nothing is sent any more, in about every other run.
	{ID: "TLS-SENDFILE-INTERRUPTED", Since: "6.1", Source: tlsPage + ": Sending TLS application data; signal(7)", Places: tlsVersions,
		Text: "a signal after the first byte ends the call with a short count, and the rest continues exactly there", Check: func(t *T) {
			size := moreThanFits["tcp"]
			s, file := t.tlsSender(), t.File(size)
			t.Narrow(s.write)
			p := s.sends(file, nil, size)
			p.Interrupt()
			n := t.Within(p.Result(), 1, size-1)
			Equal(t, "position", t.position(file.Descriptor()), n)
			p = s.sends(file, nil, size-n)
			t.Arrived(tlsJoined(s.until(int(size))), file, 0, size)
			t.Counts(p.Result(), size-n)
			s.noMore()
		}},
	{ID: "TLS-SENDFILE-LEFT", Since: "6.1", Source: tlsPage + ": Sending TLS application data; send(2) ERRORS: EPIPE", Places: tlsVersions,
		Text: "the peer having left, what is sent first is taken and answered by a RST, and the next call is EPIPE with a SIGPIPE, or ECONNRESET, and the position stays", Check: func(t *T) {
			s, file := t.tlsAbandoned()
			s.isGone(func() Result { return sendfile(s.write, file.Descriptor(), nil, 100) })
			Equal(t, "position", t.position(file.Descriptor()), 500)
		}},
	// Kernels up to 7.3 fail once. From then on they take what is sent, for nobody, and give a SIGPIPE and the full count.
	{ID: "TLS-SENDFILE-LEFT-AGAIN", Source: tlsPage + ": Sending TLS application data; send(2) ERRORS: EPIPE", Places: tlsVersions,
		Text: "the peer having left, each call behind the first that was EPIPE is EPIPE, too, and takes nothing", Check: func(t *T) {
			s, file := t.tlsAbandoned()
			s.isGone(func() Result { return sendfile(s.write, file.Descriptor(), nil, 100) })
			for range 3 {
				s.isGone(func() Result { return sendfile(s.write, file.Descriptor(), nil, 100) })
			}
			Equal(t, "position", t.position(file.Descriptor()), 500)
		}},
	{ID: "TLS-SENDFILE-GONE", Since: "6.1", Source: tlsPage + ": Sending TLS application data; send(2) ERRORS: ECONNRESET, EPIPE", Places: tlsVersions,
		Text: "into a connection that was reset each call is ECONNRESET, or EPIPE with a SIGPIPE, and the position stays", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(1000)
			s.reset()
			for range 3 {
				s.isGone(func() Result { return sendfile(s.write, file.Descriptor(), nil, 1000) })
			}
			Equal(t, "position", t.position(file.Descriptor()), 0)
		}},
}

// sends is sendfile(2) of a part of a file, on a thread of its own: what does not fit waits to be read.
func (s *tlsSender) sends(file tlsFile, offset *int64, count int64) *Pending {
	s.under = s.t.StartUndisturbed("sendfile", func() Result { return sendfile(s.write, file.Descriptor(), offset, count) })
	return s.under
}

// inParts sends a file through a connection that does not wait, until all of it has arrived.
func (s *tlsSender) inParts(file tlsFile) {
	t := s.t
	t.Nonblocking(s.write)
	var offset int64
	full := 0
	for deadline := time.Now().Add(stepPatience); offset < file.Bytes; {
		before, left := offset, file.Bytes-offset
		t.Step("%d bytes are sent", offset)
		r := sendfile(s.write, file.Descriptor(), &offset, left)
		if r.Errno == 0 {
			Equal(t, "offset", offset, before+t.Within(r, 1, left))
			continue
		}
		t.Fails(r, unix.EAGAIN)
		Equal(t, "offset", offset, before)
		full++
		s.wire = append(s.wire, t.Take(s.read, 4<<20)...)
		if time.Now().After(deadline) {
			t.Deviates("a connection that is drained has room", r.String())
		}
	}
	t.Step("all is sent")
	t.Holds(full > 0, "a connection that is too small is full at times", "it took all at once")
	t.blocking(s.write)
	t.Arrived(tlsJoined(s.rest()), file, 0, file.Bytes)
}

// reset has the reader leave with a RST, and waits until the writer knows.
func (s *tlsSender) reset() {
	s.t.Must(s.over.CloseReader())
	s.t.hungUp(s.write)
}

// tlsAbandoned is a connection whose reader has left in order, and a file of which 500 bytes were sent to nobody.
func (t *T) tlsAbandoned() (*tlsSender, tlsFile) {
	t.tlsIsThere()
	file := t.File(1000)
	one, other := t.loopback(unix.SOCK_STREAM)
	s := &tlsSender{t: t, write: one, read: other, secret: tlsSecretOf(t.Place())}
	t.encrypts(one, tlsTX, s.secret)
	t.Shut(other)
	t.Counts(sendfile(s.write, file.Descriptor(), nil, 500), 500)
	t.hungUp(s.write)
	return s, file
}

// isGone holds a call into a connection that was reset to fail, with a SIGPIPE where it is EPIPE and without where it is not.
func (s *tlsSender) isGone(call func() Result) {
	var r Result
	sent := s.t.SIGPIPE(func() { r = call() })
	s.t.Fails(r, unix.ECONNRESET, unix.EPIPE)
	Equal(s.t, "SIGPIPE sent", sent, r.Errno == unix.EPIPE)
}
