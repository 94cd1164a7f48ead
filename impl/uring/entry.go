package uring

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Op is an operation, IORING_OP_ of io_uring_enter(2).
type Op uint8

const (
	OpNop       Op = 0  // since 5.1
	OpPollAdd   Op = 6  // since 5.1
	OpRead      Op = 22 // since 5.6
	OpWrite     Op = 23 // since 5.6
	OpSend      Op = 26 // since 5.6
	OpSplice    Op = 30 // since 5.7
	OpTee       Op = 33 // since 5.8
	OpSendZC    Op = 47 // since 6.0
	OpSendmsgZC Op = 48 // since 6.1
)

// String is the operation's name.
func (op Op) String() string {
	if name, known := opNames[op]; known {
		return name
	}
	return "IORING_OP_" + strconv.Itoa(int(op))
}

var opNames = map[Op]string{
	OpNop: "IORING_OP_NOP", OpPollAdd: "IORING_OP_POLL_ADD", OpRead: "IORING_OP_READ", OpWrite: "IORING_OP_WRITE", OpSend: "IORING_OP_SEND",
	OpSplice: "IORING_OP_SPLICE", OpTee: "IORING_OP_TEE", OpSendZC: "IORING_OP_SEND_ZC", OpSendmsgZC: "IORING_OP_SENDMSG_ZC",
}

// SQE is struct io_uring_sqe: what the kernel is asked for. Fields that mean another thing to another operation are
// named after what they mean to those here.
//
// An entry names memory and descriptors by number. Both are the caller's to keep until the completion says that they
// are done with: memory has to stay where it is, as a mapping does, and Go's memory that a runtime.Pinner holds.
type SQE struct {
	Op    Op
	Flags uint8 // SQELink and the like
	// Priority is where the send operations have flags of their own: SendZCReportUsage.
	Priority uint16
	FD       int32
	Offset   uint64 // of FD; ^0 for its position
	// Address is user memory, and for OpSplice the source's offset.
	Address  uint64
	Length   uint32 // bytes
	OpFlags  uint32 // MSG_, SPLICE_F_ or POLL bits
	UserData uint64 // comes back in each completion
	_        uint16
	_        uint16
	SpliceFD int32 // the descriptor that OpSplice and OpTee take from
	_        [2]uint64
}

// Flags of an entry.
const (
	// SQELink has the next entry wait for this one's success (IOSQE_IO_LINK, since 5.3): after an error or a short
	// count it is not begun, and completes with ECANCELED.
	SQELink = 1 << 2
	// SendZCReportUsage has the notification of a zero-copy send say whether the kernel copied after all
	// (IORING_SEND_ZC_REPORT_USAGE, since 6.2; EINVAL before).
	SendZCReportUsage = 1 << 3
)

// CQE is struct io_uring_cqe: what became of an entry.
type CQE struct {
	UserData uint64
	Result   int32 // what the system call would have returned: a count, or an errno below 0
	Flags    uint32
}

// Flags of a completion.
const (
	// CQEMore says that another completion of the same entry will follow (IORING_CQE_F_MORE).
	CQEMore = 1 << 1
	// CQENotif says that this is the notification of a zero-copy send: its memory is the caller's again
	// (IORING_CQE_F_NOTIF).
	CQENotif = 1 << 3
	// copied is IORING_NOTIF_USAGE_ZC_COPIED in a notification's result.
	copied = 1 << 31
)

// Err is the completion's errno, nil for none.
func (c CQE) Err() error {
	if c.Result < 0 && c.Flags&CQENotif == 0 {
		return unix.Errno(-c.Result)
	}
	return nil
}

// More says whether another completion of the same entry will follow.
func (c CQE) More() bool { return c.Flags&CQEMore != 0 }

// Notif says whether this is the notification of a zero-copy send.
func (c CQE) Notif() bool { return c.Flags&CQENotif != 0 }

// Copied says whether a notification reports that the kernel has copied: only those of entries with SendZCReportUsage do.
func (c CQE) Copied() bool { return c.Notif() && uint32(c.Result)&copied != 0 }

// Position, as an offset, stands for a file's own position, and for none where the file has none.
const Position = -1

// Nop does nothing.
func Nop() SQE { return SQE{Op: OpNop} }

// Read is read(2), or pread(2) where the offset is not Position.
func Read(fd int, into []byte, offset int64) SQE {
	return about(SQE{Op: OpRead, FD: int32(fd), Offset: uint64(offset)}, into)
}

// Write is write(2), or pwrite(2) where the offset is not Position.
func Write(fd int, from []byte, offset int64) SQE {
	return about(SQE{Op: OpWrite, FD: int32(fd), Offset: uint64(offset)}, from)
}

// Splice is splice(2) with SPLICE_F_ flags. The kernel does it on a thread of its own.
func Splice(from int, fromOffset int64, into int, intoOffset int64, length int, flags uint32) SQE {
	return SQE{Op: OpSplice, FD: int32(into), Offset: uint64(intoOffset), Address: uint64(fromOffset), Length: uint32(length), OpFlags: flags, SpliceFD: int32(from)}
}

// Tee is tee(2) with SPLICE_F_ flags.
func Tee(from, into, length int, flags uint32) SQE {
	return SQE{Op: OpTee, FD: int32(into), Length: uint32(length), OpFlags: flags, SpliceFD: int32(from)}
}

// Send is send(2) with MSG_ flags.
func Send(fd int, from []byte, flags uint32) SQE {
	return about(SQE{Op: OpSend, FD: int32(fd), OpFlags: flags}, from)
}

// SendZC is the same without a copy, as far as the kernel can: it has two completions, the second of which, the
// notification, says that the memory may be changed again. One that fails at once has one.
func SendZC(fd int, from []byte, flags uint32, report uint16) SQE {
	return about(SQE{Op: OpSendZC, FD: int32(fd), OpFlags: flags, Priority: report}, from)
}

// SendmsgZC is sendmsg(2) in the same way.
func SendmsgZC(fd int, message *unix.Msghdr, flags uint32, report uint16) SQE {
	return SQE{Op: OpSendmsgZC, FD: int32(fd), Address: uint64(uintptr(unsafe.Pointer(message))), Length: 1, OpFlags: flags, Priority: report}
}

// PollAdd waits once until one of those poll(2) events is there: its result is which.
func PollAdd(fd int, events uint32) SQE { return SQE{Op: OpPollAdd, FD: int32(fd), OpFlags: events} }

// Linked is the entry with SQELink.
func (e SQE) Linked() SQE { e.Flags |= SQELink; return e }

// With is the entry with that user data.
func (e SQE) With(userData uint64) SQE { e.UserData = userData; return e }

// about is the entry with the memory that it is about.
func about(e SQE, memory []byte) SQE {
	e.Address, e.Length = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))), uint32(len(memory))
	return e
}
