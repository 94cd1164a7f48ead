package uring_test

import (
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

var _ = Describe("An entry", func() {
	content := []byte("some bytes that are to be moved")
	n := int32(len(content))

	It("is as large as the kernel has it, and so is a completion", func() {
		Expect(unsafe.Sizeof(uring.SQE{})).To(BeEquivalentTo(64))
		Expect(unsafe.Sizeof(uring.CQE{})).To(BeEquivalentTo(16))
	})

	It("reads at an offset, and at the position", func() {
		ring, file := opened(1, uring.OpRead), temp(content)
		buffer := pinned(make([]byte, 100))
		Expect(done(ring, uring.Read(file, buffer, 5)).Result).To(Equal(n - 5))
		Expect(buffer[:n-5]).To(Equal(content[5:]))
		Expect(unix.Seek(file, 7, unix.SEEK_SET)).To(BeEquivalentTo(7))
		Expect(done(ring, uring.Read(file, buffer[:4], uring.Position)).Result).To(BeEquivalentTo(4))
		Expect(buffer[:4]).To(Equal(content[7:11]))
		Expect(unix.Seek(file, 0, unix.SEEK_CUR)).To(BeEquivalentTo(11))
	})

	It("writes at an offset", func() {
		ring, file := opened(1, uring.OpWrite), temp(content)
		Expect(done(ring, uring.Write(file, pinned([]byte("THE")), 5)).Result).To(BeEquivalentTo(3))
		buffer := make([]byte, 100)
		Expect(unix.Pread(file, buffer, 0)).To(BeEquivalentTo(n))
		Expect(string(buffer[:n])).To(Equal("some THEes that are to be moved"))
	})

	It("splices a file into a pipe, from an offset", func() {
		ring, file := opened(1, uring.OpSplice), temp(content)
		read, write := pipe()
		Expect(done(ring, uring.Splice(file, 5, write, uring.Position, 100, 0)).Result).To(Equal(n - 5))
		buffer := make([]byte, 100)
		Expect(unix.Read(read, buffer)).To(BeEquivalentTo(n - 5))
		Expect(buffer[:n-5]).To(Equal(content[5:]))
		Expect(unix.Seek(file, 0, unix.SEEK_CUR)).To(BeZero())
	})

	It("tees a pipe into another, and leaves the first as it is", func() {
		ring := opened(1, uring.OpTee)
		read, write := pipe()
		copyRead, copyWrite := pipe()
		Expect(unix.Write(write, content)).To(BeEquivalentTo(n))
		Expect(done(ring, uring.Tee(read, copyWrite, 100, 0)).Result).To(Equal(n))
		for _, end := range []int{read, copyRead} {
			buffer := make([]byte, 100)
			Expect(unix.Read(end, buffer)).To(BeEquivalentTo(n))
			Expect(buffer[:n]).To(Equal(content))
		}
	})

	It("sends", func() {
		ring := opened(1, uring.OpSend)
		ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(unix.Close, ends[0])
		DeferCleanup(unix.Close, ends[1])
		Expect(done(ring, uring.Send(ends[0], pinned(content), 0)).Result).To(Equal(n))
		buffer := make([]byte, 100)
		Expect(unix.Read(ends[1], buffer)).To(BeEquivalentTo(n))
		Expect(buffer[:n]).To(Equal(content))
	})

	It("that cannot be done gives the call's errno", func() {
		ring, file := opened(1, uring.OpSplice), temp(content)
		Expect(done(ring, uring.Splice(file, 0, file, 0, 100, 0)).Err()).To(Equal(unix.EINVAL), "neither is a pipe")
		Expect(done(ring, uring.Read(-1, nil, 0)).Err()).To(Equal(unix.EBADF))
	})
})
