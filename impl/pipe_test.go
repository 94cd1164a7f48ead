package impl_test

import (
	"os"
	"slices"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("A pipe that a method keeps", func() {
	for _, m := range []impl.Method{impl.Splice, impl.Tee, impl.Vmsplice, impl.VmspliceGift} {
		It("has room for a chunk that begins in the middle of a page: "+m.Name, func() {
			sink, chunk := sinks[0].open(m), 40*page
			t := in(transfer(tempFile(content(page)), page, sink, 1, 10), chunk)
			before := pipes()
			ready(m, t)
			made := slices.DeleteFunc(pipes(), func(fd int) bool { return slices.Contains(before, fd) })
			Expect(made).NotTo(BeEmpty())
			for _, fd := range made {
				capacity, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
				Expect(err).NotTo(HaveOccurred())
				if capacity >= chunk+page {
					continue
				}
				_, err = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, chunk+page)
				Expect(err).To(Equal(unix.EPERM), "a pipe of %d bytes could have been larger", capacity)
				Skip("not-checked: this user may not have larger pipes (pipe-user-pages-soft)")
			}
		})
	}
})

// pipes are this process's descriptors of pipes.
func pipes() (all []int) {
	GinkgoHelper()
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		Expect(err).NotTo(HaveOccurred())
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0); err == nil {
			all = append(all, fd)
		}
	}
	return all
}
