package impl_test

import (
	"bytes"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("mmap+write", func() {
	m := impl.MmapWrite
	all := content(5*page + 100)

	DescribeTable("leaves nothing mapped", func(prepare func(*impl.Transfer, *pair), ends error) {
		source, sink := memfd(all), unixStream()
		Expect(mapped()).To(BeZero())
		t := in(transfer(source, len(all), sink, 3, int64(len(all))), 2*page)
		prepare(t, sink)
		if ends == nil {
			moved, err, _ := deliver(m, t, sink)
			Expect(err).NotTo(HaveOccurred())
			Expect(moved).To(BeEquivalentTo(len(all) - 3))
		} else {
			_, err := move(m, t)
			Expect(err).To(Equal(ends))
		}
		Expect(mapped()).To(BeZero())
	},
		Entry("when it is done", func(*impl.Transfer, *pair) {}, nil),
		Entry("when the sink is full", func(_ *impl.Transfer, sink *pair) {
			Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
			fill(sink)
		}, unix.EAGAIN),
		Entry("when the reader has left", func(_ *impl.Transfer, sink *pair) { sink.closeReader() }, unix.EPIPE),
		Entry("when the sink is none", func(t *impl.Transfer, _ *pair) { t.Sink = t.Source }, unix.EBADF),
		Entry("when the source was cut short behind its back", func(t *impl.Transfer, _ *pair) {
			t.Offset, t.SourceBytes = 8*int64(page), 16*int64(page)
		}, unix.EFAULT),
	)

	It("is seen to have it mapped meanwhile", func() {
		source, sink := memfd(all), unixStream()
		Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
		fill(sink)
		Expect(unix.SetNonblock(sink.write, false)).To(Succeed())
		t := in(transfer(source, len(all), sink, 3, int64(len(all))), 2*page)
		tid, done := onThread(func() (int64, error) { return m.Move(t) })
		awaitBlocked(tid, unix.SYS_WRITE)
		Expect(mapped()).To(Equal(1))
		sink.closeReader()
		soon(done, "mmap+write hangs")
	})

	Describe("from a source of which nobody knows the size", func() {
		for _, r := range []struct {
			name           string
			offset, length int
		}{
			{"delivers a range of it", 1, 2 * page},
			{"ends with it, and makes no zeros up", page + 1, 9 * page},
			{"moves nothing from past its end", 9 * page, page},
		} {
			It(r.name, func() {
				source, sink := tempFile(all), unixStream()
				t := in(transfer(source, -1, sink, int64(r.offset), int64(r.length)), page)
				owed := all[min(r.offset, len(all)):min(r.offset+r.length, len(all))]
				moved, err, arrived := deliver(m, t, sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(owed)))
				Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
			})
		}

		It("says that what has no size cannot be mapped", func() {
			source, sink := pipe(), unixStream()
			Expect(unix.Write(source.write, all[:100])).To(Equal(100))
			moved, err := move(m, &impl.Transfer{Source: source.read, Sink: sink.write, Length: 100, SourceBytes: -1, Chunk: page})
			Expect(err).To(Equal(unix.ENODEV))
			Expect(moved).To(BeZero())
			Expect(queued(source.read)).To(Equal(100))
		})
	})
})

// mapped is how many mappings of memfd's files this process has.
func mapped() int {
	GinkgoHelper()
	text, err := os.ReadFile("/proc/self/maps")
	Expect(err).NotTo(HaveOccurred())
	return strings.Count(string(text), "/memfd:impl-test")
}
