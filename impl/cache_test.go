package impl_test

import (
	"fmt"
	"os"
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("The page cache", func() {
	all := content(40*page + 5)

	It("is passed by by direct+write: a cold source stays cold", func() {
		source, sink := coldFile(all), unixStream()
		moved, err, arrived := deliver(impl.DirectWrite, in(transfer(source, len(all), sink, 5, int64(len(all))), 7*page+1), sink)
		Expect(err).NotTo(HaveOccurred())
		Expect(moved).To(BeEquivalentTo(len(all) - 5))
		Expect(arrived).To(Equal(all[5:]))
		Expect(cached(source, len(all))).To(BeZero())
	})

	It("is what direct+write asks for nothing while it is prepared, and for everything again when it is released", func() {
		source, sink := coldFile(all), unixStream()
		flags := func() int {
			flags, err := unix.FcntlInt(uintptr(source), unix.F_GETFL, 0)
			Expect(err).NotTo(HaveOccurred())
			return flags
		}
		before := flags()
		release := ready(impl.DirectWrite, in(transfer(source, len(all), sink, 0, int64(len(all))), page))
		Expect(flags()).To(Equal(before | unix.O_DIRECT))
		release()
		Expect(flags()).To(Equal(before))
	})

	It("has a source that lies in nothing else: direct+write refuses it", func() {
		source := memfd(all)
		_, err := impl.DirectWrite.Prepare(transfer(source, len(all), unixStream(), 0, int64(len(all))))
		Expect(err == error(unix.EINVAL)).To(BeTrue(), "%v", err)
	})

	It("is all that nowait+write asks first, and a cold source arrives all the same", func() {
		source, sink := coldFile(all), unixStream()
		t := in(transfer(source, len(all), sink, 5, int64(len(all))), 7*page+1)
		release := ready(impl.NowaitWrite, t)
		Expect(cached(source, len(all))).To(BeZero(), "pages that preparing has brought in")
		release()
		moved, err, arrived := deliver(impl.NowaitWrite, t, sink)
		Expect(err).NotTo(HaveOccurred())
		Expect(moved).To(BeEquivalentTo(len(all) - 5))
		Expect(arrived).To(Equal(all[5:]))
	})
})

// coldFile is a file that no page of is in memory. Where the temp directory has no disk there is none.
func coldFile(content []byte) int {
	GinkgoHelper()
	file, err := os.CreateTemp(GinkgoT().TempDir(), "")
	Expect(err).NotTo(HaveOccurred())
	defer file.Close()
	Expect(file.Write(content)).To(Equal(len(content)))
	Expect(file.Sync()).To(Succeed())
	Expect(unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)).To(Succeed())
	if n := cached(int(file.Fd()), len(content)); n > 0 {
		Skip(fmt.Sprintf("not-checked: %d pages of a file in %s cannot be dropped from memory", n, os.TempDir()))
	}
	return openFor(file.Name(), unix.O_RDONLY)
}

// cached is how many pages of a file are in the page cache.
func cached(fd, bytes int) (pages int) {
	GinkgoHelper()
	mapping, err := unix.Mmap(fd, 0, bytes, unix.PROT_READ, unix.MAP_SHARED)
	Expect(err).NotTo(HaveOccurred())
	defer unix.Munmap(mapping)
	each := make([]byte, (bytes+page-1)/page)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapping[0])), uintptr(bytes), uintptr(unsafe.Pointer(&each[0])))
	Expect(errno).To(BeZero())
	for _, state := range each {
		pages += int(state & 1)
	}
	return pages
}
