package impl

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MmapWrite is the textbook's second technique: mmap(2) the source, write(2) from the mapping. Each chunk is
// mapped by itself, so that the address space it needs does not grow with the source.
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
	Move: func(t *Transfer) (moved int64, err error) {
		// A mapping does not end where the file does: the rest of the last page reads as zeros, and the
		// pages behind it raise SIGBUS. So the range is cut to the source's size.
		size, err := t.size()
		if err != nil {
			return 0, err
		}
		length := min(t.Length, size-t.Offset)
		for moved < length {
			want := int(min(int64(t.left(moved)), length-moved))
			n, err := writeMapped(t, t.Offset+moved, want)
			moved += int64(n)
			if err != nil {
				return moved, err
			}
		}
		return moved, nil
	},
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

// writeMapped writes one chunk of the source, from that offset on, out of a mapping made for it alone.
func writeMapped(t *Transfer, offset int64, length int) (taken int, err error) {
	// A mapping starts on a page boundary.
	skip := int(offset % int64(os.Getpagesize()))
	address, err := unix.MmapPtr(t.Source, offset-int64(skip), nil, uintptr(skip+length), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return 0, err
	}
	taken, err = write(t.Sink, unsafe.Slice((*byte)(address), skip+length)[skip:])
	if unmapErr := unix.MunmapPtr(address, uintptr(skip+length)); err == nil {
		err = unmapErr
	}
	return taken, err
}
