package impl_test

import (
	"bytes"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("A source that somebody cuts short", func() {
	all := content(1 << 20)

	for _, into := range sinks {
		for _, m := range between(impl.File, into.class) {
			It(fmt.Sprintf("ends %s into %s, and harms nobody", m.Name, into.name), func() {
				source, sink := memfd(all), into.open(m)
				Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
				t := in(transfer(source, len(all), sink, 0, int64(len(all))), 10000)
				ready(m, t)
				before, err := move(m, t)
				Expect(err).To(Equal(unix.EAGAIN))
				// The transfer goes on, of a source that has nothing left; but for the rest of a page that it is in.
				whole := openFor(fmt.Sprintf("/proc/self/fd/%d", source), unix.O_RDWR)
				Expect(unix.Ftruncate(whole, before)).To(Succeed())
				arrived := readUpTo(sink.read, int(before))
				t.Offset, t.Length = t.Offset+before, t.Length-before
				seek(source, t.Offset)
				after, err := move(m, t)
				Expect(err).To(Or(BeNil(), Equal(unix.EFAULT), Equal(unix.EAGAIN)))
				Expect(after).To(BeNumerically("<", page))
				for waiting := queued(sink.read); waiting > 0; waiting = queued(sink.read) {
					arrived = append(arrived, readUpTo(sink.read, waiting)...)
				}
				Expect(arrived).To(HaveLen(int(before + after)))
				Expect(bytes.Equal(arrived[:before], all[:before])).To(BeTrue())
				Expect(bytes.Equal(arrived[before:], make([]byte, after))).To(BeTrue(), "behind the end a mapped page has zeros")
			})
		}
	}
})
