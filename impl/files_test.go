package impl_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("Into a file", func() {
	all := content(3*page + 5)

	It("pread+pwrite goes on where it ended, and leaves the position where it was", func() {
		m, sink := impl.PreadPwrite, file(0)
		before := position(sink.write)
		t := in(transfer(tempFile(all), len(all), sink, 3, int64(page)), 1000)
		ready(m, t)
		Expect(move(m, t)).To(BeEquivalentTo(page))
		t.Offset, t.Length = t.Offset+int64(page), int64(len(all))
		Expect(move(m, t)).To(BeEquivalentTo(len(all) - 3 - page))
		Expect(position(sink.write)).To(Equal(before))
		Expect(soon(sink.received(), "a file has no end")).To(Equal(all[3:]))
	})

	for _, m := range []impl.Method{impl.CopyFileRange, impl.Splice, impl.SendfilePosition} {
		It(m.Name+" moves its position on by what it has taken", func() {
			sink := file(0)
			before := position(sink.write)
			Expect(run(m, in(transfer(tempFile(all), len(all), sink, 3, int64(page)), 1000))).To(BeEquivalentTo(page))
			Expect(position(sink.write)).To(Equal(before + int64(page)))
		})
	}

	It("of another filesystem copy_file_range copies everything, or says EXDEV", func() {
		sink := file(0)
		moved, err := run(impl.CopyFileRange, in(transfer(memfd(all), len(all), sink, 3, int64(len(all))), page))
		if err != nil {
			Expect(err == error(unix.EXDEV)).To(BeTrue(), "%v", err)
			Expect(moved).To(BeZero())
			return
		}
		Expect(soon(sink.received(), "a file has no end")).To(Equal(all[3:]))
	})
})

var _ = Describe("What a method has prepared", func() {
	for _, m := range builtIn {
		if !m.Reads(impl.File) {
			continue
		}
		into := firstSink(m)
		It("is given back by "+m.Name+" into "+into.name, func() {
			sink := into.open(m)
			t := in(transfer(tempFile(content(page)), page, sink, 0, int64(page)), 100)
			before := openDescriptors()
			release := ready(m, t)
			_, err := move(m, t)
			Expect(err).NotTo(HaveOccurred())
			release()
			Expect(openDescriptors()).To(Equal(before))
		})
	}
})
