package impl_test

import (
	"errors"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// What it has in common with zerocopy-send is specified there.
var _ = Describe("uring-send-zc", func() {
	It("names the call that is refused, and the operation that is not known", func() {
		t := transfer(memfd(nil), 0, overTCP(0), 0, 1)
		release, err := impl.UringSendZC.Prepare(t)
		switch {
		case err == nil:
			Expect(release()).To(Succeed())
		case errors.Is(err, unix.EINVAL):
			Expect(err).To(Equal(os.NewSyscallError("IORING_OP_SEND_ZC", unix.EINVAL)))
		default:
			Expect(err).To(Or(Equal(os.NewSyscallError("io_uring_setup", unix.ENOSYS)), Equal(os.NewSyscallError("io_uring_setup", unix.EPERM))))
		}
	})
})
