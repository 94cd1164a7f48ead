package impl

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl/uring"
)

// UringSendZC is zerocopy-send by io_uring(7): IORING_OP_SEND_ZC from a mapping of each chunk, one io_uring_enter(2) a
// chunk. Its completions come to the ring, where they say whose they are: a result, and later a notification that
// the pages are free. A chunk stays mapped until then, or until Move ends without it, as it does on a sink that is
// non-blocking or corked (udp(7)) and after an error: the kernel holds the pages by itself then, and the source should
// stay as it is until the receiver has them.
//
// At the limit of RLIMIT_MEMLOCK, which binds without CAP_IPC_LOCK, the method waits for notifications, or ends with EAGAIN
// where the sink is non-blocking. A chunk that is too large by itself is ENOMEM.
var UringSendZC = Method{
	Name: "uring-send-zc",
	Claim: Claim{
		Source:   "io_uring_enter(2): IORING_OP_SEND_ZC; mmap(2)",
		Since:    "6.0",
		Calls:    map[string]int{"mmap": 1, "io_uring_enter": 1},
		Waits:    []string{"ppoll"},
		Teardown: map[string]int{"munmap": 1},
		Faults:   1,
		Shares:   true, LocksBytes: 1 << 20,
	},
	Into: TCP | UDP,
	Prepare: func(t *Transfer) (func() error, error) {
		nowait, err := nonblocking(t.Sink)
		if err != nil {
			return nil, err
		}
		ring, err := newRing(mostHeld, uring.OpSendZC)
		if err != nil {
			return nil, err
		}
		s := &zcSender{ring: ring, nonblocking: nowait, corked: corked(t.Sink), held: map[uint64]*lent{}}
		if s.report, err = usage(ring); err != nil {
			_ = ring.Close()
			return nil, err
		}
		t.Own = s
		return ring.Close, nil
	},
	Move: func(t *Transfer) (int64, error) {
		s := t.Own.(*zcSender)
		size, err := t.size()
		if err != nil {
			return 0, err
		}
		moved, err := mover(s.send).each(t, min(t.Length, size-t.Offset))
		if taken := s.finish(err == nil); err == nil {
			err = taken
		}
		return moved, err
	},
}

// usage finds out whether notifications can say what became of a send: kernels before 6.2 know the operation and refuse
// the flag. It asks with a descriptor that there is not, which is found out after the flags.
func usage(ring *uring.Ring) (report uint16, err error) {
	done, err := ring.Do(uring.SendZC(-1, nil, 0, uring.SendZCReportUsage))
	if err == nil && done.Err() != unix.EINVAL {
		report = uring.SendZCReportUsage
	}
	if err == nil && done.More() {
		// A send that failed has a notification nevertheless.
		_, err = ring.Wait()
	}
	return report, err
}

// lent is a send under way: the mapping of its chunk, nil where it is gone before its time, and whether anything was
// sent.
type lent struct {
	mapping []byte
	sent    bool
}

// zcSender is a ring whose entries send without a copy.
type zcSender struct {
	said Completions
	ring *uring.Ring
	// Of a sink that is non-blocking or corked no notifications are waited for.
	nonblocking, corked bool
	// report has the notifications say what became of their sends, where they can.
	report uint16
	// held are the sends whose pages the kernel has not let go of, by the entries' user data.
	held map[uint64]*lent
	// number is the user data of the last entry, result what came of it, once it is answered.
	number   uint64
	result   int32
	answered bool
}

func (s *zcSender) completions() (Completions, bool) { return s.said, s.report != 0 }

// send is a mover.
func (s *zcSender) send(t *Transfer, offset int64, length int) (taken int, err error) {
	for {
		if err := s.takeAll(); err != nil {
			return 0, err
		}
		held := len(s.held)
		if held < mostHeld || s.corked {
			taken, err = s.sendOnce(t, offset, length)
			if err != unix.ENOMEM && err != unix.ENOBUFS || held == 0 || s.corked {
				return taken, err
			}
		}
		// What is under way takes up all that may be.
		if s.nonblocking {
			return 0, unix.EAGAIN
		}
		if err := s.await(held - 1); err != nil {
			return 0, err
		}
	}
}

// sendOnce has one entry done, as far as its result.
func (s *zcSender) sendOnce(t *Transfer, offset int64, length int) (taken int, err error) {
	mapping, chunk, err := mapChunk(t, offset, length)
	if err != nil {
		return 0, err
	}
	// Of a blocking socket the kernel waits until there was room for all of it.
	flags := uint32(unix.MSG_WAITALL)
	if s.nonblocking {
		flags = unix.MSG_DONTWAIT
	}
	s.number++
	s.answered = false
	s.held[s.number] = &lent{mapping: mapping}
	s.ring.Push(uring.SendZC(t.Sink, chunk, flags, s.report).With(s.number))
	if _, err := s.ring.Enter(1); err != nil && s.ring.Forget() == 1 {
		// It has not been begun.
		delete(s.held, s.number)
		_ = unmap(mapping)
		return 0, ofRing(err)
	}
	for {
		for !s.answered {
			done, there := s.ring.Next()
			if !there {
				break
			}
			if err := s.take(done); err != nil {
				return 0, err
			}
		}
		if s.answered {
			return count(s.result)
		}
		// An earlier one's notification came first, or a signal: what is handed in already needs no further entering.
		if err := s.wait(-1); err != nil {
			return 0, err
		}
	}
}

// wait waits until there is something to take, at most that long.
func (s *zcSender) wait(atMost time.Duration) error {
	_, err := s.ring.Poll(atMost)
	if err == nil || errors.Is(err, unix.EINTR) {
		return nil
	}
	return ofRing(err)
}

// await waits until no more than that many sends are under way.
func (s *zcSender) await(most int) error {
	for len(s.held) > most {
		if err := s.wait(-1); err != nil {
			return err
		}
		if err := s.takeAll(); err != nil {
			return err
		}
	}
	return nil
}

// finish takes the last notifications, and waits for them if it is to and the sink allows. It leaves nothing mapped: the
// kernel holds the pages that it still needs, and no mapping of them.
func (s *zcSender) finish(wait bool) (err error) {
	switch {
	case wait && !s.nonblocking && !s.corked:
		err = s.await(0)
	case len(s.held) > 0:
		if err = s.wait(0); err == nil {
			err = s.takeAll()
		}
	}
	for _, send := range s.held {
		if failed := unmap(send.mapping); err == nil {
			err = failed
		}
		send.mapping = nil
	}
	return err
}

// takeAll takes the completions that are there.
func (s *zcSender) takeAll() error {
	for {
		done, there := s.ring.Next()
		if !there {
			return nil
		}
		if err := s.take(done); err != nil {
			return err
		}
	}
}

// take is one completion: a result, or the notification that the pages of its send are free. Without a notification to
// follow, a result frees them, too; with one, also where the send has failed.
func (s *zcSender) take(done uring.CQE) error {
	send := s.held[done.UserData]
	switch {
	case !done.Notif():
		s.result, s.answered = done.Result, true
		send.sent = done.Result >= 0
	case !send.sent:
	case done.Copied():
		s.said.Copied++
	default:
		s.said.Zerocopied++
	}
	if done.More() {
		return nil
	}
	delete(s.held, done.UserData)
	return unmap(send.mapping)
}
