package lies

import (
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// transfers are what is told to a method that stands on a call, at a place of its own: what the kernel says wrongly, the
// method hands on.
func transfers(method, source, sinks string, of ...lie) family {
	return family{
		name: method + "-transfer", filter: method + " && (INTEGRITY-RANGE || /^INTEGRITY-NONBLOCKING/ || /^COPIES-(SHARED|SPLICED|COPIED)/)",
		transfers:   true,
		environment: []string{"ZC_METHODS=" + method, "ZC_SINKS=" + sinks, "ZC_SOURCES=" + source},
		lies:        of,
	}
}

// amiss are the requirements on the bytes of a transfer.
var amiss = []string{"INTEGRITY-*", "COPIES-*"}

var sendfileTransfers = transfers("sendfile", "memfd", "unix-stream,tcp,pipe", slices.Concat(
	sendfile.miscounted(amiss...),
	[]lie{
		sendfile.failing(amiss...),
		sendfile.source().elsewhere(amiss...),
		sendfile.twice(amiss...),
		sendfile.sink().copying("COPIES-SHARED-PIPE"),
		tell("copies-into-sockets", "copies into a socket what it is to share with it", []string{"COPIES-SHARED-UNIX-STREAM", "COPIES-SHARED-TCP"}, sendfile.entry(copies)),
	},
)...)

var spliceTransfers = transfers("splice", "memfd", "unix-stream,tcp,pipe", slices.Concat(
	splice.miscounted(amiss...),
	splice.sink().garbling(amiss...),
	[]lie{
		splice.failing(amiss...),
		splice.source().elsewhere(amiss...),
		splice.sink().copying("COPIES-SPLICED-*"),
	},
)...)

var vmspliceTransfers = transfers("vmsplice", "memfd", "unix-stream,pipe", slices.Concat(
	vmsplice.sink().garbling(amiss...),
	[]lie{
		pieces("segment-elsewhere", "takes its first segment from one byte further on", func(all []liar.Piece) { all[0].At++ }, amiss...),
		vmsplice.sink().copying("COPIES-SPLICED-*"),
	},
)...)

var copyFileRangeTransfers = transfers("copy_file_range", "tmp", "file", slices.Concat(
	copyFileRange.miscounted(amiss...),
	[]lie{
		copyFileRange.failing(amiss...),
		copyFileRange.source().elsewhere(amiss...),
		copyFileRange.sink().elsewhere(amiss...),
	},
)...)

// copies sends in the place of sendfile(2), by the tracer's own memory. Where there is no room the kernel has to wait for
// it, and to say so.
func copies(c *liar.Call) {
	from, into, given := c.Descriptor(sendfile.from), c.Descriptor(sendfile.into), sendfile.source().has(c)
	if !c.Is(from, unix.S_IFREG) || !c.Is(into, unix.S_IFSOCK) {
		return
	}
	at := c.Position(from)
	if given {
		at, _ = c.Word(c.Arguments[sendfile.fromOffset])
	}
	data := make([]byte, min(c.Arguments[sendfile.length], mostInPipe))
	var n int
	c.With(from, func(fd int) { n, _ = unix.Pread(fd, data, at) })
	c.With(into, func(fd int) {
		n, _ = unix.SendmsgN(fd, data[:max(n, 0)], nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	})
	if n <= 0 {
		return
	}
	if given {
		c.SetWord(c.Arguments[sendfile.fromOffset], at+int64(n))
	} else {
		c.Seek(from, at+int64(n))
	}
	c.Answer(int64(n))
}
