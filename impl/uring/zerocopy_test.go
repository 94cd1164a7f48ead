package uring_test

import (
	"runtime"
	"unsafe"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

var _ = Describe("A zero-copy send", func() {
	content := []byte("some bytes that are to be sent")

	for _, kind := range []struct {
		name string
		kind int
	}{{"TCP", unix.SOCK_STREAM}, {"UDP", unix.SOCK_DGRAM}} {
		for _, way := range []struct {
			op   uring.Op
			send func(fd int, memory []byte, report uint16) uring.SQE
		}{
			{uring.OpSendZC, func(fd int, memory []byte, report uint16) uring.SQE { return uring.SendZC(fd, memory, 0, report) }},
			{uring.OpSendmsgZC, func(fd int, memory []byte, report uint16) uring.SQE {
				return uring.SendmsgZC(fd, message(memory), 0, report)
			}},
		} {
			It("has a result, and then a notification: "+way.op.String()+" over "+kind.name, func() {
				ring := opened(2, way.op)
				send, receive := loopback(kind.kind)
				memory := pinned([]byte(string(content)))

				result := done(ring, way.send(send, memory, 0).With(7))
				Expect(result.Err()).NotTo(HaveOccurred())
				Expect(result).To(Equal(uring.CQE{UserData: 7, Result: int32(len(content)), Flags: uring.CQEMore}))
				Expect(result.More()).To(BeTrue())
				Expect(result.Notif()).To(BeFalse())
				notification := next(ring)
				Expect(notification).To(Equal(uring.CQE{UserData: 7, Flags: uring.CQENotif}))
				Expect(notification.Notif()).To(BeTrue())
				Expect(notification.More()).To(BeFalse())

				// The memory is the sender's again: what it does with it is no more the receiver's.
				clear(memory)
				buffer := make([]byte, 100)
				Expect(unix.Read(receive, buffer)).To(Equal(len(content)))
				Expect(buffer[:len(content)]).To(Equal(content))
			})

			It("reports that loopback has copied, if it is to: "+way.op.String()+" over "+kind.name, func() {
				ring := opened(2, way.op)
				send, _ := loopback(kind.kind)
				result := done(ring, way.send(send, pinned([]byte(string(content))), uring.SendZCReportUsage).With(7))
				if result.Err() == unix.EINVAL {
					Skip("not-checked: this kernel does not report what became of a zero-copy send")
				}
				Expect(result.Result).To(BeEquivalentTo(len(content)))
				notification := next(ring)
				Expect(notification.Copied()).To(BeTrue())
				Expect(notification.Err()).NotTo(HaveOccurred(), "the report looks like an errno, and is none")
			})
		}
	}

	It("has as many completions as its first one says, also when it fails", func() {
		ring := opened(2, uring.OpSendZC)
		result := done(ring, uring.SendZC(-1, nil, 0, 0).With(7))
		Expect(result.Err()).To(Equal(unix.EBADF))
		if result.More() {
			Expect(next(ring)).To(Equal(uring.CQE{UserData: 7, Flags: uring.CQENotif}))
		}
		Expect(done(ring, uring.Nop().With(8))).To(Equal(uring.CQE{UserData: 8}))
	})
})

func message(memory []byte) *unix.Msghdr {
	GinkgoHelper()
	of := &struct {
		header unix.Msghdr
		vector unix.Iovec
	}{}
	of.vector.Base = &memory[0]
	of.vector.SetLen(len(memory))
	of.header.Iov = &of.vector
	of.header.SetIovlen(1)
	var pin runtime.Pinner
	pin.Pin(of)
	DeferCleanup(pin.Unpin)
	return (*unix.Msghdr)(unsafe.Pointer(of))
}

// loopback is a connection over IPv4 loopback.
func loopback(kind int) (send, receive int) {
	GinkgoHelper()
	receive, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	at := func(fd int) unix.Sockaddr {
		address, err := unix.Getsockname(fd)
		Expect(err).NotTo(HaveOccurred())
		return address
	}
	Expect(unix.Bind(receive, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})).To(Succeed())
	if kind == unix.SOCK_STREAM {
		Expect(unix.Listen(receive, 1)).To(Succeed())
	}
	send, err = unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(unix.Close, send)
	Expect(unix.Connect(send, at(receive))).To(Succeed())
	if kind == unix.SOCK_STREAM {
		listener := receive
		receive, _, err = unix.Accept4(listener, unix.SOCK_CLOEXEC)
		Expect(unix.Close(listener)).To(Succeed())
		Expect(err).NotTo(HaveOccurred())
	}
	DeferCleanup(unix.Close, receive)
	return send, receive
}
