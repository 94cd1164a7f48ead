package uring_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

var _ = Describe("Entries and completions", func() {
	It("come out as they went in, one by one, each with its user data", func() {
		ring := opened(8)
		for n := range uint64(5) {
			Expect(ring.Push(uring.Nop().With(1<<40 + n))).To(BeTrue())
		}
		Expect(ring.Waiting()).To(Equal(5))
		Expect(ring.Enter(5)).To(Equal(5))
		Expect(ring.Waiting()).To(BeZero())
		for n := range uint64(5) {
			taken, there := ring.Next()
			Expect(there).To(BeTrue())
			Expect(taken).To(Equal(uring.CQE{UserData: 1<<40 + n}))
		}
		_, there := ring.Next()
		Expect(there).To(BeFalse())
	})

	It("go round the ring as often as they are many", func() {
		ring := opened(4)
		for n := range uint64(1000) {
			handIn(ring, uring.Nop().With(3*n), uring.Nop().With(3*n+1), uring.Nop().With(3*n+2))
			for k := range uint64(3) {
				Expect(next(ring).UserData).To(Equal(3*n + k))
			}
		}
		Expect(ring.Lost()).To(BeZero())
	})

	It("that find no room come after the next Enter", func() {
		ring := opened(1)
		for n := range uint64(3) {
			handIn(ring, uring.Nop().With(n))
		}
		for n := range uint64(2) {
			taken, there := ring.Next()
			Expect(there).To(BeTrue())
			Expect(taken.UserData).To(Equal(n))
		}
		_, there := ring.Next()
		Expect(there).To(BeFalse())
		Expect(ring.Enter(0)).To(BeZero())
		Expect(next(ring).UserData).To(BeEquivalentTo(2))
		Expect(ring.Lost()).To(BeZero())
	})

	It("can be taken back before they are handed in", func() {
		ring := opened(4)
		Expect(ring.Push(uring.Nop().With(1))).To(BeTrue())
		Expect(ring.Push(uring.Nop().With(2))).To(BeTrue())
		Expect(ring.Forget()).To(Equal(2))
		Expect(ring.Waiting()).To(BeZero())
		Expect(done(ring, uring.Nop().With(3)).UserData).To(BeEquivalentTo(3))
	})

	It("behind one that the kernel refuses stay where they are", func() {
		ring := opened(4)
		for _, entry := range []uring.SQE{{Op: 255, UserData: 1}, uring.Nop().With(2), uring.Nop().With(3)} {
			Expect(ring.Push(entry)).To(BeTrue())
		}
		Expect(ring.Enter(3)).To(Equal(1))
		Expect(next(ring)).To(Equal(uring.CQE{UserData: 1, Result: -int32(unix.EINVAL)}))
		Expect(ring.Forget()).To(Equal(2))
		_, there := ring.Next()
		Expect(there).To(BeFalse())
	})

	It("that are linked end with the first that fails", func() {
		ring := opened(4)
		handIn(ring, uring.Nop().Linked().With(1), uring.Read(temp(nil), pinned(make([]byte, 1)), 0).Linked().With(2), uring.Nop().With(3))
		Expect(next(ring)).To(Equal(uring.CQE{UserData: 1}))
		Expect(next(ring)).To(Equal(uring.CQE{UserData: 2}), "a short count")
		last := next(ring)
		Expect(last).To(Equal(uring.CQE{UserData: 3, Result: -int32(unix.ECANCELED)}))
		Expect(last.Err()).To(Equal(unix.ECANCELED))
	})

	It("are told of by poll(2)", func() {
		ring := opened(1)
		Expect(ring.Poll(0)).To(BeFalse())
		handIn(ring, uring.Nop())
		Expect(ring.Poll(patience)).To(BeTrue())
		next(ring)
		Expect(ring.Poll(0)).To(BeFalse())
	})

	It("are waited for by Do", func() {
		ring := opened(1)
		Expect(ring.Do(uring.Nop().With(7))).To(Equal(uring.CQE{UserData: 7}))
	})

	It("are under way until what they wait for happens", func() {
		ring := opened(1)
		read, write := pipe()
		handIn(ring, uring.PollAdd(read, unix.POLLIN).With(7))
		_, there := ring.Next()
		Expect(there).To(BeFalse())
		Expect(unix.Write(write, []byte{0})).To(Equal(1))
		Expect(next(ring)).To(Equal(uring.CQE{UserData: 7, Result: unix.POLLIN}))
	})
})
