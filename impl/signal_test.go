package impl_test

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// Go installs its handlers with SA_RESTART, so the kernel itself goes on with most calls after a signal. Calls on
// a socket with a timeout are among those that end with EINTR nevertheless (signal(7)).
var _ = Describe("A signal", func() {
	var signals chan os.Signal

	BeforeEach(func() {
		signals = make(chan os.Signal, 1)
		signal.Notify(signals, unix.SIGUSR2)
		DeferCleanup(signal.Stop, signals)
	})

	// interrupt waits until a thread is blocked in a call, and has a signal handled there.
	interrupt := func(tid, call int) {
		GinkgoHelper()
		awaitBlocked(tid, call)
		Expect(unix.Tgkill(os.Getpid(), tid, unix.SIGUSR2)).To(Succeed())
		soon(signals, "the signal is not handled")
	}

	for _, b := range blocking {
		call := b.number
		It("interrupts a raw call of "+b.name+": else the specs of those who make it show nothing", func() {
			sink := unixStream()
			withTimeout(sink.write, unix.SO_SNDTIMEO)
			Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
			fill(sink)
			Expect(unix.SetNonblock(sink.write, false)).To(Succeed())
			data, filled := content(page), pipe()
			source := tempFile(data)
			Expect(unix.Write(filled.write, data)).To(Equal(page))
			tid, done := onThread(func() (int64, error) {
				var n int
				var err error
				switch call {
				case unix.SYS_WRITE:
					n, err = unix.Write(sink.write, data)
				case unix.SYS_WRITEV:
					n, err = unix.Writev(sink.write, [][]byte{data})
				case unix.SYS_SENDFILE:
					n, err = unix.Sendfile(sink.write, source, nil, page)
				case unix.SYS_SPLICE:
					return unix.Splice(filled.read, nil, sink.write, nil, page, 0)
				}
				return int64(n), err
			})
			interrupt(tid, call)
			Expect(soon(done, "the call is not interrupted")).To(Equal(outcome{-1, unix.EINTR}))
		})
	}

	for _, m := range between(impl.File, impl.UnixStream) {
		call, ok := blockedIn(m)
		if !ok {
			continue
		}
		It("to a thread blocked in "+m.Name+" loses and repeats nothing", func() {
			all := content(1<<20 + 13)
			source, sink := tempFile(all), sinks[0].open(m)
			withTimeout(sink.write, unix.SO_SNDTIMEO)
			t := in(transfer(source, len(all), sink, 0, int64(len(all))), 64<<10)
			release := ready(m, t)
			tid, done := onThread(func() (int64, error) { return m.Move(t) })
			// The first ends a call that has moved some bytes with a short count, those after it find none.
			for range 4 {
				interrupt(tid, call)
			}
			awaitBlocked(tid, call)
			arrived := readUpTo(sink.read, 70001)
			interrupt(tid, call)
			rest := sink.received()
			Expect(soon(done, m.Name+" hangs")).To(Equal(outcome{int64(len(all)), nil}))
			release()
			sink.closeWriter()
			arrived = append(arrived, soon(rest, "the sink's end does not arrive")...)
			Expect(bytes.Equal(arrived, all)).To(BeTrue())
			sink.sameInSecond(all)
		})
	}

	It("to a thread that waits for its source loses nothing", func() {
		source, sink := unixStream(), unixStream()
		withTimeout(source.read, unix.SO_RCVTIMEO)
		all := content(100)
		t := &impl.Transfer{Source: source.read, Sink: sink.write, Length: 1000, SourceBytes: -1, Chunk: page, Buffer: make([]byte, page)}
		tid, done := onThread(func() (int64, error) { return impl.ReadWrite.Move(t) })
		interrupt(tid, unix.SYS_READ)
		interrupt(tid, unix.SYS_READ)
		Expect(unix.Write(source.write, all)).To(Equal(100))
		source.closeWriter()
		Expect(soon(done, "read+write hangs")).To(Equal(outcome{100, nil}))
		Expect(readUpTo(sink.read, 1000)).To(Equal(all))
	})
})

