package impl_test

import (
	"bytes"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("A file of huge pages", func() {
	for _, m := range between(impl.HugeFile, impl.UnixStream) {
		It("is moved by "+m.Name+" from any offset on", func() {
			source, all := hugeFile()
			for _, r := range []struct{ offset, length, chunk int }{
				{0, 64 << 10, 64 << 10},
				{1, 3 * page, page},
				{len(all)/2 - 5, 2 * page, 1000},
				{len(all)/2 - 5, len(all), 1 << 20},
				{len(all) - 1, page, page},
				{len(all), page, page},
			} {
				sink := sinks[0].open(m)
				owed := all[r.offset:min(r.offset+r.length, len(all))]
				moved, err, arrived := deliver(m, in(transfer(source, len(all), sink, int64(r.offset), int64(r.length)), r.chunk), sink)
				Expect(err).NotTo(HaveOccurred(), "%+v", r)
				Expect(moved).To(BeEquivalentTo(len(owed)), "%+v", r)
				Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%+v: %d bytes arrived, %d were owed", r, len(arrived), len(owed))
			}
		})
	}
})

// hugeFile is a file of two huge pages, and what is in it.
func hugeFile() (source int, all []byte) {
	GinkgoHelper()
	fd, err := unix.MemfdCreate("impl-test-huge", unix.MFD_CLOEXEC|unix.MFD_HUGETLB)
	if err != nil {
		Skip("not-checked: no file of huge pages can be made: " + err.Error())
	}
	DeferCleanup(unix.Close, fd)
	var about unix.Stat_t
	Expect(unix.Fstat(fd, &about)).To(Succeed())
	size := 2 * int(about.Blksize)
	// Without the pages a write to the mapping would be a SIGBUS.
	if err := unix.Fallocate(fd, 0, 0, int64(size)); err != nil {
		Skip("not-checked: there are no two free huge pages: " + err.Error())
	}
	mapping, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	Expect(err).NotTo(HaveOccurred())
	all = content(size)
	copy(mapping, all)
	Expect(unix.Munmap(mapping)).To(Succeed())
	return openFor(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY), all
}
