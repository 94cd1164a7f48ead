package impl_test

import (
	"bytes"
	"os"
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("tcp-receive", func() {
	m := impl.TCPReceive
	all := content(32*page + 123)

	// receiving is a transfer from a connection into a sink, and what its buffer holds before.
	receiving := func(source *pair, sink *pair, length, chunk int) (t *impl.Transfer, untouched []byte) {
		untouched = bytes.Repeat([]byte{0xa5}, chunk)
		t = &impl.Transfer{
			Source: source.read, Sink: sink.write, Length: int64(length), SourceBytes: -1,
			Chunk: chunk, Buffer: bytes.Clone(untouched),
		}
		return readied(m, t), untouched
	}

	// arrives waits until so many bytes wait in the source.
	arrives := func(source *pair, length int) {
		GinkgoHelper()
		Eventually(func() int { return queued(source.read) }).WithTimeout(patience).Should(Equal(length))
	}

	It("takes whole pages without a copy", func() {
		source, sink := wholePages(), overTCP(0)
		sendPages(source, all[:16*page])
		arrives(source, 16*page)
		t, untouched := receiving(source, sink, 16*page, 16*page)
		Expect(move(m, t)).To(BeEquivalentTo(16 * page))
		Expect(bytes.Equal(t.Buffer, untouched)).To(BeTrue(), "bytes were copied into the buffer")
		sink.end()
		Expect(bytes.Equal(soon(sink.received(), "the sink's end does not arrive"), all[:16*page])).To(BeTrue())
	})

	It("takes them chunk by chunk, too", func() {
		source, sink := wholePages(), overTCP(0)
		sendPages(source, all[:16*page])
		arrives(source, 16*page)
		t, untouched := receiving(source, sink, 16*page, 3*page)
		Expect(move(m, t)).To(BeEquivalentTo(16 * page))
		Expect(bytes.Equal(t.Buffer, untouched)).To(BeTrue(), "bytes were copied into the buffer")
		sink.end()
		Expect(bytes.Equal(soon(sink.received(), "the sink's end does not arrive"), all[:16*page])).To(BeTrue())
	})

	for _, sent := range []struct {
		name string
		by   func() *pair
		send func(*pair, []byte)
	}{
		{"in whole pages", wholePages, sendPages},
		{"in segments of no round size", func() *pair { return overTCP(0) }, sendPages},
		{"by write(2)", func() *pair { return overTCP(0) }, func(source *pair, data []byte) {
			Expect(unix.Write(source.write, data)).To(Equal(len(data)))
		}},
		{"in bits and pieces", wholePages, func(source *pair, data []byte) {
			for i := 0; len(data) > 0; i++ {
				n := min(len(data), []int{1, page, 100, 2*page + 1}[i%4])
				Expect(unix.Write(source.write, data[:n])).To(Equal(n))
				data = data[n:]
			}
		}},
	} {
		for _, r := range []struct {
			name          string
			length, chunk int
		}{
			{"all of it in one chunk", len(all), len(all)},
			{"all of it in chunks of a page", len(all), page},
			{"all of it in chunks of no round size", len(all), 10000},
			{"all of it in chunks of less than a page", len(all), 100},
			{"as much as is asked for, and no more", 5*page + 7, 16 * page},
			{"what there is before its end", 2 * len(all), 16 * page},
			{"nothing of no bytes", 0, page},
		} {
			It("delivers "+r.name+", of what was sent "+sent.name, func() {
				source, sink := sent.by(), overTCP(0)
				sent.send(source, all)
				source.closeWriter()
				owed := all[:min(len(all), r.length)]
				t, _ := receiving(source, sink, r.length, r.chunk)
				rest := sink.received()
				moved, err := move(m, t)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(owed)))
				sink.end()
				arrived := soon(rest, "the sink's end does not arrive")
				Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
				if len(owed) < len(all) {
					Expect(readUpTo(source.read, 1)).To(Equal(all[len(owed):len(owed)+1]), "the rest is the caller's")
				}
			})
		}
	}

	It("passes on what is there, and waits for the rest", func() {
		source, sink := wholePages(), unixStream()
		t, _ := receiving(source, sink, 2*page, 2*page)
		_, done := onThread(func() (int64, error) { return m.Move(t) })
		Expect(unix.Write(source.write, all[:100])).To(Equal(100))
		Expect(readUpTo(sink.read, 1000)).To(Equal(all[:100]))
		Expect(unix.Write(source.write, all[100:2*page])).To(Equal(2*page - 100))
		Expect(soon(done, "tcp-receive hangs")).To(Equal(outcome{int64(2 * page), nil}))
	})

	It("that waits, and is interrupted by signals, loses nothing", func() {
		interrupt := interrupter()
		source, sink := wholePages(), unixStream()
		t, _ := receiving(source, sink, 100, page)
		tid, done := onThread(func() (int64, error) { return m.Move(t) })
		for range 3 {
			awaitBlocked(tid, unix.SYS_PPOLL)
			interrupt(tid)
		}
		Expect(unix.Write(source.write, all[:100])).To(Equal(100))
		Expect(soon(done, "tcp-receive hangs")).To(Equal(outcome{100, nil}))
		Expect(readUpTo(sink.read, 1000)).To(Equal(all[:100]))
	})

	It("ends with EAGAIN at a non-blocking source that is empty", func() {
		source, sink := overTCP(0), unixStream()
		Expect(unix.SetNonblock(source.read, true)).To(Succeed())
		Expect(unix.Write(source.write, all[:100])).To(Equal(100))
		arrives(source, 100)
		t, _ := receiving(source, sink, 1000, page)
		moved, err := move(m, t)
		Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
		Expect(moved).To(BeEquivalentTo(100))
	})

	It("ends with EAGAIN at a non-blocking sink that is full, and goes on from there in the same transfer", func() {
		source, sink := wholePages(), pipe()
		Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
		sendPages(source, all)
		source.closeWriter()
		t, _ := receiving(source, sink, len(all), 16*page)
		var arrived []byte
		full := 0
		for t.Length > 0 {
			moved, err := move(m, t)
			t.Length -= moved
			if err != nil {
				Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
				full++
				arrived = append(arrived, readUpTo(sink.read, 3*page)...)
			}
		}
		Expect(full).To(BeNumerically(">", 2), "rounds")
		sink.closeWriter()
		arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
		Expect(bytes.Equal(arrived, all)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(all))
	})

	It("from a sender that was reset ends with that", func() {
		source, sink := overTCP(0), unixStream()
		Expect(unix.SetsockoptLinger(source.write, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})).To(Succeed())
		t, _ := receiving(source, sink, 100, page)
		source.closeWriter()
		moved, err := move(m, t)
		Expect(err == error(unix.ECONNRESET)).To(BeTrue(), "%v", err)
		Expect(moved).To(BeZero())
	})

	It("names the call that refuses it a socket of another kind", func() {
		source := unixStream()
		_, err := m.Prepare(&impl.Transfer{Source: source.read, Sink: source.write, Chunk: page})
		Expect(err).To(Equal(os.NewSyscallError("mmap", unix.ENODEV)))
	})

	It("leaves nothing mapped", func() {
		source := overTCP(0)
		Expect(windows()).To(BeZero())
		release := prepared(m, &impl.Transfer{Source: source.read, Sink: source.write, Chunk: 5*page + 1})
		Expect(windows()).To(Equal(1))
		Expect(release()).To(Succeed())
		Expect(windows()).To(BeZero())
	})
})

