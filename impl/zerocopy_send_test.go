package impl_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// lenders are the methods that have a socket queue the pages of a mapping, and the calls in which they wait for room.
var lenders = []struct {
	impl.Method
	// waitsIn are the calls in which it waits for its reader.
	waitsIn []int
	// tooLarge is what is said of a chunk that may never be locked whole.
	tooLarge unix.Errno
}{
	{impl.ZerocopySend, []int{unix.SYS_SENDMSG, unix.SYS_PPOLL}, unix.ENOBUFS},
	{impl.UringSendZC, []int{unix.SYS_IO_URING_ENTER, unix.SYS_PPOLL}, unix.ENOMEM},
}

var _ = Describe("A zero-copy send", func() {
	all := content(20*page + 123)

	for _, m := range lenders {
		Describe("by "+m.Name, func() {
			for _, r := range []struct {
				name                  string
				offset, length, chunk int
			}{
				{"the whole source in one chunk", 0, len(all), len(all)},
				{"the whole source in chunks of a page", 0, len(all), page},
				{"the whole source in chunks of no round size", 0, len(all), 1000},
				{"a range that begins and ends within pages", page - 7, 3*page + 20, page},
				{"a few bytes one by one", page - 3, 7, 1},
				{"what there is of a range that ends past the source", 5, 2 * len(all), page},
				{"nothing of a range that begins past the source", len(all) + page, page, page},
				{"nothing of no bytes", 77, 0, page},
			} {
				It("delivers "+r.name+" over TCP", func() {
					sink := overTCP(0)
					t := in(transfer(memfd(all), len(all), sink, int64(r.offset), int64(r.length)), r.chunk)
					owed := all[min(r.offset, len(all)):min(r.offset+r.length, len(all))]
					moved, err, arrived := delivered(m.Method, t, sink)
					Expect(err).NotTo(HaveOccurred())
					Expect(moved).To(BeEquivalentTo(len(owed)))
					Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
				})
			}

			It("delivers a source that is larger than any buffer, of which nobody knows the size", func() {
				all := content(6<<20 + 13)
				sink := overTCP(0)
				moved, err, arrived := delivered(m.Method, in(transfer(tempFile(all), -1, sink, 5, int64(2*len(all))), 64<<10), sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(all) - 5))
				Expect(bytes.Equal(arrived, all[5:])).To(BeTrue())
			})

			It("sends a datagram for each chunk over UDP", func() {
				sink := overUDP()
				length := 3*page + 7
				moved, err := move(m.Method, readied(m.Method, in(transfer(memfd(all), len(all), sink, 9, int64(length)), page)))
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(length))
				for at := 9; at < 9+length; at += page {
					Expect(readUpTo(sink.read, 2*page)).To(Equal(all[at:min(at+page, 9+length)]))
				}
			})

			It("tells of each chunk whether it was copied: on loopback it is", func() {
				t := readied(m.Method, in(transfer(memfd(all), len(all), overTCP(0), 0, int64(5*page)), page))
				_, err := move(m.Method, t)
				Expect(err).NotTo(HaveOccurred())
				said, known := t.Completions()
				if !known {
					Skip("not-checked: this kernel does not report what became of a zero-copy send")
				}
				Expect(said).To(Equal(impl.Completions{Copied: 5}))
			})

			It("has let go of the source when it returns: what is written to that then reaches nobody", func() {
				source, sink := memfd(all), overTCP(0)
				_, err := move(m.Method, readied(m.Method, in(transfer(source, len(all), sink, 0, int64(8*page)), 4*page)))
				Expect(err).NotTo(HaveOccurred())
				scribble(source, 8*page)
				sink.end()
				Expect(bytes.Equal(soon(sink.received(), "the sink's end does not arrive"), all[:8*page])).To(BeTrue())
			})

			It("waits until the kernel has let go of the pages, and has them mapped until then", func() {
				sink := overTCP(0)
				stuffed := stuff(sink)
				t := readied(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(3*page)), page))
				tid, done := onThread(func() (int64, error) { return m.Move(t) })
				awaitBlocked(tid, unix.SYS_PPOLL)
				Expect(mapped()).NotTo(BeEmpty())
				rest := sink.received()
				Expect(soon(done, m.Name+" hangs")).To(Equal(outcome{int64(3 * page), nil}))
				Expect(mapped()).To(BeEmpty())
				sink.end()
				arrived := soon(rest, "the sink's end does not arrive")
				Expect(bytes.Equal(arrived[stuffed:], all[:3*page])).To(BeTrue())
			})

			It("ends with EAGAIN at a non-blocking sink that is full, and goes on from there", func() {
				all := content(3<<20 + 13)
				source, sink := tempFile(all), overTCP(0)
				Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
				var arrived []byte
				taken, full := 0, 0
				for taken < len(all) {
					t := in(transfer(source, len(all), sink, int64(taken), int64(len(all)-taken)), 10000)
					release := prepared(m.Method, t)
					moved, err := move(m.Method, t)
					Expect(release()).To(Succeed())
					taken += int(moved)
					if err != nil {
						Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
						full++
						arrived = append(arrived, readUpTo(sink.read, 1<<20)...)
					}
				}
				Expect(full).To(BeNumerically(">", 2), "rounds")
				sink.end()
				arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
				Expect(bytes.Equal(arrived, all)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(all))
			})

			It("goes on in the same transfer, too", func() {
				all := content(3<<20 + 13)
				sink := overTCP(0)
				Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
				t := readied(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(len(all))), 64<<10))
				var arrived []byte
				for t.Length > 0 {
					moved, err := move(m.Method, t)
					t.Offset, t.Length = t.Offset+moved, t.Length-moved
					if err != nil {
						Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
						Expect(mapped()).To(BeEmpty())
						arrived = append(arrived, readUpTo(sink.read, 1<<20)...)
					}
				}
				sink.end()
				arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
				Expect(bytes.Equal(arrived, all)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(all))
			})

			It("that is interrupted by signals loses and repeats nothing", func() {
				interrupt := interrupter()
				all := content(3<<20 + 13)
				sink := overTCP(0)
				withTimeout(sink.write, unix.SO_SNDTIMEO)
				t := readied(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(len(all))), 1<<20))
				tid, done := onThread(func() (int64, error) { return m.Move(t) })
				for range 4 {
					awaitAnyOf(tid, m.waitsIn)
					interrupt(tid)
				}
				rest := sink.received()
				Expect(soon(done, m.Name+" hangs")).To(Equal(outcome{int64(len(all)), nil}))
				sink.end()
				Expect(bytes.Equal(soon(rest, "the sink's end does not arrive"), all)).To(BeTrue())
			})

			It("to a reader that leaves ends with an error, and a count of no more than was sent", func() {
				all := content(12 << 20)
				sink := overTCP(0)
				t := readied(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(len(all))), 64<<10))
				tid, done := onThread(func() (int64, error) { return m.Move(t) })
				awaitAnyOf(tid, m.waitsIn)
				sink.closeReader()
				o := soon(done, m.Name+" hangs")
				Expect(o.err).To(Or(Equal(unix.EPIPE), Equal(unix.ECONNRESET)))
				Expect(o.moved).To(BeNumerically("<", len(all)))
				Expect(mapped()).To(BeEmpty())
			})

			DescribeTable("leaves nothing mapped", func(prepare func(*impl.Transfer, *pair), ends error) {
				sink := overTCP(0)
				t := in(transfer(memfd(all), len(all), sink, 3, int64(len(all))), 2*page)
				prepare(t, sink)
				_, err := move(m.Method, readied(m.Method, t))
				if ends == nil {
					Expect(err).NotTo(HaveOccurred())
				} else {
					Expect(err == ends).To(BeTrue(), "%v", err)
				}
				Expect(mapped()).To(BeEmpty())
			},
				Entry("when it is done", func(*impl.Transfer, *pair) {}, nil),
				Entry("when the sink was shut down", func(_ *impl.Transfer, sink *pair) {
					Expect(unix.Shutdown(sink.write, unix.SHUT_WR)).To(Succeed())
				}, unix.EPIPE),
				Entry("when the source was cut short behind its back", func(t *impl.Transfer, _ *pair) {
					t.Offset, t.SourceBytes = 30*int64(page), 50*int64(page)
				}, unix.EFAULT),
			)

			It("into a socket that gathers a datagram does not wait for it to be sent", func() {
				sink := overUDP()
				Expect(unix.SetsockoptInt(sink.write, unix.IPPROTO_UDP, unix.UDP_CORK, 1)).To(Succeed())
				moved, err := move(m.Method, readied(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(2*page)), page)))
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(2 * page))
				Expect(mapped()).To(BeEmpty())
				Expect(unix.SetsockoptInt(sink.write, unix.IPPROTO_UDP, unix.UDP_CORK, 0)).To(Succeed())
				Expect(readUpTo(sink.read, 3*page)).To(Equal(all[:2*page]))
			})

			It("waits for room where more may not be locked, and says so of a chunk that may never be", func() {
				lockable(40 * page)
				all := content(3<<20 + 13)
				sink := overTCP(0)
				tid, done := onPoorThread(m.Method, in(transfer(memfd(all), len(all), sink, 0, int64(len(all))), 16*page))
				awaitAnyOf(tid, m.waitsIn)
				rest := sink.received()
				Expect(soon(done, m.Name+" hangs")).To(Equal(outcome{int64(len(all)), nil}))
				sink.end()
				Expect(bytes.Equal(soon(rest, "the sink's end does not arrive"), all)).To(BeTrue())

				_, done = onPoorThread(m.Method, in(transfer(memfd(all), len(all), overTCP(0), 0, int64(len(all))), 64*page))
				o := soon(done, m.Name+" hangs")
				Expect(o.err).To(MatchError(m.tooLarge))
				Expect(o.moved).To(BeZero())
			})
		})
	}
})