var _ = Describe("A reader that has left", func() {
	for _, into := range sinks {
		for _, m := range between(impl.File, into.class) {
			It("is EPIPE to "+m.Name+" into "+into.name+", and the signal that comes with it kills nobody", func() {
				all := content(page)
				source, sink := tempFile(all), into.open(m)
				sink.closeReader()
				moved, err := run(m, transfer(source, page, sink, 0, int64(page)))
				Expect(err == error(unix.EPIPE)).To(BeTrue(), "%v", err)
				Expect(moved).To(BeZero())
			})
		}
	}

	for _, m := range between(impl.File, impl.Pipe) {
		call, ok := blockedIn(m)
		if !ok {
			continue
		}
		It("halfway ends "+m.Name+" with a count of what the sink had taken", func() {
			all := content(1 << 20)
			source, sink := tempFile(all), sinks[1].open(m)
			t := in(transfer(source, len(all), sink, 0, int64(len(all))), 10000)
			ready(m, t)
			tid, done := onThread(func() (int64, error) { return m.Move(t) })
			awaitFull(sink, tid, call)
			arrived := readUpTo(sink.read, 5*page)
			awaitFull(sink, tid, call)
			waiting := queued(sink.read)
			sink.closeReader()
			o := soon(done, m.Name+" hangs")
			Expect(o.err).To(Equal(unix.EPIPE))
			Expect(o.moved).To(BeEquivalentTo(len(arrived) + waiting))
			Expect(bytes.Equal(arrived, all[:len(arrived)])).To(BeTrue())
			sink.sameInSecond(all[:o.moved])
		})
	}
})

// blocking are the calls by which methods wait for a sink to have room.
var blocking = []struct {
	name   string
	number int
}{
	{"write", unix.SYS_WRITE}, {"writev", unix.SYS_WRITEV}, {"sendfile", unix.SYS_SENDFILE}, {"splice", unix.SYS_SPLICE},
}

// blockedIn is the call in which a method waits for its sink, where its claim names one of those.
func blockedIn(m impl.Method) (call int, ok bool) {
	for _, b := range blocking {
		if m.Claim.Calls[b.name] > 0 {
			return b.number, true
		}
	}
	return 0, false
}

// withTimeout gives a socket a timeout, much longer than any spec.
func withTimeout(fd, option int) {
	GinkgoHelper()
	limit := unix.NsecToTimeval(time.Hour.Nanoseconds())
	Expect(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &limit)).To(Succeed())
}

// onThread runs work on a thread of its own, which ends with it. Go's runtime, which takes threads off their work by
// SIGURG, does not interrupt it.
func onThread(work func() (int64, error)) (tid int, done <-chan outcome) {
	started, ended := make(chan int, 1), make(chan outcome, 1)
	go func() {
		runtime.LockOSThread()
		preemption := unix.Sigset_t{}
		preemption.Val[0] = 1 << (unix.SIGURG - 1)
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, &preemption, nil); err != nil {
			panic(err)
		}
		started <- unix.Gettid()
		n, err := work()
		ended <- outcome{n, err}
	}()
	return <-started, ended
}

// awaitBlocked waits until a thread sleeps in that system call.
func awaitBlocked(tid, call int) {
	GinkgoHelper()
	// This thread's own is there where any is: one that is not there later is a thread that has ended.
	if _, err := os.ReadFile("/proc/thread-self/syscall"); err != nil {
		Skip("not-checked: where a thread is blocked cannot be seen: " + err.Error())
	}
	path := fmt.Sprintf("/proc/self/task/%d/syscall", tid)
	Eventually(func() (string, error) {
		text, err := os.ReadFile(path)
		number, _, _ := strings.Cut(string(text), " ")
		return number, err
	}).WithTimeout(patience).WithPolling(time.Millisecond).Should(Equal(strconv.Itoa(call)))
}

// awaitFull waits until a pipe is full, and a thread blocked in that call because it is. One that has just been woken is
// still shown as blocked, and one may be blocked on its way there, for its own memory.
func awaitFull(sink *pair, tid, call int) {
	GinkgoHelper()
	Eventually(func() (int, error) {
		return unix.Poll([]unix.PollFd{{Fd: int32(sink.write), Events: unix.POLLOUT}}, 0)
	}).WithTimeout(patience).WithPolling(time.Millisecond).Should(BeZero(), "there is room in the pipe")
	awaitBlocked(tid, call)
	Eventually(func() (string, error) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/wchan", tid))
		return string(text), err
	}).WithTimeout(patience).WithPolling(time.Millisecond).Should(Or(ContainSubstring("pipe"), Equal("0")), "0: the kernel does not say")
}
