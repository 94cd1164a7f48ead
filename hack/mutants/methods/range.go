package methods

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// shorter is the transfer of a range without its last byte.
func shorter(t *impl.Transfer) *impl.Transfer {
	less := *t
	less.Length = max(0, left(t)-1)
	return &less
}

// from has the range begin elsewhere, and be as long as it was.
func from(offset func(*impl.Transfer) int64) making {
	return set(func(t *impl.Transfer) {
		t.Offset = offset(t)
		seek(t, t.Offset)
	})
}

// chunkwise has the original move a chunk at a time, from an offset that goes by what was moved before it.
func chunkwise(offset func(t *impl.Transfer, moved int64) int64) making {
	return moving(func(t *impl.Transfer, original move) (moved int64, err error) {
		for moved < t.Length {
			chunk := *t
			chunk.Offset, chunk.Length = offset(t, moved), min(int64(t.Chunk), t.Length-moved)
			seek(t, chunk.Offset)
			n, err := original(&chunk)
			moved += n
			if err != nil || n < chunk.Length {
				return moved, err
			}
		}
		return moved, nil
	})
}

// moveTail writes what lies in the source's last page beyond its end, where the range reaches that: only a mapping shows it.
func moveTail(t *impl.Transfer) {
	end := int(t.SourceBytes % int64(page))
	if t.SourceBytes < 0 || t.Offset+t.Length < t.SourceBytes || t.Offset > t.SourceBytes || end == 0 {
		return
	}
	last, err := unix.Mmap(t.Source, t.SourceBytes-int64(end), page, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return
	}
	_, _ = writeBoth(t, last[end:])
	_ = unix.Munmap(last)
}