var _ = Describe("zerocopy-send", func() {
	all := content(3 * page)

	It("gives the socket back as it was", func() {
		for _, before := range []int{0, 1} {
			sink := overTCP(0)
			Expect(unix.SetsockoptInt(sink.write, unix.SOL_SOCKET, unix.SO_ZEROCOPY, before)).To(Succeed())
			release, err := impl.ZerocopySend.Prepare(transfer(memfd(all), len(all), sink, 0, 1))
			Expect(err).NotTo(HaveOccurred())
			Expect(unix.GetsockoptInt(sink.write, unix.SOL_SOCKET, unix.SO_ZEROCOPY)).To(Equal(1))
			Expect(release()).To(Succeed())
			Expect(unix.GetsockoptInt(sink.write, unix.SOL_SOCKET, unix.SO_ZEROCOPY)).To(Equal(before))
		}
	})

	It("names the call that refuses it a socket of another kind", func() {
		_, err := impl.ZerocopySend.Prepare(transfer(memfd(all), len(all), unixStream(), 0, 1))
		// Older kernels say a number that is their own.
		Expect(err).To(Or(Equal(os.NewSyscallError("setsockopt", unix.EOPNOTSUPP)), Equal(os.NewSyscallError("setsockopt", unix.Errno(524)))))
	})

	It("does not take what else is on the error queue for a completion", func() {
		// An error that ICMP has brought: nobody is there.
		sink := overUDP()
		Expect(unix.SetsockoptInt(sink.write, unix.IPPROTO_IP, unix.IP_RECVERR, 1)).To(Succeed())
		nobody := overUDP()
		address, err := unix.Getsockname(nobody.read)
		Expect(err).NotTo(HaveOccurred())
		reader, err := unix.Getpeername(sink.write)
		Expect(err).NotTo(HaveOccurred())
		nobody.closeReader()
		Expect(unix.Connect(sink.write, address)).To(Succeed())
		Expect(unix.Write(sink.write, []byte{0})).To(Equal(1))
		told := []unix.PollFd{{Fd: int32(sink.write)}}
		Eventually(func() (int, error) { return unix.Poll(told, 0) }).WithTimeout(patience).Should(Equal(1))
		// The socket forgets the error itself; the queue keeps what it holds.
		Expect(unix.GetsockoptInt(sink.write, unix.SOL_SOCKET, unix.SO_ERROR)).To(BeEquivalentTo(unix.ECONNREFUSED))
		Expect(unix.Connect(sink.write, reader)).To(Succeed())

		t := readied(impl.ZerocopySend, in(transfer(memfd(all), len(all), sink, 0, int64(len(all))), page))
		Expect(move(impl.ZerocopySend, t)).To(BeEquivalentTo(len(all)))
		said, _ := t.Completions()
		Expect(said).To(Equal(impl.Completions{Copied: 3}))
	})

	It("is one of the few transfers of which the kernel says something", func() {
		t := transfer(memfd(all), len(all), unixStream(), 0, 1)
		_, known := t.Completions()
		Expect(known).To(BeFalse())
	})
})

