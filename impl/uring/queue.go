package uring

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// submissions is the queue that the program fills and the kernel empties: the tail is the program's to move, the head
// the kernel's. The lengths are powers of two, and positions run on past them.
type submissions struct {
	head, tail *uint32
	// array names the entry at each position: always the one of the same number.
	array   []uint32
	entries []SQE
}

// completions is the queue that the kernel fills and the program empties.
type completions struct {
	head, tail *uint32
	lost       *uint32
	entries    []CQE
}

// Push puts an entry behind those that wait for Enter. False: the queue is full.
func (r *Ring) Push(entry SQE) bool {
	q := &r.sq
	// Without a kernel thread of its own the kernel looks at the queue in Enter only; still the entry has to be
	// written before the tail says so.
	tail := atomic.LoadUint32(q.tail)
	if tail-atomic.LoadUint32(q.head) >= uint32(len(q.entries)) {
		return false
	}
	at := tail & uint32(len(q.entries)-1)
	q.entries[at], q.array[at] = entry, at
	atomic.StoreUint32(q.tail, tail+1)
	return true
}

// Waiting is how many entries wait for Enter.
func (r *Ring) Waiting() int {
	return int(atomic.LoadUint32(r.sq.tail) - atomic.LoadUint32(r.sq.head))
}

// Forget takes back the entries that wait for Enter, and says how many. Some are left behind when the kernel stops at
// one that it refuses: what follows such an entry, linked to it or not, has not been begun.
func (r *Ring) Forget() int {
	n := r.Waiting()
	atomic.StoreUint32(r.sq.tail, atomic.LoadUint32(r.sq.head))
	return n
}

const enterGetEvents = 1 // IORING_ENTER_GETEVENTS

// Enter is one io_uring_enter(2): it hands the kernel all entries that wait, and waits itself until there are that
// many completions to take. It says how many entries were taken; fewer than waited where one is refused, and then
// Enter does not wait. A signal ends the waiting early: with EINTR where nothing was handed over, else without an error.
// EAGAIN: there is no memory for a request. EBUSY: there is no room for completions.
func (r *Ring) Enter(complete int) (submitted int, err error) {
	n, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.Waiting()), uintptr(complete), enterGetEvents, 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("io_uring_enter", errno)
	}
	return int(n), nil
}

// Next takes the oldest completion away; false where there is none. Those that found no room in the queue come
// after the next Enter.
func (r *Ring) Next() (CQE, bool) {
	q := &r.cq
	head := atomic.LoadUint32(q.head)
	if head == atomic.LoadUint32(q.tail) {
		return CQE{}, false
	}
	entry := q.entries[head&uint32(len(q.entries)-1)]
	atomic.StoreUint32(q.head, head+1)
	return entry, true
}

// Lost is how many completions were dropped because there was no room: none ever since 5.5 (IORING_FEAT_NODROP).
func (r *Ring) Lost() uint32 { return atomic.LoadUint32(r.cq.lost) }

// Wait takes the oldest completion away, and enters the kernel as often as it takes until there is one.
func (r *Ring) Wait() (CQE, error) {
	for {
		if entry, there := r.Next(); there {
			return entry, nil
		}
		if _, err := r.Enter(1); err != nil && !interrupted(err) {
			return CQE{}, err
		}
	}
}

// Do has one entry done and returns its first completion. The ring must have nothing else to do.
func (r *Ring) Do(entry SQE) (CQE, error) {
	if !r.Push(entry) {
		return CQE{}, os.NewSyscallError("io_uring_enter", unix.EBUSY)
	}
	return r.Wait()
}

func interrupted(err error) bool {
	call, named := err.(*os.SyscallError)
	return named && call.Err == unix.EINTR
}

// Poll is one ppoll(2): it waits until there is a completion to take, at most that long, or without an end where
// atMost is negative. A signal ends it with EINTR.
func (r *Ring) Poll(atMost time.Duration) (ready bool, err error) {
	var limit *unix.Timespec
	if atMost >= 0 {
		t := unix.NsecToTimespec(atMost.Nanoseconds())
		limit = &t
	}
	n, err := unix.Ppoll([]unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}, limit, nil)
	return n > 0, os.NewSyscallError("ppoll", err)
}

const (
	registerProbe = 8 // IORING_REGISTER_PROBE
	opSupported   = 1 // IO_URING_OP_SUPPORTED
)

// Supports asks the kernel whether it knows an operation: io_uring_register(2), IORING_REGISTER_PROBE. EINVAL: the
// kernel is older than 5.6 and cannot tell.
func (r *Ring) Supports(op Op) (bool, error) {
	var probe struct {
		last, count uint8
		_           uint16
		_           [3]uint32
		ops         [256]struct {
			op    Op
			_     uint8
			flags uint16
			_     uint32
		}
	}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), registerProbe, uintptr(unsafe.Pointer(&probe)), uintptr(len(probe.ops)), 0, 0)
	if errno != 0 {
		return false, os.NewSyscallError("io_uring_register", errno)
	}
	return probe.ops[op].flags&opSupported != 0, nil
}
