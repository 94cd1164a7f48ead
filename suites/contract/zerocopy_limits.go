package contract

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/socketpair"
	"zerocopy-conformance/suites/spec"
)

// zerocopyLimits are clauses on how much can be lent, to which sockets, and how a program that waits for many
// notifications learns of each.
var zerocopyLimits = []Clause{
	{ID: "ZEROCOPY-UNIX", Since: "6.1", Source: "socket(7): SO_ZEROCOPY",
		// 5.10 answers 524, a number of the kernel's own that has leaked (ENOTSUPP).
		Text: "a UNIX socket cannot lend: SO_ZEROCOPY is EOPNOTSUPP", Check: func(t *T) {
			one, _ := t.Sockets(unix.SOCK_STREAM)
			err := unix.SetsockoptInt(one, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)
			t.Fails(made("setsockopt", 0, err), unix.EOPNOTSUPP)
		}},
	{ID: "ZEROCOPY-VSOCK", Since: "6.7", Source: zerocopyPage + ": Socket Setup; vsock(7)", Kinds: []string{spec.VSOCK},
		Text: "a VSOCK stream can lend: the bytes arrive, and the send is notified as ID 0", Check: func(t *T) {
			open, sender := t.Pair("vsock")
			t.Counts(made("setsockopt SO_ZEROCOPY", 0, unix.SetsockoptInt(sender, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)), 0)
			data := patterned(3*pageBytes + 100)
			t.Counts(t.lend(sender, data), int64(len(data)))
			var got []byte
			for len(got) < len(data) {
				t.Holds(t.ready(open.Receiving(), unix.POLLIN), fmt.Sprintf("%d bytes", len(data)), fmt.Sprint(len(got)))
				got = append(got, t.Drain(open)...)
			}
			t.Same("what arrives", got, data)
			n := t.notified(sender)
			Equal(t, "ee_errno", n.about.Errno, 0)
			Equal(t, "ee_origin", n.about.Origin, unix.SO_EE_ORIGIN_ZEROCOPY)
			Equal(t, "first ID", n.about.Info, 0)
			Equal(t, "last ID", n.about.Data, 0)
		}},
	{ID: "ZEROCOPY-MEMLOCK", Since: "5.0", Source: zerocopyPage + ": Transmission; setrlimit(2): RLIMIT_MEMLOCK",
		Text: "what is lent counts against RLIMIT_MEMLOCK: a send beyond it is ENOBUFS, and takes no ID", Check: func(t *T) {
			_, sender := t.lender("tcp")
			t.Unprivileged()
			var limit unix.Rlimit
			t.Must(os.NewSyscallError("getrlimit", unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit)))
			t.Must(os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: 0, Max: limit.Max})))
			t.Cleanup(func() { unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit) })
			t.Fails(t.lend(sender, make([]byte, 64*pageBytes)), unix.ENOBUFS)
			t.Fails(notification(sender).result, unix.EAGAIN)
		}},
	{ID: "ZEROCOPY-OPTMEM", Since: "5.0", Source: zerocopyPage + ": Transmission; Documentation/admin-guide/sysctl/net.rst: optmem_max",
		Text: "what is to be notified counts against net.core.optmem_max: there comes a send that is ENOBUFS, and it takes no ID", Check: func(t *T) {
			most := t.mostNotices()
			// No more than a window's worth is received: what is sent after it waits in the sender, where each send is held.
			sender, receiver, err := socketpair.TCP(unix.AF_INET, func(fd int) error { return shrink(fd, unix.SO_RCVBUF) })
			t.Must(err)
			t.Closes(sender, receiver)
			t.Must(os.NewSyscallError("setsockopt SO_ZEROCOPY", unix.SetsockoptInt(sender, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)))
			t.Must(unix.SetNonblock(sender, true))
			t.Counts(roomFor(t, 4*narrowBytes, write(sender, make([]byte, 4*narrowBytes))), 4*narrowBytes)
			lent := 0
			// Sends that follow each other share what the kernel keeps of them: each is kept apart by one that is copied.
			lendOne := func() Result { return roomFor(t, 1, sendto(sender, []byte("x"), unix.MSG_ZEROCOPY|unix.MSG_EOR)) }
			for r := lendOne(); r.Errno != unix.ENOBUFS; r = lendOne() {
				t.Counts(r, 1)
				t.Counts(roomFor(t, 1, sendto(sender, []byte("y"), unix.MSG_EOR)), 1)
				if lent++; lent > most {
					t.Deviates(fmt.Sprintf("ENOBUFS after %d sends at most", most), fmt.Sprintf("%d were taken", lent))
				}
			}
			t.Holds(lent > 0, "some sends are taken", "none")
			t.Step("when all have been received")
			for received := 0; received < 4*narrowBytes+2*lent; {
				t.Holds(t.ready(receiver, unix.POLLIN), "more bytes", fmt.Sprintf("%d of %d", received, 4*narrowBytes+2*lent))
				received += len(t.Take(receiver, 1<<20))
			}
			t.awaitAcknowledged(sender)
			t.covers(sender, uint32(lent))
		}},
	{ID: "ZEROCOPY-EDGE", Since: "5.0", Source: zerocopyPage + ": Notification Reception; epoll(7): edge-triggered",
		Text: "an epoll(7) that is edge-triggered reports a notification once, as EPOLLERR, though it is not read, and the next one again", Check: func(t *T) {
			open, sender := t.lender("tcp")
			watch, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
			t.Must(os.NewSyscallError("epoll_create1", err))
			t.Closes(watch)
			edge := unix.EpollEvent{Events: unix.EPOLLET}
			t.Must(os.NewSyscallError("epoll_ctl", unix.EpollCtl(watch, unix.EPOLL_CTL_ADD, sender, &edge)))
			Equal(t, "events before", t.edges(watch, 0), "none")
			for _, which := range []string{"the first notification", "the second"} {
				t.Step("%s", which)
				t.Counts(t.lend(sender, make([]byte, pageBytes)), int64(pageBytes))
				t.AwaitQueued(open.Receiving(), 1)
				t.Drain(open)
				Equal(t, "event", t.edges(watch, int(stepPatience.Milliseconds())), "EPOLLERR")
				Equal(t, "event after it", t.edges(watch, 0), "none")
			}
		}},
}