// wholePages is a connection whose segments have whole pages each.
func wholePages() *pair {
	GinkgoHelper()
	// The segment's size counts TCP's options, which time stamps take 12 bytes of, as a rule.
	if page > 16<<10 {
		Skip("not-checked: a segment of a page is larger than TCP_MAXSEG may be")
	}
	for _, options := range []int{12, 0} {
		made := overTCP(page + options)
		if segment, err := unix.GetsockoptInt(made.write, unix.IPPROTO_TCP, unix.TCP_MAXSEG); err == nil && segment == page {
			return made
		}
	}
	Skip("not-checked: no segments of a page can be had")
	return nil
}

// sendPages sends from memory of whole pages, and asks for no copy: what arrives is in whole pages, where the segments
// are.
func sendPages(to *pair, data []byte) {
	GinkgoHelper()
	room := (len(data) + page - 1) &^ (page - 1)
	memory, err := unix.MmapPtr(-1, 0, nil, uintptr(room), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(unix.MunmapPtr, memory, uintptr(room))
	pages := unsafe.Slice((*byte)(memory), len(data))
	copy(pages, data)
	Expect(unix.SetsockoptInt(to.write, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)).To(Succeed())
	Expect(unix.SendmsgN(to.write, pages, nil, nil, unix.MSG_ZEROCOPY)).To(Equal(len(data)))
}

// windows is how many mappings of TCP sockets this process has.
func windows() int {
	GinkgoHelper()
	text, err := os.ReadFile("/proc/self/maps")
	Expect(err).NotTo(HaveOccurred())
	return bytes.Count(text, []byte("socket:["))
}
