package contract

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// accountRow is a call and how it is accounted for. A row is one of a clause's places.
type accountRow struct {
	place string
	// gives is what the call returns, fails with what it fails instead.
	gives int64
	fails unix.Errno
	// owes is how the accounting moves.
	owes tally
	call func(*accountEnds) *errand
}

// someBytes is how many bytes the calls move, unless their row says otherwise.
const someBytes = 5000

// How calls are accounted for that move some bytes.
var (
	uncounted = tally{}
	aRead     = tally{syscr: 1, rchar: someBytes}
	aWrite    = tally{syscw: 1, wchar: someBytes}
	aTransfer = tally{syscr: 1, syscw: 1, rchar: someBytes, wchar: someBytes}
)

// anyResult stands for one that is not known beforehand: an address.
const anyResult = -1

func accountPlaces(rows []accountRow) (names []string) {
	for _, r := range rows {
		names = append(names, r.place)
	}
	return names
}

// accounts has a clerk make the call of the row at the clause's place.
func (t *T) accounts(rows []accountRow) {
	for _, r := range rows {
		if r.place != t.Place() {
			continue
		}
		result, moved := t.Clerk().does(r.call(t.accountEnds()))
		switch {
		case r.fails != 0:
			t.Fails(result, r.fails)
		case r.gives == anyResult:
			t.Holds(result.Errno == 0, result.Call+" succeeds", result.String())
		default:
			t.Counts(result, r.gives)
		}
		Equal(t, "the accounting", moved, r.owes)
	}
}

// accountEnds makes what the rows' calls are about.
type accountEnds struct {
	*T
	memory []byte
	used   int
}

// memoryBytes is how much memory a row has, bufferBytes how much of it bytes come from or go to.
const (
	memoryBytes = 64 << 10
	bufferBytes = 48 << 10
)

func (t *T) accountEnds() *accountEnds {
	return &accountEnds{T: t, memory: t.mapped(memoryBytes), used: bufferBytes}
}

// mapped is memory of the check's own that stays where it is, and can be read and written.
func (t *T) mapped(bytes int) []byte {
	memory, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_POPULATE)
	t.Must(os.NewSyscallError("mmap", err))
	t.Cleanup(func() { unix.Munmap(memory) })
	return memory
}

func startOf(memory []byte) uintptr { return uintptr(unsafe.Pointer(&memory[0])) }

// buffer is where bytes come from or go to, bad an address where none do.
func (e *accountEnds) buffer() uintptr { return startOf(e.memory) }
func (e *accountEnds) bad() uintptr    { return e.Memory(unix.PROT_NONE) }

// piece makes room for something that the kernel is to read, behind the buffer.
func (e *accountEnds) piece(bytes uintptr) unsafe.Pointer {
	at := e.used
	e.used += int(bytes)
	return unsafe.Pointer(&e.memory[at])
}

// vector is an array of two pieces of memory.
func (e *accountEnds) vector(bytes uint64) uintptr {
	pieces := (*[2]unix.Iovec)(e.piece(unsafe.Sizeof([2]unix.Iovec{})))
	pieces[0] = unix.Iovec{Base: &e.memory[0], Len: 1000}
	pieces[1] = unix.Iovec{Base: &e.memory[1000], Len: bytes - 1000}
	return uintptr(unsafe.Pointer(pieces))
}

// message is a struct msghdr with such an array.
func (e *accountEnds) message(bytes uint64) uintptr {
	m := (*unix.Msghdr)(e.piece(unsafe.Sizeof(unix.Msghdr{})))
	m.Iovlen = 2
	m.Iov = (*unix.Iovec)(unsafe.Add(unsafe.Pointer(m), unsafe.Sizeof(*m)))
	e.vector(bytes)
	return uintptr(unsafe.Pointer(m))
}

// offset is a file offset that the kernel is to read and write.
func (e *accountEnds) offset(at int64) uintptr {
	place := (*int64)(e.piece(unsafe.Sizeof(at)))
	*place = at
	return uintptr(unsafe.Pointer(place))
}

// source is a file that has some bytes and no more, blank an empty one on the same filesystem.
func (e *accountEnds) source() uintptr { return uintptr(e.FileOn("memfd", someBytes).Descriptor()) }
func (e *accountEnds) blank() uintptr  { return uintptr(e.Hole(0)) }

// into is a sink of a named kind.
func (e *accountEnds) into(kind string) uintptr {
	_, fd := e.Pair(kind)
	return uintptr(fd)
}

// pipe is a pipe's reading end, where some bytes wait, and its writing end.
func (e *accountEnds) pipe() (reader, writer uintptr) {
	r, w := e.Pipe(0)
	e.Done(write(w, make([]byte, someBytes)))
	return uintptr(r), uintptr(w)
}

// empty is the same where none wait, and none are waited for.
func (e *accountEnds) empty() (reader, writer uintptr) {
	r, w := e.T.pipe()
	e.Nonblocking(r)
	e.Nonblocking(w)
	return uintptr(r), uintptr(w)
}

// full is a pipe that takes no more and does not wait, narrow one that takes a page, broken one that nobody reads.
func (e *accountEnds) full() uintptr {
	_, w := e.Pipe(0)
	e.Fill(w)
	e.Nonblocking(w)
	return uintptr(w)
}

func (e *accountEnds) narrow() uintptr {
	_, w := e.Pipe(unix.O_NONBLOCK)
	_, err := unix.FcntlInt(uintptr(w), unix.F_SETPIPE_SZ, pageBytes)
	e.Must(os.NewSyscallError("fcntl", err))
	return uintptr(w)
}

func (e *accountEnds) broken() uintptr {
	r, w := e.Pipe(0)
	e.Shut(r)
	return uintptr(w)
}

// socket is one end of a pair, where some bytes wait.
func (e *accountEnds) socket(kind int) uintptr {
	one, other := e.Sockets(kind)
	e.Done(write(other, make([]byte, someBytes)))
	return uintptr(one)
}

// What is no descriptor, and what no offset.
const (
	noDescriptor   = ^uintptr(0)
	negativeOffset = ^uintptr(0) - 1
)
