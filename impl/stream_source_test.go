package impl_test

import (
	"bytes"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// streams are sources that have neither size nor offsets. What is written to one is read from it once.
var streams = []sinkKind{sinks[0], sinks[1], {"a TCP connection", impl.TCP, tcp}}

// messages are those that come in pieces.
var messages = []sinkKind{
	{"a UNIX seqpacket socket", impl.UnixMessages, unixPackets},
	{"a UNIX datagram socket", impl.UnixMessages, unixDatagrams},
	{"a connected UDP socket", impl.UDP, udp},
}

var _ = Describe("A source without offsets", func() {
	all := content(5*page + 100)

	// from asks for bytes of a source that nobody knows the size of.
	from := func(source, sink *pair, length, chunk int) *impl.Transfer {
		t := &impl.Transfer{
			Source: source.read, Sink: sink.write, Second: -1, Length: int64(length), SourceBytes: -1,
			Chunk: chunk, Buffer: make([]byte, chunk),
		}
		if sink.second != nil {
			t.Second = sink.second.write
		}
		return t
	}

	for _, of := range streams {
		for _, m := range between(of.class, impl.UnixStream) {
			for _, r := range []struct {
				name                string
				asked, chunk, moved int
			}{
				{"all of it and its end", 9 * page, page, len(all)},
				{"all of it in one chunk", len(all), len(all), len(all)},
				{"as much of it as is asked for", 3*page + 1, 1000, 3*page + 1},
			} {
				It(fmt.Sprintf("that is %s gives %s %s", of.name, m.Name, r.name), func() {
					source, sink := of.make(), sinks[0].open(m)
					t := from(source, sink, r.asked, r.chunk)
					Expect(unix.Write(source.write, all)).To(Equal(len(all)))
					source.closeWriter()
					moved, err, arrived := deliver(m, t, sink)
					Expect(err).NotTo(HaveOccurred())
					Expect(moved).To(BeEquivalentTo(r.moved))
					Expect(bytes.Equal(arrived, all[:r.moved])).To(BeTrue(), "%d bytes arrived", len(arrived))
					Expect(soon(source.received(), "the source's end does not arrive")).To(Equal(append([]byte(nil), all[r.moved:]...)), "what was not asked for is still there")
				})
			}
		}
	}

	for _, of := range messages {
		for _, m := range between(of.class, impl.UnixStream) {
			It(fmt.Sprintf("that is %s gives %s a message at a time", of.name, m.Name), func() {
				source, sink := of.make(), sinks[0].open(m)
				for _, length := range []int{1000, page, 1} {
					Expect(unix.Write(source.write, all[:length])).To(Equal(length))
				}
				moved, err, arrived := deliver(m, from(source, sink, 1000+page+1, 2*page), sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(1000 + page + 1))
				Expect(bytes.Equal(arrived, bytes.Join([][]byte{all[:1000], all[:page], all[:1]}, nil))).To(BeTrue())
			})
		}
	}
})
