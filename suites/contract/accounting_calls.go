package contract

import "golang.org/x/sys/unix"

// moreBytes is what calls ask for that are to return less.
const moreBytes = someBytes + 1000

// accountReads are of what has less than they ask for.
var accountReads = []accountRow{
	{"read-file", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("read", unix.SYS_READ, e.source(), e.buffer(), moreBytes)
	}},
	{"read-pipe", someBytes, 0, aRead, func(e *accountEnds) *errand {
		from, _ := e.pipe()
		return anErrand("read", unix.SYS_READ, from, e.buffer(), moreBytes)
	}},
	{"read-socket", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("read", unix.SYS_READ, e.socket(unix.SOCK_STREAM), e.buffer(), moreBytes)
	}},
	{"pread64", someBytes - 10, 0, tally{syscr: 1, rchar: someBytes - 10}, func(e *accountEnds) *errand {
		return anErrand("pread64", unix.SYS_PREAD64, e.source(), e.buffer(), moreBytes, 10)
	}},
	{"readv-file", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("readv", unix.SYS_READV, e.source(), e.vector(moreBytes), 2)
	}},
	{"readv-socket", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("readv", unix.SYS_READV, e.socket(unix.SOCK_STREAM), e.vector(moreBytes), 2)
	}},
	{"preadv", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("preadv", unix.SYS_PREADV, e.source(), e.vector(moreBytes), 2, 0, 0)
	}},
	{"preadv2", someBytes, 0, aRead, func(e *accountEnds) *errand {
		return anErrand("preadv2", unix.SYS_PREADV2, e.source(), e.vector(moreBytes), 2, noDescriptor, noDescriptor, 0)
	}},
}

var accountWrites = []accountRow{
	{"write-file", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.blank(), e.buffer(), someBytes)
	}},
	{"write-pipe", int64(pageBytes), 0, tally{syscw: 1, wchar: int64(pageBytes)}, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.narrow(), startOf(e.mapped(2*pageBytes)), 2*uintptr(pageBytes))
	}},
	{"write-socket", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.socket(unix.SOCK_STREAM), e.buffer(), someBytes)
	}},
	{"pwrite64", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("pwrite64", unix.SYS_PWRITE64, e.blank(), e.buffer(), someBytes, 10)
	}},
	{"writev-file", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("writev", unix.SYS_WRITEV, e.blank(), e.vector(someBytes), 2)
	}},
	{"writev-socket", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("writev", unix.SYS_WRITEV, e.socket(unix.SOCK_STREAM), e.vector(someBytes), 2)
	}},
	{"pwritev", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("pwritev", unix.SYS_PWRITEV, e.blank(), e.vector(someBytes), 2, 0, 0)
	}},
	{"pwritev2", someBytes, 0, aWrite, func(e *accountEnds) *errand {
		return anErrand("pwritev2", unix.SYS_PWRITEV2, e.blank(), e.vector(someBytes), 2, noDescriptor, noDescriptor, 0)
	}},
}

var accountTransfers = []accountRow{
	{"unix-stream", someBytes, 0, aTransfer, func(e *accountEnds) *errand { return e.sends(e.into("unix-stream"), e.source(), 0, moreBytes) }},
	{"tcp", someBytes, 0, aTransfer, func(e *accountEnds) *errand { return e.sends(e.into("tcp"), e.source(), e.offset(0), moreBytes) }},
	{"pipe", someBytes, 0, aTransfer, func(e *accountEnds) *errand { return e.sends(e.into("pipe"), e.source(), e.offset(0), moreBytes) }},
	{"file", someBytes, 0, aTransfer, func(e *accountEnds) *errand { return e.sends(e.into("file"), e.source(), 0, moreBytes) }},
}

var accountCopies = []accountRow{
	{"positions", someBytes, 0, aTransfer, func(e *accountEnds) *errand { return e.copies(e.source(), 0, e.blank(), 0, moreBytes, 0) }},
	{"offsets", someBytes - 10, 0, tally{1, 1, someBytes - 10, someBytes - 10}, func(e *accountEnds) *errand {
		return e.copies(e.source(), e.offset(10), e.blank(), e.offset(20), moreBytes, 0)
	}},
}

// accountOthers are calls that move bytes, and make no difference.
var accountOthers = []accountRow{
	{"splice-from-file", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		_, pipe := e.empty()
		return anErrand("splice", unix.SYS_SPLICE, e.source(), e.offset(0), pipe, 0, moreBytes, 0)
	}},
	{"splice-into-file", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return anErrand("splice", unix.SYS_SPLICE, pipe, 0, e.blank(), 0, moreBytes, 0)
	}},
	{"splice-into-socket", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return anErrand("splice", unix.SYS_SPLICE, pipe, 0, e.into("tcp"), 0, someBytes, 0)
	}},
	{"tee", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		from, _ := e.pipe()
		_, into := e.empty()
		return anErrand("tee", unix.SYS_TEE, from, into, moreBytes, 0)
	}},
	{"vmsplice-into-pipe", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		_, pipe := e.empty()
		return anErrand("vmsplice", unix.SYS_VMSPLICE, pipe, e.vector(someBytes), 2, 0)
	}},
	{"vmsplice-from-pipe", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return anErrand("vmsplice", unix.SYS_VMSPLICE, pipe, e.vector(moreBytes), 2, 0)
	}},
	{"sendto", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		return anErrand("sendto", unix.SYS_SENDTO, e.socket(unix.SOCK_STREAM), e.buffer(), someBytes, 0, 0, 0)
	}},
	{"sendmsg", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		return anErrand("sendmsg", unix.SYS_SENDMSG, e.socket(unix.SOCK_STREAM), e.message(someBytes), 0)
	}},
	{"recvfrom", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		return anErrand("recvfrom", unix.SYS_RECVFROM, e.socket(unix.SOCK_STREAM), e.buffer(), moreBytes, 0, 0, 0)
	}},
	{"recvmsg", someBytes, 0, uncounted, func(e *accountEnds) *errand {
		return anErrand("recvmsg", unix.SYS_RECVMSG, e.socket(unix.SOCK_STREAM), e.message(moreBytes), 0)
	}},
	{"mmap", anyResult, 0, uncounted, func(e *accountEnds) *errand {
		over := e.mapped(2 * pageBytes)
		return anErrand("mmap", unix.SYS_MMAP, startOf(over), uintptr(pageBytes), unix.PROT_READ, unix.MAP_SHARED|unix.MAP_FIXED|unix.MAP_POPULATE, e.source(), 0)
	}},
}

func (e *accountEnds) sends(into, from, offset, count uintptr) *errand {
	return anErrand("sendfile", unix.SYS_SENDFILE, into, from, offset, count)
}

func (e *accountEnds) copies(from, fromOffset, into, intoOffset, length, flags uintptr) *errand {
	return anErrand("copy_file_range", unix.SYS_COPY_FILE_RANGE, from, fromOffset, into, intoOffset, length, flags)
}
