package lies

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// mostInPipe is more than any pipe of the kit's holds.
const mostInPipe = 1 << 20

// queued is how many bytes wait to be read.
func queued(c *liar.Call, descriptor int) (n int) {
	c.With(descriptor, func(fd int) { n, _ = unix.IoctlGetInt(fd, unix.TIOCINQ) })
	return n
}

// refill takes all that a pipe holds, and puts back what is made of it. Whatever end the caller has, the other is opened
// by it (fifo(7)). It is copied on the way, and nobody who shared pages with the pipe does so any more.
func refill(c *liar.Call, descriptor int, with func(held []byte) []byte) {
	c.With(descriptor, func(fd int) {
		both, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		defer unix.Close(both)
		held := make([]byte, mostInPipe)
		n, err := unix.Read(both, held)
		if err != nil || n == 0 {
			return
		}
		if now := with(held[:n]); len(now) > 0 {
			_, _ = unix.Write(both, now)
		}
	})
}

// holds is what is in the pipe that an end of a call is, after the call.
func (e end) holds(when func(*liar.Call) bool, with func(held []byte) []byte) []liar.Rule {
	return e.exit(func(c *liar.Call) {
		if when(c) && c.Is(c.Descriptor(e.descriptor), unix.S_IFIFO) {
			refill(c, c.Descriptor(e.descriptor), with)
		}
	})
}

// copying is the lie that what is moved into a pipe is a copy.
func (e end) copying(violates ...string) lie {
	return tell("copies", "copies into a pipe what it is to share with it", violates, e.holds(moved, func(held []byte) []byte { return held }))
}

// garbling are the lies about the bytes that are in a pipe after a call has moved some.
func (e end) garbling(violates ...string) []lie {
	return []lie{
		tell("another-byte-in-"+e.name, "changes a byte of the pipe that is its "+e.name, violates, e.holds(moved, func(held []byte) []byte {
			held[len(held)-1] ^= 0x55
			return held
		})),
		tell("backwards-in-"+e.name, "turns round what the pipe holds that is its "+e.name, violates, e.holds(moved, func(held []byte) []byte {
			for i, j := 0, len(held)-1; i < j; i, j = i+1, j-1 {
				held[i], held[j] = held[j], held[i]
			}
			return held
		})),
	}
}

// wasteful is the lie that a call which fails takes a byte out of its end all the same.
func (e end) wasteful(violates ...string) lie {
	return tell("failure-takes-of-"+e.name, "takes a byte out of its "+e.name+" when it fails", violates, e.exit(func(c *liar.Call) {
		if c.Errno == 0 || queued(c, c.Descriptor(e.descriptor)) == 0 {
			return
		}
		c.With(c.Descriptor(e.descriptor), func(fd int) {
			both, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
			if err == nil {
				_, _ = unix.Read(both, make([]byte, 1))
				unix.Close(both)
				return
			}
			// A socket cannot be opened.
			_, _, _ = unix.Recvfrom(fd, make([]byte, 1), unix.MSG_DONTWAIT)
		})
	}))
}

// leaving is the lie that a call which fails has put a byte into its end.
func (e end) leaving(violates ...string) lie {
	return tell("failure-leaves-in-"+e.name, "leaves a byte in its "+e.name+" when it fails", violates, e.exit(func(c *liar.Call) {
		if c.Errno == 0 {
			return
		}
		c.With(c.Descriptor(e.descriptor), func(fd int) {
			into, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
			if err == nil {
				_, _ = unix.Write(into, []byte{0})
				unix.Close(into)
			}
		})
	}))
}

// spoiling is the lie that a source which is a file is written to.
func (e end) spoiling(violates ...string) lie {
	return tell("spoils-"+e.name, "writes to the file that is its "+e.name, violates, e.exit(func(c *liar.Call) {
		if !moved(c) || !c.Is(c.Descriptor(e.descriptor), unix.S_IFREG) {
			return
		}
		c.With(c.Descriptor(e.descriptor), func(fd int) {
			if into, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_WRONLY|unix.O_CLOEXEC, 0); err == nil {
				_, _ = unix.Pwrite(into, []byte{0xee}, 0)
				unix.Close(into)
			}
		})
	}))
}

// silent is the lie that no SIGPIPE comes with EPIPE; violates are the clauses that look for it.
func silent(violates ...string) lie {
	return tell("EPIPE-without-SIGPIPE", "sends no SIGPIPE with EPIPE", violates, atExit(unix.SYS_RT_SIGTIMEDWAIT, func(c *liar.Call) {
		if c.Result == int64(unix.SIGPIPE) {
			c.Refuse(unix.EAGAIN)
		}
	}))
}

// consuming is the lie that a call takes out of its source what it is to leave there.
func (m moving) consuming(violates ...string) lie {
	return tell("consumes", "takes what it moves out of its source", violates, m.source().holds(moved, func([]byte) []byte { return nil }))
}