// delivered is deliver of a transfer that the method prepares and releases, while the sink is open.
func delivered(m impl.Method, t *impl.Transfer, p *pair) (moved int64, err error, arrived []byte) {
	GinkgoHelper()
	release := prepared(m, t)
	all := p.received()
	moved, err = move(m, t)
	Expect(release()).To(Succeed())
	p.closeWriter()
	return moved, err, soon(all, "the sink's end does not arrive")
}

// end ends a stream, whose writer stays open for what is to be released.
func (p *pair) end() {
	GinkgoHelper()
	Expect(unix.Shutdown(p.write, unix.SHUT_WR)).To(Succeed())
}

// readied has the method prepare a transfer for the running spec, and release it afterwards.
func readied(m impl.Method, t *impl.Transfer) *impl.Transfer {
	GinkgoHelper()
	DeferCleanup(prepared(m, t))
	return t
}

// prepared has the method prepare a transfer. A ring that this machine does not allow, or an operation that its kernel
// does not know, is not the method's fault.
func prepared(m impl.Method, t *impl.Transfer) (release func() error) {
	GinkgoHelper()
	if m.Prepare == nil {
		return func() error { return nil }
	}
	release, err := m.Prepare(t)
	for _, lack := range []error{
		os.NewSyscallError("io_uring_setup", unix.ENOSYS), os.NewSyscallError("io_uring_setup", unix.EPERM),
		os.NewSyscallError("IORING_OP_SEND_ZC", unix.EINVAL), os.NewSyscallError("IORING_OP_SPLICE", unix.EINVAL),
	} {
		if err != nil && err.Error() == lack.Error() {
			Skip("not-checked: " + err.Error())
		}
	}
	Expect(err).NotTo(HaveOccurred())
	if release == nil {
		release = func() error { return nil }
	}
	var limit unix.Rlimit
	Expect(unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit)).To(Succeed())
	if _, lends := t.Completions(); lends && unix.Geteuid() != 0 && limit.Cur < 8<<20 {
		Skip(fmt.Sprintf("not-checked: %d bytes of memory may be locked (RLIMIT_MEMLOCK)", limit.Cur))
	}
	return release
}

