package methods

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// ends is what a transfer can do to its source and to its sink beside moving bytes.
var ends = []mutation{
	{"source-written", "a byte of the source is changed that is not in the range", []string{"SAFETY-SOURCE", "COST-CALLS"},
		[]trial{home, everywhere("SAFETY-SOURCE")},
		only(ofFiles, after(write))},
	{"source-cut", "what the source has behind the range is cut off", []string{"SAFETY-SOURCE", "COST-CALLS"}, []trial{home},
		only(ofSmall, after(func(t *impl.Transfer) {
			writably(t, func(fd int) { _ = unix.Ftruncate(fd, min(t.SourceBytes, t.Offset+t.Length)) })
		}))},
	{"source-extended", "the source is a byte longer than before", []string{"SAFETY-SOURCE", "INTEGRITY-RANGE", "INTEGRITY-NONBLOCKING*"}, []trial{home},
		only(ofSmall, leaving(func(t *impl.Transfer) {
			writably(t, func(fd int) { _ = unix.Ftruncate(fd, t.SourceBytes+1) })
		}))},
	{"source-touched", "the source's time of change is another", []string{"SAFETY-SOURCE"}, []trial{home},
		only(ofSmall, leaving(func(t *impl.Transfer) { _ = unix.Futimes(t.Source, make([]unix.Timeval, 2)) }))},
	{"source-opened-to-all", "the source's permissions are others", []string{"SAFETY-SOURCE"}, []trial{home},
		only(ofSmall, leaving(func(t *impl.Transfer) { _ = unix.Fchmod(t.Source, 0o666) }))},
	{"position-moved", "the source's position is moved, though the method has an offset", []string{"SAFETY-POSITION"},
		[]trial{home, everywhere("SAFETY-POSITION")},
		only(and(ofFiles, not(advances)), leaving(func(t *impl.Transfer) { seek(t, t.Offset+1) }))},
	{"position-kept", "the source's position stays where it was, though the method reads from there", []string{"SAFETY-POSITION"},
		[]trial{home, everywhere("SAFETY-POSITION")},
		only(and(ofFiles, advances), leaving(func(t *impl.Transfer) { seek(t, t.Offset) }))},
	{"source-made-nonblocking", "the source is left O_NONBLOCK", []string{"SAFETY-SETTINGS"}, []trial{home},
		only(ofFiles, leaving(func(t *impl.Transfer) { flag(t.Source, unix.O_NONBLOCK) }))},
	{"sink-made-nonblocking", "the sink is left O_NONBLOCK", []string{"SAFETY-SETTINGS"},
		[]trial{home, everywhere("SAFETY-SETTINGS")},
		only(ofFiles, leaving(func(t *impl.Transfer) { flag(t.Sink, unix.O_NONBLOCK) }))},
	{"sink-made-to-append", "the sink is left O_APPEND", []string{"SAFETY-SETTINGS", "INTEGRITY-NONBLOCKING*"}, []trial{home},
		only(ofFiles, leaving(func(t *impl.Transfer) { flag(t.Sink, unix.O_APPEND) }))},
	{"sink-kept-alive", "the sink is left with SO_KEEPALIVE", []string{"SAFETY-SETTINGS"}, []trial{home},
		only(and(ofFiles, toSockets), leaving(option(unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)))},
	{"sink-corked", "the sink is left corked (TCP_CORK)", []string{"SAFETY-SETTINGS"}, []trial{home},
		only(toTCPAlone, leaving(option(unix.IPPROTO_TCP, unix.TCP_CORK, 1)))},
	{"sink-left-zerocopy", "the sink is left with SO_ZEROCOPY", []string{"SAFETY-SETTINGS"}, []trial{home},
		only(toTCPAlone, leaving(option(unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1)))},
	{"sink-shut-down", "the sink is shut down for writing", []string{"SAFETY-SINK", "INTEGRITY-NONBLOCKING*"}, []trial{home, everywhere("SAFETY-SINK")},
		only(and(ofFiles, toSockets), leaving(func(t *impl.Transfer) { _ = unix.Shutdown(t.Sink, unix.SHUT_WR) }))},
}

// toTCPAlone: of the sockets that a method is tried on at home, TCP has these options.
func toTCPAlone(m impl.Method) bool { return m.Writes(impl.TCP) && !m.Writes(impl.UnixStream) }

// flag sets one more status flag.
func flag(fd, more int) {
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil {
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags|more)
	}
}

// option sets one of the sink's.
func option(level, option, value int) func(*impl.Transfer) {
	return func(t *impl.Transfer) { _ = unix.SetsockoptInt(t.Sink, level, option, value) }
}

// writably opens the source anew, for writing.
func writably(t *impl.Transfer, do func(fd int)) {
	fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", t.Source), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	do(fd)
	_ = unix.Close(fd)
}

// write changes the byte before the range, or the one behind it.
func write(t *impl.Transfer) {
	at := t.Offset - 1
	if at < 0 {
		at = t.Offset + t.Length
	}
	if at >= t.SourceBytes {
		return
	}
	writably(t, func(fd int) {
		var is [1]byte
		if _, err := unix.Pread(fd, is[:], at); err != nil {
			return
		}
		is[0] ^= 0xff
		if _, err := unix.Pwrite(fd, is[:], at); err == nil {
			return
		}
		// Files of huge pages take no write(2).
		var file unix.Stat_t
		if unix.Fstat(fd, &file) != nil {
			return
		}
		size := int64(file.Blksize)
		memory, err := unix.Mmap(fd, at/size*size, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err == nil {
			memory[at%size] = is[0]
			_ = unix.Munmap(memory)
		}
	})
}
