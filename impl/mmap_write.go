package impl

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MmapWrite is the textbook's second technique: mmap(2) the source, write(2) from the mapping. Each chunk is
// mapped by itself, so that the address space it needs does not grow with the source.
//
// For all methods that map holds: where somebody cuts the source short meanwhile, the call that takes the pages behind
// its new end fails with EFAULT. No such page is touched but by a call, so none raises SIGBUS.
var MmapWrite = Method{
	Name: "mmap+write",
	Claim: Claim{
		Source:     "mmap(2), write(2)",
		Calls:      map[string]int{"mmap": 1, "write": 1},
		Teardown:   map[string]int{"munmap": 1},
		Faults:     1,
		UserCopies: 1,
	},
	Into: AnySink,
	Move: mapped(unix.MAP_SHARED, ofUsualPages, writeMapped),
}

// mapped is the Move of a method that maps each chunk by itself, with those flags, from a source of pages of that size.
// Use gets the mapping up to the chunk's end and where in it the chunk begins, and says how much the sink has taken.
func mapped(flags int, pageBytes func(*Transfer) int, use func(t *Transfer, mapping []byte, skip int) (taken int, err error)) func(*Transfer) (int64, error) {
	move := mover(func(t *Transfer, offset int64, length int) (taken int, err error) {
		// A mapping is whole pages.
		page := pageBytes(t)
		skip := int(offset % int64(page))
		size := uintptr(roundUp(skip+length, page))
		address, err := unix.MmapPtr(t.Source, offset-int64(skip), nil, size, unix.PROT_READ, flags)
		if err != nil {
			return 0, err
		}
		taken, err = use(t, unsafe.Slice((*byte)(address), skip+length), skip)
		if unmapErr := unix.MunmapPtr(address, size); err == nil {
			err = unmapErr
		}
		return taken, err
	})
	return func(t *Transfer) (int64, error) {
		// A mapping does not end where the file does: the rest of the last page reads as zeros, and the
		// pages behind it raise SIGBUS. So the range is cut to the source's size.
		size, err := t.size()
		if err != nil {
			return 0, err
		}
		return move.each(t, min(t.Length, size-t.Offset))
	}
}

// roundUp is the next multiple of a page's size.
func roundUp(bytes, page int) int { return (bytes + page - 1) / page * page }

func ofUsualPages(*Transfer) int { return os.Getpagesize() }

func writeMapped(t *Transfer, mapping []byte, skip int) (int, error) {
	return write(t.Sink, mapping[skip:])
}

// size is the source's size, which costs a call only where its opener did not know it. What has none cannot be
// mapped, and that is what is said of it.
func (t *Transfer) size() (int64, error) {
	if t.SourceBytes >= 0 {
		return t.SourceBytes, nil
	}
	var file unix.Stat_t
	if err := unix.Fstat(t.Source, &file); err != nil {
		return 0, err
	}
	if file.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0, unix.ENODEV
	}
	return file.Size, nil
}
