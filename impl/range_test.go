package impl_test

import (
	"bytes"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("A range", func() {
	size := 3*page + 123
	ranges := []struct {
		name           string
		offset, length int
		chunk          int
	}{
		{"the whole source in one chunk", 0, size, size},
		{"the whole source in chunks of a page", 0, size, page},
		{"the whole source in chunks of no round size", 0, size, 1000},
		{"the whole source in a chunk larger than it", 0, size, 1 << 20},
		{"a few bytes one by one", page - 3, 7, 1},
		{"one byte", 0, 1, 1},
		{"the last byte", size - 1, 1, 1},
		{"from a page boundary on", page, 2 * page, page},
		{"from no page boundary on", 1, size - 1, size},
		{"from no page boundary on, in chunks of a page", page + 1, page + 7, page},
		{"from no page boundary on, in chunks of no round size", page - 1, 2*page + 5, 999},
		{"within a page", 10, 20, 64},
		{"across a page boundary", page - 10, 20, 64},
		{"of which the last chunk is short", 0, page + page/2, page},
		{"of no bytes", 0, 0, page},
		{"of no bytes, from no page boundary on", 77, 0, page},
		{"that ends past the source", page + 5, size, 1000},
		{"that ends past the source, in one chunk", 0, 5 * page, 5 * page},
		{"that ends a byte past the source", 0, size + 1, page},
		{"that starts at the source's end", size, page, page},
		{"that starts past the source's end, on the same page", size + 1, page, page},
		{"that starts pages past the source's end", size + 2*page, page, page},
	}

	for _, into := range sinks {
		for _, m := range between(impl.File, into.class) {
			for _, from := range sources {
				Describe(fmt.Sprintf("by %s from %s into %s", m.Name, from.name, into.name), func() {
					for _, r := range ranges {
						It("delivers exactly "+r.name, func() {
							all := content(size)
							source, sink := from.open(all), into.open(m)
							t := in(transfer(source, size, sink, int64(r.offset), int64(r.length)), r.chunk)
							owed := all[min(r.offset, size):min(r.offset+r.length, size)]

							moved, err, arrived := deliver(m, t, sink)

							Expect(err).NotTo(HaveOccurred())
							Expect(moved).To(BeEquivalentTo(len(owed)))
							Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
						})
					}
				})
			}
		}
	}

	for _, m := range between(impl.File, impl.UnixStream) {
		It("that is larger than any buffer is delivered by "+m.Name, func() {
			all := content(3<<20 + 13)
			// And so is a chunk larger than any pipe.
			for _, chunk := range []int{64 << 10, 2 << 20} {
				source, sink := tempFile(all), sinks[0].open(m)
				moved, err, arrived := deliver(m, in(transfer(source, len(all), sink, 5, int64(len(all))), chunk), sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(all) - 5))
				Expect(bytes.Equal(arrived, all[5:])).To(BeTrue())
			}
		})

		It("of an empty source is nothing to "+m.Name, func() {
			source, sink := tempFile(nil), sinks[0].open(m)
			moved, err, arrived := deliver(m, transfer(source, 0, sink, 0, int64(page)), sink)
			Expect(err).NotTo(HaveOccurred())
			Expect(moved).To(BeZero())
			Expect(arrived).To(BeEmpty())
		})

		It("of a source that may not be read is refused to "+m.Name, func() {
			name := GinkgoT().TempDir() + "/source"
			source, sink := openFor(name, unix.O_CREAT|unix.O_WRONLY), sinks[0].open(m)
			Expect(unix.Ftruncate(source, int64(page))).To(Succeed())
			moved, err, arrived := deliver(m, transfer(source, page, sink, 0, int64(page)), sink)
			// mmap(2) has an errno of its own for it.
			Expect(err).To(Or(Equal(unix.EBADF), Equal(unix.EACCES)))
			Expect(moved).To(BeZero())
			Expect(arrived).To(BeEmpty())
		})
	}
})

var _ = Describe("The source's position", func() {
	const offset, length = 5, 100

	for _, m := range builtIn {
		if !m.Reads(impl.File) {
			continue
		}
		into := firstSink(m)
		if fromPosition[m.Name] {
			It("is where "+m.Name+" reads, and is moved on", func() {
				all := content(page)
				source, sink := tempFile(all), into.open(m)
				t := transfer(source, page, sink, offset, length)
				seek(source, 11)
				_, _, arrived := deliver(m, t, sink)
				Expect(arrived).To(Equal(all[11 : 11+length]))
				Expect(position(source)).To(BeEquivalentTo(11 + length))
			})
			continue
		}
		It("is nothing to "+m.Name+", and is left where it was", func() {
			all := content(page)
			source, sink := tempFile(all), into.open(m)
			t := transfer(source, page, sink, offset, length)
			seek(source, 11)
			_, _, arrived := deliver(m, t, sink)
			Expect(arrived).To(Equal(all[offset : offset+length]))
			Expect(position(source)).To(BeEquivalentTo(11))
		})
	}
})

// fromPosition are the methods that read from where the source stands.
var fromPosition = map[string]bool{
	impl.ReadWrite.Name: true, impl.ReadvWritev.Name: true, impl.SendfilePosition.Name: true,
	impl.GoCopyFile.Name: true, impl.GoCopyTCP.Name: true, impl.GoCopyUnix.Name: true, impl.GoCopyWrapped.Name: true, impl.GoWriteTo.Name: true,
}
