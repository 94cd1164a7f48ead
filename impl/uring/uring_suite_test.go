package uring_test

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

func TestUring(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "uring")
}

// patience is how long a completion may take that has nothing to wait for.
const patience = 20 * time.Second

// opened is a ring for the running spec, which needs those operations.
func opened(entries uint32, needs ...uring.Op) *uring.Ring {
	GinkgoHelper()
	// Entries are the thread's that hands them in, and the spec's goroutine lives as long as it does.
	runtime.LockOSThread()
	ring, err := uring.Setup(entries)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		Skip("not-checked: " + err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(ring.Close)
	for _, op := range needs {
		if known, err := ring.Supports(op); err != nil || !known {
			Skip("not-checked: this kernel lacks " + op.String())
		}
	}
	return ring
}

// handIn has the kernel take entries, all of them.
func handIn(ring *uring.Ring, entries ...uring.SQE) {
	GinkgoHelper()
	for _, entry := range entries {
		Expect(ring.Push(entry)).To(BeTrue())
	}
	Expect(ring.Enter(0)).To(Equal(len(entries)))
}

// next takes the next completion, and fails the spec when none comes.
func next(ring *uring.Ring) uring.CQE {
	GinkgoHelper()
	for {
		if done, there := ring.Next(); there {
			return done
		}
		ready, err := ring.Poll(patience)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		Expect(err).NotTo(HaveOccurred())
		Expect(ready).To(BeTrue(), "no completion comes")
	}
}

// done has one entry done.
func done(ring *uring.Ring, entry uring.SQE) uring.CQE {
	GinkgoHelper()
	handIn(ring, entry)
	return next(ring)
}

// pinned is memory for the kernel, where it stays.
func pinned(memory []byte) []byte {
	GinkgoHelper()
	var pin runtime.Pinner
	pin.Pin(&memory[0])
	DeferCleanup(pin.Unpin)
	return memory
}

// temp is a file of that content, open for reading and writing.
func temp(content []byte) int {
	GinkgoHelper()
	name := GinkgoT().TempDir() + "/file"
	Expect(os.WriteFile(name, content, 0o600)).To(Succeed())
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(unix.Close, fd)
	return fd
}

func pipe() (read, write int) {
	GinkgoHelper()
	var ends [2]int
	Expect(unix.Pipe2(ends[:], unix.O_CLOEXEC)).To(Succeed())
	DeferCleanup(unix.Close, ends[0])
	DeferCleanup(unix.Close, ends[1])
	return ends[0], ends[1]
}
