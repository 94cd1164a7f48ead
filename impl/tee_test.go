package impl_test

import (
	"bytes"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("tee, when its second sink", func() {
	all := content(1 << 20)
	var first, second *pair
	var t *impl.Transfer

	BeforeEach(func() {
		first, second = unixStream(), unixStream()
		t = in(transfer(tempFile(all), len(all), first, 0, int64(len(all))), 64<<10)
		t.Second = second.write
		ready(impl.Tee, t)
	})

	It("is full and non-blocking, waits for it", func() {
		Expect(unix.SetNonblock(second.write, true)).To(Succeed())
		arrived := first.received()
		tid, done := onThread(func() (int64, error) { return impl.Tee.Move(t) })
		awaitBlocked(tid, unix.SYS_PPOLL)
		also := second.received()
		Expect(soon(done, "tee hangs")).To(Equal(outcome{int64(len(all)), nil}))
		first.closeWriter()
		second.closeWriter()
		Expect(bytes.Equal(soon(arrived, "the first sink's end does not arrive"), all)).To(BeTrue())
		Expect(bytes.Equal(soon(also, "the second sink's end does not arrive"), all)).To(BeTrue())
	})

	It("has no reader, ends with EPIPE and the first sink's count", func() {
		second.closeReader()
		moved, err := move(impl.Tee, t)
		Expect(err).To(Equal(unix.EPIPE))
		Expect(queued(first.read)).To(BeEquivalentTo(moved))
		Expect(moved).To(BeNumerically(">", 0))
	})

	It("is not full, but the first is, gives it as much as the first has taken", func() {
		Expect(unix.SetNonblock(first.write, true)).To(Succeed())
		also := second.received()
		moved, err := move(impl.Tee, t)
		Expect(err).To(Equal(unix.EAGAIN))
		second.closeWriter()
		Expect(soon(also, "the second sink's end does not arrive")).To(HaveLen(int(moved)))
		Expect(queued(first.read)).To(BeEquivalentTo(moved))
	})
})