// overTCP is a connection over loopback whose segments have so many bytes; 0: as many as they have by default.
func overTCP(segment int) *pair {
	GinkgoHelper()
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	defer unix.Close(listener)
	write, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	for _, fd := range []int{listener, write} {
		if segment > 0 {
			Expect(unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_MAXSEG, segment)).To(Succeed())
		}
		// What fits into it is bounded, so that a full sink does not take many megabytes.
		for _, buffer := range []int{unix.SO_RCVBUF, unix.SO_SNDBUF} {
			Expect(unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, 200<<10)).To(Succeed())
		}
	}
	Expect(unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})).To(Succeed())
	Expect(unix.Listen(listener, 1)).To(Succeed())
	at, err := unix.Getsockname(listener)
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.Connect(write, at)).To(Succeed())
	read, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
	return closedWithSpec([2]int{write, read}, err)
}

// stuff fills a connection so that nothing that is written to it is sent before it is read, and says with how many bytes;
// then it makes room for some more in the sending half.
func stuff(p *pair) (filled int) {
	GinkgoHelper()
	Expect(unix.SetsockoptInt(p.write, unix.SOL_SOCKET, unix.SO_SNDBUF, 100<<10)).To(Succeed())
	Expect(unix.SetNonblock(p.write, true)).To(Succeed())
	Eventually(func() bool {
		for {
			n, err := unix.Write(p.write, make([]byte, 10000))
			if err != nil {
				break
			}
			filled += n
		}
		// Nothing is on its way, and more is unsent than the reader could still be told to have room for.
		sent, err := unix.IoctlGetInt(p.write, unix.TIOCOUTQ)
		Expect(err).NotTo(HaveOccurred())
		unsent, err := unix.IoctlGetInt(p.write, siocOutqNSD)
		Expect(err).NotTo(HaveOccurred())
		return sent == unsent && unsent > 64<<10
	}).WithTimeout(patience).WithPolling(time.Millisecond).Should(BeTrue(), "the connection does not fill up")
	Expect(unix.SetNonblock(p.write, false)).To(Succeed())
	Expect(unix.SetsockoptInt(p.write, unix.SOL_SOCKET, unix.SO_SNDBUF, 200<<10)).To(Succeed())
	return filled
}

