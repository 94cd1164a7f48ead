package contract

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// mmapEnds are the clauses on the end of a file that is mapped, and on one that moves meanwhile.
var mmapEnds = []Clause{
	{ID: "MMAP-TAIL-ZERO", Since: "2.6.33", Source: "mmap(2) NOTES", Places: everyFilesystem,
		Text: "the bytes of the last page that lie behind the end of the file are zeros", Check: func(t *T) {
			file := t.FileOn(t.Place(), int64(pageBytes)+100)
			for _, flags := range []int{unix.MAP_SHARED, unix.MAP_PRIVATE} {
				t.Step("flags %#x", flags)
				seen := t.Map(file.Descriptor(), 0, 2*pageBytes, unix.PROT_READ, flags)
				t.Same("the last page", seen[pageBytes:], append(t.BytesOf(file, int64(pageBytes), 100), make([]byte, pageBytes-100)...))
			}
		}},
	{ID: "MMAP-TAIL-CUT", Since: "2.6.33", Source: "mmap(2) NOTES, ftruncate(2)", Places: everyFilesystem,
		Text: "when a file is cut within a page, what was behind the new end becomes zeros in the mapping", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 2*int64(pageBytes))
			seen := t.Map(file.Descriptor(), 0, 2*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			t.Arrived(seen, file, 0, 2*int64(pageBytes))
			t.Resize(writer, 100)
			t.Same("the last page", seen[:pageBytes], append(t.BytesOf(file, 0, 100), make([]byte, pageBytes-100)...))
		}},
	{ID: "MMAP-TAIL-LOST", Since: "2.6.33", Source: "mmap(2) NOTES", Places: everyFilesystem,
		Text: "what is stored behind the end of the file, into its last page, is no part of the file, and makes it no longer", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 100)
			stored := t.Map(writer, 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			copy(stored[50:], bytes.Repeat([]byte{0x5a}, pageBytes-50))
			t.Must(unix.Msync(stored, unix.MS_SYNC))
			Equal(t, "size", t.Stat(writer).Size, 100)
			owed := over(t.BytesOf(file, 0, 100), 50, bytes.Repeat([]byte{0x5a}, 50))
			t.Contains(file.Descriptor(), "the file", owed)
			t.Step("by sendfile")
			open, sink := t.Pair("unix-stream")
			offset := int64(0)
			t.Counts(sendfile(sink, file.Descriptor(), &offset, int64(pageBytes)), 100)
			t.Same("what was sent", t.Delivered(open), owed)
		}},
	// ftruncate(2) promises zeros, and the BUGS of mmap(2) that what was stored there may come to light.
	{ID: "MMAP-TAIL-GROWN", Source: "ftruncate(2) DESCRIPTION, mmap(2) BUGS", Places: everyFilesystem,
		Text: "what was stored behind the end of a file does not come to light when the file grows", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 100)
			stored := t.Map(writer, 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			copy(stored[100:], bytes.Repeat([]byte{0x5a}, pageBytes-100))
			t.Resize(writer, int64(pageBytes))
			t.Contains(file.Descriptor(), "the file", append(t.BytesOf(file, 0, 100), make([]byte, pageBytes-100)...))
		}},
	{ID: "MMAP-REGROWN", Since: "2.6.33", Source: "ftruncate(2) DESCRIPTION", Places: everyFilesystem,
		Text: "a file that was cut and has grown again reads as zeros from where it was cut, and so does write(2) from its mapping", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 4*int64(pageBytes))
			seen := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			t.Arrived(seen, file, 0, 4*int64(pageBytes))
			t.Resize(writer, 1000)
			t.Resize(writer, 4*int64(pageBytes))
			owed := append(t.BytesOf(file, 0, 1000), make([]byte, 4*pageBytes-1000)...)
			t.Contains(file.Descriptor(), "the file", owed)
			open, sink := t.Pair("pipe")
			t.Counts(write(sink, seen), int64(len(seen)))
			t.Same("what was sent", t.Delivered(open), owed)
		}},
	// The page leaves open what a mapping shows of pages that the file has got since.
	{ID: "MMAP-GROWN", Source: "mmap(2) NOTES", Places: everyFilesystem,
		Text: "a mapping that is longer than its file shows what is appended to the file later", Check: func(t *T) {
			file := t.FileOn(t.Place(), int64(pageBytes))
			seen := t.Map(file.Descriptor(), 0, 3*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			t.Arrived(seen[:pageBytes], file, 0, int64(pageBytes))
			t.Same("what was appended", seen[pageBytes:], t.Overwrite(file, int64(pageBytes), 2*int64(pageBytes)))
		}},
	{ID: "MMAP-SIGBUS", Since: "2.6.33", Source: "mmap(2) ERRORS: SIGBUS", Places: everyFilesystem,
		Text: "who touches a page that lies wholly behind the end of the file, or does since the file was cut, is sent a SIGBUS", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 2*int64(pageBytes))
			t.Step("behind the end of the file")
			t.Bus(file.Descriptor(), 3*pageBytes, 2*pageBytes, func() {})
			t.Step("behind the end that the file has got meanwhile")
			t.Bus(file.Descriptor(), 2*pageBytes, pageBytes, func() { t.Resize(writer, 10) })
			t.Step("before the end")
			t.NoBus(file.Descriptor(), pageBytes, pageBytes-1, 0)
		}},
	{ID: "MMAP-WRITE-PAST-END", Since: "2.6.33", Source: "write(2) ERRORS: EFAULT", Places: into,
		Text: "write(2) from a part of a mapping that the file has not is EFAULT, and nothing arrives", Check: func(t *T) {
			file, writer := t.Target("tmp", 4*int64(pageBytes))
			data := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			open, sink := t.Pair(t.Place())
			t.Resize(writer, int64(pageBytes))
			t.Fails(write(sink, data[pageBytes:]), unix.EFAULT)
			t.Same("what arrived", t.Delivered(open), nil)
		}},
	{ID: "MMAP-WRITE-ACROSS-END", Since: "2.6.33", Source: "write(2) RETURN VALUE, ERRORS: EFAULT", Places: into,
		Text: "write(2) from a mapping whose file was cut within the range is short, or EFAULT: the bytes that it counts arrive, and no others", Check: func(t *T) {
			const pages, left = 8, 5
			file, writer := t.Target("tmp", pages*int64(pageBytes))
			data := t.Map(file.Descriptor(), 0, pages*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			open, sink := t.Pair(t.Place())
			t.Resize(writer, left*int64(pageBytes))
			r := write(sink, data[100:])
			if r.Errno != 0 {
				t.Fails(r, unix.EFAULT)
				r.N = 0
			} else {
				t.Within(r, 1, left*int64(pageBytes)-100)
			}
			t.Arrived(t.Delivered(open), file, 100, r.N)
		}},
	{ID: "MMAP-NO-ACCESS", Since: "2.6.33", Source: "write(2) ERRORS: EFAULT, mmap(2): PROT_NONE", Places: into,
		Text: "write(2) from a mapping that allows no access is EFAULT, and nothing arrives", Check: func(t *T) {
			file := t.File(int64(pageBytes))
			data := t.Map(file.Descriptor(), 0, pageBytes, unix.PROT_NONE, unix.MAP_SHARED)
			open, sink := t.Pair(t.Place())
			t.Fails(write(sink, data), unix.EFAULT)
			t.Same("what arrived", t.Delivered(open), nil)
		}},
}
