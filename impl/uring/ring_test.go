package uring_test

import (
	"os"
	"runtime"
	"strings"
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

var _ = Describe("A ring", func() {
	DescribeTable("has room for as many entries as were asked for, up to a power of two", func(asked uint32, room int) {
		ring := opened(asked)
		for range room {
			Expect(ring.Push(uring.Nop())).To(BeTrue())
		}
		Expect(ring.Push(uring.Nop())).To(BeFalse())
		Expect(ring.Waiting()).To(Equal(room))
	},
		Entry("of one", uint32(1), 1),
		Entry("of three", uint32(3), 4),
		Entry("of 128", uint32(128), 128),
	)

	DescribeTable("is refused", func(asked uint32) {
		opened(1)
		_, err := uring.Setup(asked)
		Expect(err).To(Equal(os.NewSyscallError("io_uring_setup", unix.EINVAL)))
	},
		Entry("without entries", uint32(0)),
		Entry("with more than the kernel makes", uint32(32769)),
	)

	It("leaves nothing behind when it is closed", func() {
		opened(1)
		descriptors, mappings := litter()
		ring, err := uring.Setup(64)
		Expect(err).NotTo(HaveOccurred())
		meanwhile, mapped := litter()
		Expect(meanwhile).To(Equal(descriptors + 1))
		Expect(mapped).To(BeNumerically(">", mappings))
		Expect(ring.Close()).To(Succeed())
		after, unmapped := litter()
		Expect(after).To(Equal(descriptors))
		Expect(unmapped).To(Equal(mappings))
		Expect(ring.Close()).To(Succeed(), "once more is nothing")
	})

	It("knows operations, and says which it does not know", func() {
		ring := opened(1)
		known, err := ring.Supports(uring.OpNop)
		if err != nil {
			Expect(err).To(Equal(os.NewSyscallError("io_uring_register", unix.EINVAL)))
			Skip("not-checked: this kernel cannot tell which operations it knows")
		}
		Expect(known).To(BeTrue())
		Expect(ring.Supports(uring.Op(255))).To(BeFalse())
		Expect(done(ring, uring.SQE{Op: 255}).Err()).To(Equal(unix.EINVAL))
	})

	It("names its operations", func() {
		Expect(uring.OpSendZC.String()).To(Equal("IORING_OP_SEND_ZC"))
		Expect(uring.Op(255).String()).To(Equal("IORING_OP_255"))
	})

	DescribeTable("that is forbidden says by which call, and how", func(call uintptr, errno unix.Errno, name string) {
		opened(1)
		why := underFilter(call, errno, func() error {
			ring, err := uring.Setup(1)
			if err != nil {
				return err
			}
			defer ring.Close()
			ring.Push(uring.Nop())
			_, err = ring.Enter(0)
			return err
		})
		Expect(why).To(Equal(os.NewSyscallError(name, errno)))
	},
		Entry("as by the sysctl", uintptr(unix.SYS_IO_URING_SETUP), unix.EPERM, "io_uring_setup"),
		Entry("as by a kernel without it", uintptr(unix.SYS_IO_URING_SETUP), unix.ENOSYS, "io_uring_setup"),
		Entry("as by a filter that lets it be set up", uintptr(unix.SYS_IO_URING_ENTER), unix.EPERM, "io_uring_enter"),
	)
})

// litter counts what a ring takes up in this process: descriptors and mappings.
func litter() (descriptors, mappings int) {
	GinkgoHelper()
	entries, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	for _, entry := range entries {
		if of, _ := os.Readlink("/proc/self/fd/" + entry.Name()); of == "anon_inode:[io_uring]" {
			descriptors++
		}
	}
	text, err := os.ReadFile("/proc/self/maps")
	Expect(err).NotTo(HaveOccurred())
	return descriptors, strings.Count(string(text), "anon_inode:[io_uring]")
}

// underFilter does some work on a thread to which a seccomp(2) filter refuses a call with that errno, and which ends
// with it.
func underFilter(call uintptr, errno unix.Errno, work func() error) error {
	GinkgoHelper()
	set, result := make(chan error, 1), make(chan error, 1)
	go func() {
		// A filter is for good: the thread is not unlocked, so that it ends with the goroutine.
		runtime.LockOSThread()
		err := filter(call, errno)
		set <- err
		if err == nil {
			result <- work()
		}
	}()
	if err := <-set; err != nil {
		Skip("not-checked: a filter is refused: " + err.Error())
	}
	var why error
	Eventually(result).WithTimeout(patience).Should(Receive(&why))
	return why
}

func filter(call uintptr, errno unix.Errno) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the call's number
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(call), Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	with := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&with)), 0, 0)
	return os.NewSyscallError("prctl", err)
}