// mostNotices is how many notifications fit into net.core.optmem_max at most: the kernel keeps half a kilobyte of each,
// and more.
func (t *T) mostNotices() int {
	const setting = "net.core.optmem_max"
	t.Must(kernel.Proc())
	value, answer := kernel.Setting(setting)
	bytes, err := strconv.Atoi(value)
	if answer != kernel.Yes || err != nil {
		t.Lacks("the setting "+setting, "it cannot be read", "run it in the initial network namespace, or on Linux 6.7 or newer")
	}
	most := bytes/512 + 1
	if most > 4000 {
		t.Lacks("a small "+setting, fmt.Sprintf("it is %d", bytes), "sysctl "+setting+"=131072")
	}
	// Each send locks the page that it lends.
	if why := kernel.MayLock(uint64(most * pageBytes)); why != nil {
		t.Must(why)
	}
	return most
}

// roomFor ends the check as not checked where the sender has no room for so many bytes: that is nothing about what is lent.
func roomFor(t *T, bytes int64, r Result) Result {
	if r.Errno == unix.EAGAIN || r.Errno == 0 && r.N < bytes {
		t.Must(&kernel.Unavailable{
			What: "a send buffer that holds more than net.core.optmem_max allows to lend", Why: "it is full before: " + r.String(),
			Remedy: "sysctl net.core.optmem_max=20480, or raise sysctl net.ipv4.tcp_wmem",
		})
	}
	return r
}

// edges is what an epoll instance with one descriptor reports within that time.
func (t *T) edges(watch, milliseconds int) string {
	var events [1]unix.EpollEvent
	var err error
	r := undisturbed(func() Result {
		var n int
		n, err = unix.EpollWait(watch, events[:], milliseconds)
		return made("epoll_wait", n, err)
	})
	t.Must(os.NewSyscallError("epoll_wait", err))
	switch {
	case r.N == 0:
		return "none"
	case events[0].Events == unix.EPOLLERR:
		return "EPOLLERR"
	}
	return fmt.Sprintf("%#x", events[0].Events)
}
