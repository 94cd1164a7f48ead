package impl

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

// UringSplice is splice in one system call a chunk: both halves, from the source into a pipe and from there into the
// sink, stand in one io_uring_enter(2), which waits for both. They are linked: where the first comes out short, at the
// source's end or because the pipe is small, the kernel does not begin the second, and it is handed in anew for what
// the pipe holds.
//
// The kernel has threads of its own do it. What those do is not accounted to the mover: not the calls of the io accounting,
// not the bytes that come from a disk.
var UringSplice = Method{
	Name: "uring-splice",
	Claim: Claim{
		Source: "io_uring_enter(2): IORING_OP_SPLICE, IOSQE_IO_LINK; splice(2)",
		Since:  "5.7",
		Calls:  map[string]int{"io_uring_enter": 1},
		Shares: true, Piped: true, LocksBytes: 1 << 20,
	},
	Prepare: func(t *Transfer) (func() error, error) {
		ring, err := newRing(2, uring.OpSplice)
		if err != nil {
			return nil, err
		}
		through, err := newPipe(t)
		t.Own = &ringPipe{ring, through}
		if err != nil {
			_ = ring.Close()
		}
		return func() error { return errors.Join(ring.Close(), through.close()) }, err
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		return again(func() (int, error) { return t.Own.(*ringPipe).through(t, offset, length) })
	}),
}

// newRing makes a ring on which the kernel does an operation: one that it does not know is EINVAL, as it would be later.
func newRing(entries uint32, op uring.Op) (*uring.Ring, error) {
	ring, err := uring.Setup(entries)
	if err != nil {
		return nil, err
	}
	known, err := ring.Supports(op)
	if err == nil && !known {
		err = os.NewSyscallError(op.String(), unix.EINVAL)
	}
	if err != nil {
		_ = ring.Close()
		return nil, err
	}
	return ring, nil
}

// ringPipe is a pipe that a ring's operations fill and empty.
type ringPipe struct {
	ring *uring.Ring
	pipe *pipe
}

// The halves, as their entries' user data.
const (
	firstHalf = iota
	secondHalf
)

// through moves one chunk. It is EINTR only where nothing of it is moved.
func (r *ringPipe) through(t *Transfer, offset int64, length int) (taken int, err error) {
	if err := r.pipe.empty(); err != nil {
		return 0, err
	}
	// As far as can be told before the kernel has said how much.
	r.pipe.held = length
	into := uring.Splice(t.Source, offset, r.pipe.write, uring.Position, length, 0)
	results, err := r.do(into.Linked().With(firstHalf), r.outOf(t.Sink, length))
	if err != nil {
		return 0, err
	}
	n, err := count(results[firstHalf])
	if err == unix.ECANCELED {
		// Older kernels look at the descriptors of both halves before they begin the first.
		if _, other := count(results[secondHalf]); other != nil {
			err = other
		}
	}
	if r.pipe.held = n; n == 0 {
		return 0, err
	}
	if n == length {
		taken, err = count(results[secondHalf])
		r.pipe.held -= taken
		if err != unix.EINTR && (err != nil || taken == 0) {
			return taken, err
		}
	}
	for taken < n {
		results, err := r.do(r.outOf(t.Sink, n-taken))
		if err != nil {
			return taken, err
		}
		more, err := count(results[secondHalf])
		taken += more
		r.pipe.held -= more
		if err != unix.EINTR && (err != nil || more == 0) {
			return taken, err
		}
	}
	return taken, nil
}

// outOf is the second half.
func (r *ringPipe) outOf(sink, length int) uring.SQE {
	return uring.Splice(r.pipe.read, uring.Position, sink, uring.Position, length, 0).With(secondHalf)
}

// do has entries done, and waits for all of them. Those that the kernel does not begin are ECANCELED.
func (r *ringPipe) do(entries ...uring.SQE) (results [2]int32, err error) {
	results = [2]int32{-int32(unix.ECANCELED), -int32(unix.ECANCELED)}
	for _, entry := range entries {
		r.ring.Push(entry)
	}
	for open := len(entries); open > 0; {
		if done, there := r.ring.Next(); there {
			results[done.UserData] = done.Result
			open--
			continue
		}
		if _, err := r.ring.Enter(open); err != nil && !errors.Is(err, unix.EINTR) {
			r.ring.Forget()
			return results, ofRing(err)
		}
		// The second half of a pair whose first the kernel refuses at once must not be begun alone: it would wait for
		// bytes that nobody puts into the pipe.
		open -= r.ring.Forget()
	}
	return results, nil
}

// erestartsys is ERESTARTSYS of linux/errno.h, the kernel's own word for a call that a signal has ended and that it is to
// make again. A caller finds EINTR in its place, but not in a ring: a SPLICE that waits for room completes with it where
// its process is stopped and goes on (seen with 6.18).
const erestartsys = unix.Errno(512)

// count is what an operation says, as a call's count and errno.
func count(result int32) (int, error) {
	switch errno := unix.Errno(-result); {
	case result >= 0:
		return int(result), nil
	case errno == erestartsys:
		return 0, unix.EINTR
	default:
		return 0, errno
	}
}

// ofRing is an error of a ring's own calls as the errno that it is, but for EAGAIN: there it means that the kernel has
// no memory for a request, and to who asked for a transfer that its sink is full.
func ofRing(err error) error {
	var errno unix.Errno
	switch {
	case !errors.As(err, &errno):
		return err
	case errno == unix.EAGAIN:
		return unix.ENOMEM
	}
	return errno
}
