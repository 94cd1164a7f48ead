package contract

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// segment is struct iovec (iovec(3type)), with any address. What lies there must be none of Go's memory.
type segment struct{ base, length uintptr }

// part is a segment of memory that is none of Go's.
func part(memory []byte) segment {
	return segment{uintptr(unsafe.Pointer(unsafe.SliceData(memory))), uintptr(len(memory))}
}

// vectoredCalls are the calls on vectors, by their names.
var vectoredCalls = map[string]struct {
	number  uintptr
	writes  bool
	offsets bool
}{
	"readv":    {unix.SYS_READV, false, false},
	"writev":   {unix.SYS_WRITEV, true, false},
	"preadv":   {unix.SYS_PREADV, false, true},
	"pwritev":  {unix.SYS_PWRITEV, true, true},
	"preadv2":  {unix.SYS_PREADV2, false, true},
	"pwritev2": {unix.SYS_PWRITEV2, true, true},
}

// vector makes such a call. One that has no offset, or no flags, does not look at them.
func vector(call string, fd int, pieces []segment, offset int64, flags uintptr) Result {
	return vectorOf(call, fd, pieces, len(pieces), offset, flags)
}

// vectorOf says how many segments there are, truly or not.
func vectorOf(call string, fd int, pieces []segment, count int, offset int64, flags uintptr) Result {
	// On a machine of 64 bits the offset's upper half is in the lower one already, and is not looked at.
	n, _, errno := unix.Syscall6(vectoredCalls[call].number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(pieces))), uintptr(count), uintptr(offset), uintptr(offset>>32), flags)
	if errno != 0 {
		return Result{Call: call, N: -1, Errno: errno}
	}
	return Result{Call: call, N: int64(n)}
}

// elsewhere is where the position lies that a call with an offset does not look at.
const elsewhere = 7

// at has the place's call begin at an offset: by the position, where the call has none.
func (t *T) at(fd int, offset int64) int64 {
	t.seek(fd, elsewhere)
	if !vectoredCalls[t.Place()].offsets {
		t.seek(fd, offset)
	}
	return offset
}

// moved holds the place's call to have moved the position by a count; or not, where the call has an offset.
func (t *T) moved(fd int, offset, count int64) {
	owed := offset + count
	if vectoredCalls[t.Place()].offsets {
		owed = elsewhere
	}
	Equal(t, "position", t.position(fd), owed)
}