// siocOutqNSD is SIOCOUTQNSD: how many bytes were never sent (tcp(7)).
const siocOutqNSD = 0x894b

// overUDP are two sockets over loopback, connected to each other.
func overUDP() *pair {
	GinkgoHelper()
	read, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.Bind(read, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})).To(Succeed())
	at, err := unix.Getsockname(read)
	Expect(err).NotTo(HaveOccurred())
	write, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	return closedWithSpec([2]int{write, read}, unix.Connect(write, at))
}

// scribble overwrites the beginning of a source, of which the caller has a descriptor for reading.
func scribble(source, length int) {
	GinkgoHelper()
	file, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", source), os.O_WRONLY, 0)
	Expect(err).NotTo(HaveOccurred())
	defer file.Close()
	_, err = io.CopyN(file, rand.NewChaCha8([32]byte{'o', 't', 'h', 'e', 'r'}), int64(length))
	Expect(err).NotTo(HaveOccurred())
}

// interrupter is what has a signal handled on a thread, and waits until it was.
func interrupter() func(tid int) {
	GinkgoHelper()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGUSR2)
	DeferCleanup(signal.Stop, signals)
	return func(tid int) {
		GinkgoHelper()
		Expect(unix.Tgkill(os.Getpid(), tid, unix.SIGUSR2)).To(Succeed())
		soon(signals, "the signal is not handled")
	}
}

// awaitAnyOf waits until a thread sleeps in one of those system calls.
func awaitAnyOf(tid int, calls []int) {
	GinkgoHelper()
	if _, err := os.ReadFile("/proc/thread-self/syscall"); err != nil {
		Skip("not-checked: where a thread is blocked cannot be seen: " + err.Error())
	}
	path := fmt.Sprintf("/proc/self/task/%d/syscall", tid)
	Eventually(func() (int, error) {
		text, err := os.ReadFile(path)
		number, _, _ := strings.Cut(string(text), " ")
		call, failed := strconv.Atoi(number)
		if failed != nil {
			// It runs.
			call = -1
		}
		return call, err
	}).WithTimeout(patience).WithPolling(time.Millisecond).Should(BeElementOf(calls))
}

// lockable limits the memory that may be locked for the running spec, which does its work on a thread that the limit
// binds: see onPoorThread.
func lockable(length int) {
	GinkgoHelper()
	if unix.Geteuid() != 0 {
		Skip("not-checked: locked memory is counted by user, and only root can be one of whom no other process has any locked")
	}
	var before unix.Rlimit
	Expect(unix.Getrlimit(unix.RLIMIT_MEMLOCK, &before)).To(Succeed())
	limit := unix.Rlimit{Cur: uint64(length), Max: max(before.Max, uint64(length))}
	Expect(unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit)).To(Succeed())
	DeferCleanup(func() {
		Expect(unix.Setrlimit(unix.RLIMIT_MEMLOCK, &before)).To(Succeed())
		// A process of which a thread has become somebody else is none that others may look into.
		Expect(unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)).To(Succeed())
	})
}

// onPoorThread has the method do a transfer, all of it, on a thread of a user of its own, without capabilities.
func onPoorThread(m impl.Method, t *impl.Transfer) (tid int, done <-chan outcome) {
	GinkgoHelper()
	// Root asks first what is not there for anybody.
	readied(m, transfer(t.Source, 0, &pair{write: t.Sink}, 0, 1))
	user := uintptr(100000 + rand.IntN(1<<30))
	return onThread(func() (moved int64, err error) {
		// By a raw call, so that it is this thread alone that changes: it ends with the work.
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, user, user, user); errno != 0 {
			return 0, os.NewSyscallError("setresuid", errno)
		}
		release, err := m.Prepare(t)
		if err != nil {
			return 0, err
		}
		moved, err = m.Move(t)
		return moved, errors.Join(err, release())
	})
}
