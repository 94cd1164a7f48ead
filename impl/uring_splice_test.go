package impl_test

import (
	"bytes"
	"fmt"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("uring-splice", func() {
	m := impl.UringSplice
	all := content(20*page + 123)

	for _, into := range []struct {
		name string
		open func() *pair
	}{{"a UNIX stream socket", unixStream}, {"a pipe", pipe}, {"a TCP connection", func() *pair { return overTCP(0) }}} {
		for _, r := range []struct {
			name                  string
			offset, length, chunk int
		}{
			{"the whole source in one chunk", 0, len(all), len(all)},
			{"the whole source in chunks of a page", 0, len(all), page},
			{"a range that begins and ends within pages", page - 7, 3*page + 20, 2 * page},
			{"as many bytes as a pipe takes by default, from the middle of a page on", 9, 16 * page, 16 * page},
			{"what there is of a range that ends past the source: the halves come apart", 5, 2 * len(all), 16 * page},
			{"nothing of a range that begins past the source: the second half is not begun", len(all) + page, page, page},
			{"nothing of no bytes", 77, 0, page},
		} {
			It("delivers "+r.name+", into "+into.name, func() {
				sink := into.open()
				t := in(transfer(tempFile(all), len(all), sink, int64(r.offset), int64(r.length)), r.chunk)
				owed := all[min(r.offset, len(all)):min(r.offset+r.length, len(all))]
				moved, err, arrived := delivered(m, t, sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(owed)))
				Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
			})
		}

		It("ends with EAGAIN at a non-blocking sink that is full, and goes on from there: into "+into.name, func() {
			all := content(3<<20 + 13)
			sink := into.open()
			Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
			t := readied(m, in(transfer(tempFile(all), len(all), sink, 0, int64(len(all))), 50000))
			var arrived []byte
			full := 0
			for t.Length > 0 {
				// What the pipe still holds from the last round must not come twice.
				moved, err := move(m, t)
				t.Offset, t.Length = t.Offset+moved, t.Length-moved
				if err != nil {
					Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
					full++
					arrived = append(arrived, readUpTo(sink.read, 70001)...)
				}
			}
			Expect(full).To(BeNumerically(">", 2), "rounds")
			sink.closeWriter()
			arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
			Expect(bytes.Equal(arrived, all)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(all))
		})

		It("to a reader that leaves halfway ends with an errno: into "+into.name, func() {
			all := content(12 << 20)
			sink := into.open()
			t := readied(m, in(transfer(tempFile(all), len(all), sink, 0, int64(len(all))), 64<<10))
			tid, done := onThread(func() (int64, error) { return m.Move(t) })
			awaitBlocked(tid, unix.SYS_IO_URING_ENTER)
			sink.closeReader()
			o := soon(done, "uring-splice hangs")
			Expect(o.err).To(Or(Equal(unix.EPIPE), Equal(unix.ECONNRESET)))
			Expect(o.moved).To(BeNumerically("<", len(all)))
		})
	}

	It("shares the source's pages: what is written to it later arrives", func() {
		source, sink := memfd(all), unixStream()
		_, err := move(m, readied(m, in(transfer(source, len(all), sink, 0, int64(8*page)), 4*page)))
		Expect(err).NotTo(HaveOccurred())
		scribble(source, 8*page)
		sink.closeWriter()
		arrived := soon(sink.received(), "the sink's end does not arrive")
		Expect(arrived).To(HaveLen(8 * page))
		if bytes.Equal(arrived, all[:8*page]) {
			Skip("not-checked: this kernel's splice(2) copies")
		}
		var now [8]byte
		Expect(unix.Pread(source, now[:], 0)).To(Equal(8))
		Expect(arrived[:8]).To(Equal(now[:]))
	})

	It("moves into a file, to where its position is", func() {
		name := GinkgoT().TempDir() + "/sink"
		sink := &pair{write: openFor(name, unix.O_CREAT|unix.O_WRONLY), read: openFor(name, unix.O_RDONLY)}
		Expect(unix.Write(sink.write, []byte("before"))).To(Equal(6))
		Expect(move(m, readied(m, in(transfer(tempFile(all), len(all), sink, 1, int64(len(all))), page)))).To(BeEquivalentTo(len(all) - 1))
		arrived := soon(sink.received(), "the file has no end")
		Expect(bytes.Equal(arrived, append([]byte("before"), all[1:]...))).To(BeTrue())
	})

	It("that is interrupted by signals loses and repeats nothing", func() {
		interrupt := interrupter()
		all := content(1<<20 + 13)
		sink := unixStream()
		t := readied(m, in(transfer(tempFile(all), len(all), sink, 0, int64(len(all))), 64<<10))
		tid, done := onThread(func() (int64, error) { return m.Move(t) })
		for range 4 {
			awaitBlocked(tid, unix.SYS_IO_URING_ENTER)
			interrupt(tid)
		}
		rest := sink.received()
		Expect(soon(done, "uring-splice hangs")).To(Equal(outcome{int64(len(all)), nil}))
		sink.closeWriter()
		Expect(bytes.Equal(soon(rest, "the sink's end does not arrive"), all)).To(BeTrue())
	})

	// A second half that was begun although the first failed would wait for ever.
	DescribeTable("does not hang", func(prepare func(*impl.Transfer), ends error) {
		t := in(transfer(tempFile(all), len(all), unixStream(), 0, int64(len(all))), page)
		prepare(t)
		moved, err := move(m, readied(m, t))
		Expect(err == ends).To(BeTrue(), "%v", err)
		Expect(moved).To(BeZero())
	},
		Entry("where the source is none", func(t *impl.Transfer) { t.Source = -1 }, unix.EBADF),
		Entry("where the source may not be read", func(t *impl.Transfer) { t.Source = writeOnly() }, unix.EBADF),
		Entry("where the sink is none", func(t *impl.Transfer) { t.Sink = -1 }, unix.EBADF),
		Entry("where the sink may not be written", func(t *impl.Transfer) { t.Sink = t.Source }, unix.EBADF),
		Entry("where the sink appends", func(t *impl.Transfer) {
			t.Sink = openFor(GinkgoT().TempDir()+"/sink", unix.O_CREAT|unix.O_WRONLY|unix.O_APPEND)
		}, unix.EINVAL),
	)

	It("leaves nothing open", func() {
		before := openDescriptors()
		release := prepared(m, in(transfer(tempFile(all), len(all), unixStream(), 0, int64(len(all))), page))
		Expect(release()).To(Succeed())
		// The source and the sink are the spec's.
		Expect(openDescriptors()).To(Equal(before + 3))
	})
})

func writeOnly() int {
	GinkgoHelper()
	return openFor(fmt.Sprintf("%s/source", GinkgoT().TempDir()), unix.O_CREAT|unix.O_WRONLY)
}

func openDescriptors() int {
	GinkgoHelper()
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	return len(entries)
}
