package contract

import "golang.org/x/sys/unix"

// How calls are accounted for that get as far as the file, and move nothing.
var (
	emptyRead     = tally{syscr: 1}
	emptyWrite    = tally{syscw: 1}
	emptyTransfer = tally{syscr: 1, syscw: 1}
)

var accountEmptyReads = []accountRow{
	{"end-of-file", 0, 0, emptyRead, func(e *accountEnds) *errand { return anErrand("read", unix.SYS_READ, e.blank(), e.buffer(), someBytes) }},
	{"past-the-end", 0, 0, emptyRead, func(e *accountEnds) *errand {
		return anErrand("pread64", unix.SYS_PREAD64, e.source(), e.buffer(), someBytes, 1<<20)
	}},
	{"EAGAIN", 0, unix.EAGAIN, emptyRead, func(e *accountEnds) *errand {
		pipe, _ := e.empty()
		return anErrand("read", unix.SYS_READ, pipe, e.buffer(), someBytes)
	}},
	{"EFAULT", 0, unix.EFAULT, emptyRead, func(e *accountEnds) *errand { return anErrand("read", unix.SYS_READ, e.source(), e.bad(), someBytes) }},
	{"EFAULT-pipe", 0, unix.EFAULT, emptyRead, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return anErrand("read", unix.SYS_READ, pipe, e.bad(), someBytes)
	}},
}

var accountEmptyWrites = []accountRow{
	{"EAGAIN", 0, unix.EAGAIN, emptyWrite, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.full(), e.buffer(), someBytes)
	}},
	{"EPIPE", 0, unix.EPIPE, emptyWrite, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.broken(), e.buffer(), someBytes)
	}},
	{"EFAULT", 0, unix.EFAULT, emptyWrite, func(e *accountEnds) *errand { return anErrand("write", unix.SYS_WRITE, e.blank(), e.bad(), someBytes) }},
	{"EFAULT-pipe", 0, unix.EFAULT, emptyWrite, func(e *accountEnds) *errand {
		_, pipe := e.empty()
		return anErrand("write", unix.SYS_WRITE, pipe, e.bad(), someBytes)
	}},
}

var accountEmptyTransfers = []accountRow{
	{"count-zero", 0, 0, emptyTransfer, func(e *accountEnds) *errand { return e.sends(e.into("unix-stream"), e.source(), 0, 0) }},
	{"end-of-file", 0, 0, emptyTransfer, func(e *accountEnds) *errand { return e.sends(e.into("unix-stream"), e.blank(), 0, someBytes) }},
	{"EAGAIN", 0, unix.EAGAIN, emptyTransfer, func(e *accountEnds) *errand { return e.sends(e.full(), e.source(), 0, someBytes) }},
	{"EPIPE", 0, unix.EPIPE, emptyTransfer, func(e *accountEnds) *errand { return e.sends(e.broken(), e.source(), 0, someBytes) }},
	{"EINVAL-append", 0, unix.EINVAL, emptyTransfer, func(e *accountEnds) *errand { return e.sends(e.into("append"), e.source(), 0, someBytes) }},
}

var accountEmptyCopies = []accountRow{
	{"length-zero", 0, 0, uncounted, func(e *accountEnds) *errand { return e.copies(e.source(), 0, e.blank(), 0, 0, 0) }},
	{"end-of-file", 0, 0, uncounted, func(e *accountEnds) *errand {
		return e.copies(e.source(), e.offset(someBytes), e.blank(), 0, someBytes, 0)
	}},
}

// accountRefused are calls that do not get as far as the file.
var accountRefused = []accountRow{
	{"read-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand {
		return anErrand("read", unix.SYS_READ, noDescriptor, e.buffer(), someBytes)
	}},
	{"pread64-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand {
		return anErrand("pread64", unix.SYS_PREAD64, noDescriptor, e.buffer(), someBytes, 0)
	}},
	{"pread64-ESPIPE", 0, unix.ESPIPE, uncounted, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return anErrand("pread64", unix.SYS_PREAD64, pipe, e.buffer(), someBytes, 0)
	}},
	{"pread64-EINVAL", 0, unix.EINVAL, uncounted, func(e *accountEnds) *errand {
		return anErrand("pread64", unix.SYS_PREAD64, e.source(), e.buffer(), someBytes, negativeOffset)
	}},
	{"preadv-EINVAL", 0, unix.EINVAL, uncounted, func(e *accountEnds) *errand {
		return anErrand("preadv", unix.SYS_PREADV, e.source(), e.vector(someBytes), 2, negativeOffset, negativeOffset)
	}},
	{"write-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, noDescriptor, e.buffer(), someBytes)
	}},
	{"write-read-only", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand {
		return anErrand("write", unix.SYS_WRITE, e.source(), e.buffer(), someBytes)
	}},
	{"pwrite64-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand {
		return anErrand("pwrite64", unix.SYS_PWRITE64, noDescriptor, e.buffer(), someBytes, 0)
	}},
	{"sendfile-sink-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand { return e.sends(noDescriptor, e.source(), 0, someBytes) }},
	{"sendfile-source-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand { return e.sends(e.blank(), noDescriptor, 0, someBytes) }},
	{"sendfile-ESPIPE", 0, unix.ESPIPE, uncounted, func(e *accountEnds) *errand {
		pipe, _ := e.pipe()
		return e.sends(e.blank(), pipe, e.offset(0), someBytes)
	}},
	{"sendfile-EINVAL", 0, unix.EINVAL, uncounted, func(e *accountEnds) *errand { return e.sends(e.blank(), e.source(), e.offset(-1), someBytes) }},
	{"copy_file_range-EBADF", 0, unix.EBADF, uncounted, func(e *accountEnds) *errand { return e.copies(noDescriptor, 0, e.blank(), 0, someBytes, 0) }},
	{"copy_file_range-EINVAL", 0, unix.EINVAL, uncounted, func(e *accountEnds) *errand { return e.copies(e.source(), 0, e.blank(), 0, someBytes, 1) }},
}

var accountRefusedVectors = []accountRow{
	{"readv", 0, unix.EBADF, emptyRead, func(e *accountEnds) *errand {
		return anErrand("readv", unix.SYS_READV, noDescriptor, e.vector(someBytes), 2)
	}},
	{"preadv", 0, unix.EBADF, emptyRead, func(e *accountEnds) *errand {
		return anErrand("preadv", unix.SYS_PREADV, noDescriptor, e.vector(someBytes), 2, 0, 0)
	}},
	{"writev", 0, unix.EBADF, emptyWrite, func(e *accountEnds) *errand {
		return anErrand("writev", unix.SYS_WRITEV, noDescriptor, e.vector(someBytes), 2)
	}},
	{"pwritev", 0, unix.EBADF, emptyWrite, func(e *accountEnds) *errand {
		return anErrand("pwritev", unix.SYS_PWRITEV, noDescriptor, e.vector(someBytes), 2, 0, 0)
	}},
}
