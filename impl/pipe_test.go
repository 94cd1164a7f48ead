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

var _ = Describe("A chunk that comes through a pipe", func() {
	for _, m := range between(impl.File, impl.UnixMessages) {
		if m.Claim.Calls["splice"] == 0 {
			continue
		}
		for _, c := range []struct {
			name   string
			offset int
			// together is what it comes as where 16 pages are a message, else one is where each page is.
			together []int
		}{
			{"that is 16 pages", 0, []int{16 * page}},
			{"that is in 17 pages", 1, []int{16*page - 1, 1}},
		} {
			It(c.name+" is as many messages as the kernel makes of it: "+m.Name, func() {
				all := content(17 * page)
				sink := kinds[0].open(m)
				Expect(run(m, transfer(tempFile(all), len(all), sink, int64(c.offset), int64(16*page)))).To(BeEquivalentTo(16 * page))
				apart := slices.Repeat([]int{page}, 16)
				if c.offset > 0 {
					apart[0] -= c.offset
					apart = append(apart, c.offset)
				}
				sink.closeWriter()
				Expect(lengths(sink.read)).To(Or(Equal(c.together), Equal(apart)))
			})
		}
	}
})

// lengths reads messages to their end, and says how long each is.
func lengths(fd int) (all []int) {
	GinkgoHelper()
	buffer := make([]byte, 32*page)
	for {
		n, err := unix.Read(fd, buffer)
		Expect(err).NotTo(HaveOccurred())
		if n == 0 {
			return all
		}
		all = append(all, n)
	}
}

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
