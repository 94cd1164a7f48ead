package contract

import (
	"slices"

	"golang.org/x/sys/unix"
)

// tlsZerocopyRO is TLS_TX_ZEROCOPY_RO of linux/tls.h.
const tlsZerocopyRO = 3

// tlsSource are clauses on what becomes of the file: its pages are read, and what they are encrypted into is others.
var tlsSource = []Clause{
	{ID: "TLS-SOURCE", Since: "5.1", Source: tlsPage + ": Sending TLS application data; open(2): O_RDONLY", Places: tlsVersions,
		Text: "the kernel encrypts elsewhere: a file that was sent reads as before, through the page cache, past it, and from the disk", Check: func(t *T) {
			const size = 5<<12 + 1234
			s, file := t.tlsSender(), t.File(size)
			t.Step("by sendfile")
			t.Counts(sendfile(s.write, file.Descriptor(), nil, size), size)
			t.tlsKeepsSource(file)
			t.Step("by splice")
			reader, writer := t.pipe()
			offset := int64(100)
			t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, size-200, 0), size-200)
			t.Counts(splice(reader, s.write, size-200, 0), size-200)
			t.tlsKeepsSource(file)
			got := tlsJoined(s.until(2*size - 200))
			t.Arrived(got[:size], file, 0, size)
			t.Arrived(got[size:], file, 100, size-200)
			t.Step("when the records have left")
			t.tlsKeepsSource(file)
			s.noMore()
		}},
	// What a call writes is copied into pages of the connection's own, and those may be encrypted where they are. A record
	// that begins so and goes on with a file's pages must not be: that would encrypt the file.
	{ID: "TLS-SOURCE-MIXED", Since: "6.1", Source: tlsPage + ": Sending TLS application data: MSG_MORE", Places: tlsVersions,
		Text: "in a record of bytes that were written and of a file's pages, in whatever order, each is sent as it was, and the file reads as before", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(3<<12)
			text := []byte("written before, or behind")
			t.Step("written, then sent")
			t.Counts(tlsSend(s.write, text, unix.MSG_MORE), int64(len(text)))
			offset := int64(100)
			t.Counts(sendfile(s.write, file.Descriptor(), &offset, 5000), 5000)
			got := s.until(len(text) + 5000)
			t.tlsCuts(got, len(text)+5000)
			t.Same("what arrives", tlsJoined(got), slices.Concat(text, t.BytesOf(file, 100, 5000)))
			t.tlsKeepsSource(file)
			t.Step("spliced, then written")
			s.spliceMore(file, 200, 5000)
			t.Counts(tlsSend(s.write, text, 0), int64(len(text)))
			got = s.until(len(text) + 5000)
			t.Same("what arrives", tlsJoined(got), slices.Concat(t.BytesOf(file, 200, 5000), text))
			t.tlsKeepsSource(file)
			t.Step("written, spliced, written, spliced and sent")
			t.Counts(tlsSend(s.write, text, unix.MSG_MORE), int64(len(text)))
			s.spliceMore(file, 300, 3000)
			t.Counts(tlsSend(s.write, text, unix.MSG_MORE), int64(len(text)))
			s.spliceMore(file, 4096, 4096)
			got = s.rest()
			t.Same("what arrives", tlsJoined(got), slices.Concat(text, t.BytesOf(file, 300, 3000), text, t.BytesOf(file, 4096, 4096)))
			t.tlsKeepsSource(file)
		}},
	{ID: "TLS-OVERWRITTEN", Since: "5.1", Source: tlsPage + ": Sending TLS application data: send() data is directly encrypted", Places: tlsVersions,
		Text: "what was sent is encrypted when the call returns: what is written to the file then, the peer having read nothing yet, does not reach it", Check: func(t *T) {
			const size = 40_000
			s, file := t.tlsSender(), t.File(size)
			was := t.BytesOf(file, 0, size)
			t.Step("by sendfile")
			t.Counts(sendfile(s.write, file.Descriptor(), nil, size), size)
			now := t.Overwrite(file, 0, size)
			t.Same("what arrives", tlsJoined(s.until(size)), was)
			t.Step("by splice")
			reader, writer := t.pipe()
			offset := int64(0)
			t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, size, 0), size)
			t.Counts(splice(reader, s.write, size, 0), size)
			t.Store(t.Writer(file.Descriptor()), was, 0)
			t.Same("what arrives", tlsJoined(s.until(size)), now)
			s.noMore()
		}},
	{ID: "TLS-OVERWRITTEN-FULL", Since: "6.1", Source: tlsPage + ": Sending TLS application data: send() data is directly encrypted", Places: tlsVersions,
		Text: "also of a connection that is full, what its calls have taken is encrypted: what is written to the file then does not reach the peer, but for a record that is not complete yet", Check: func(t *T) {
			size := moreThanFits["tcp"]
			s, file := t.tlsSender(), t.File(size)
			t.Undisturbed()
			t.Narrow(s.write)
			t.Nonblocking(s.write)
			var offset int64
			for {
				r := sendfile(s.write, file.Descriptor(), &offset, size-offset)
				if r.Errno != 0 {
					t.Fails(r, unix.EAGAIN)
					break
				}
				t.Holds(offset < size, "a connection that is too small is full", "it takes all at once")
			}
			was := t.BytesOf(file, 0, offset)
			t.Overwrite(file, 0, size)
			t.blocking(s.write)
			records := s.rest()
			all := tlsJoined(records)
			Equal(t, "bytes that arrive", int64(len(all)), offset)
			whole := len(all)
			if last := len(records[len(records)-1].data); last < tlsRecordBytes {
				whole -= last
			}
			t.Same("what arrives", all[:whole], was[:whole])
		}},
	// No page says so. It is the licence of sendfile(2): what was transferred must stay as it is until it was consumed.
	{ID: "TLS-HELD-SHARED", Source: tlsPage + ": Sending TLS application data: MSG_MORE; splice(2)", Places: tlsVersions,
		Text: "of a record that waits for more the file's pages are shared: what is written to the file until the record is made does reach the peer", Check: func(t *T) {
			s, file := t.tlsSender(), t.File(3<<12)
			s.spliceMore(file, 0, 8192)
			now := t.Overwrite(file, 0, 3<<12)
			t.Same("what arrives", tlsJoined(s.rest()), now[:8192])
		}},
	{ID: "TLS-ZEROCOPY-RO", Since: "6.1", Source: tlsPage + ": TLS_TX_ZEROCOPY_RO",
		Text: "TLS_TX_ZEROCOPY_RO takes 0 and 1 and tells which, other values and lengths are EINVAL", Check: func(t *T) {
			s := t.tlsSender(newTLSSecret(tlsVersion13, tlsAES128))
			value, r := getTLS(s.write, tlsZerocopyRO, 4)
			t.Counts(r, 0)
			t.Same("the value by default", value, tlsWord(0))
			for _, set := range []uint32{1, 0, 1} {
				t.Counts(setTLS(s.write, tlsZerocopyRO, tlsWord(set)), 0)
				value, r = getTLS(s.write, tlsZerocopyRO, 4)
				t.Counts(r, 0)
				t.Same("the value", value, tlsWord(set))
			}
			t.Fails(setTLS(s.write, tlsZerocopyRO, tlsWord(2)), unix.EINVAL)
			t.Fails(setTLS(s.write, tlsZerocopyRO, tlsWord(1)[:3]), unix.EINVAL)
			t.Fails(setTLS(s.write, tlsZerocopyRO, append(tlsWord(1), 0)), unix.EINVAL)
			value, r = getTLS(s.write, tlsZerocopyRO, 4)
			t.Counts(r, 0)
			t.Same("the value", value, tlsWord(1))
		}},
	{ID: "TLS-ZEROCOPY-RO-SOFTWARE", Since: "6.1", Source: tlsPage + ": TLS_TX_ZEROCOPY_RO: when device offload is enabled", Places: tlsVersions,
		Text: "TLS_TX_ZEROCOPY_RO changes nothing where no device encrypts: what is written to the file after sendfile(2) does not reach the peer, and the file is what it was", Check: func(t *T) {
			const size = 40_000
			s, file := t.tlsSender(), t.File(size)
			t.Done(setTLS(s.write, tlsZerocopyRO, tlsWord(1)))
			was := t.BytesOf(file, 0, size)
			t.Counts(sendfile(s.write, file.Descriptor(), nil, size), size)
			t.tlsKeepsSource(file)
			t.Overwrite(file, 0, size)
			t.Same("what arrives", tlsJoined(s.until(size)), was)
			s.noMore()
		}},
}

// spliceMore sends a part of a file through a pipe, and says that there is more to come.
func (s *tlsSender) spliceMore(file tlsFile, offset, length int64) {
	reader, writer := s.t.pipe()
	s.t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, int(length), 0), length)
	s.t.Counts(splice(reader, s.write, int(length), unix.SPLICE_F_MORE), length)
}
