package contract

import (
	"bytes"
	"math"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
)

// inMemoryOrTemp are kinds of files that every machine has.
var inMemoryOrTemp = []string{"tmp", "tmpfs", "memfd"}

// everyFilesystem are those and the ones that take a mount of the kit's own.
var everyFilesystem = []string{"tmp", "tmpfs", "memfd", "ext4", "xfs", "btrfs", "overlay"}

var copyFileRangeClauses = Interface{
	Page: "copy_file_range(2)", Needs: []probe.Interface{probe.CopyFileRange},
	Clauses: slices.Concat(copyRanges, copyFilesystems, copyErrors, copyLimits),
}

var copyRanges = []Clause{
	{ID: "COPY-FILE-RANGE-OFFSETS", Since: "4.5", Source: "copy_file_range(2): off_in", Places: inMemoryOrTemp,
		Text: "offsets that are given advance by the count, the files' positions stay, and no byte of the sink outside the range changes", Check: func(t *T) {
			file := t.FileOn(t.Place(), 10_000)
			old, sink := t.Target(t.Place(), 20_000)
			t.seek(file.Descriptor(), 77)
			t.seek(sink, 88)
			from, to := int64(1000), int64(3001)
			t.Counts(copyFileRange(file.Descriptor(), &from, sink, &to, 5000, 0), 5000)
			Equal(t, "offset in the source", from, 6000)
			Equal(t, "offset in the sink", to, 8001)
			Equal(t, "position of the source", t.position(file.Descriptor()), 77)
			Equal(t, "position of the sink", t.position(sink), 88)
			t.Contains(sink, "the sink's bytes around a copy", over(t.BytesOf(old, 0, 20_000), 3001, t.BytesOf(file, 1000, 5000)))
		}},
	{ID: "COPY-FILE-RANGE-POSITIONS", Since: "4.5", Source: "copy_file_range(2): off_in", Places: inMemoryOrTemp,
		Text: "without offsets it copies from position to position, and both advance by the count", Check: func(t *T) {
			file := t.FileOn(t.Place(), 10_000)
			old, sink := t.Target(t.Place(), 20_000)
			t.seek(file.Descriptor(), 1000)
			t.seek(sink, 3001)
			t.Counts(copyFileRange(file.Descriptor(), nil, sink, nil, 5000, 0), 5000)
			Equal(t, "position of the source", t.position(file.Descriptor()), 6000)
			Equal(t, "position of the sink", t.position(sink), 8001)
			t.Contains(sink, "the sink's bytes around a copy", over(t.BytesOf(old, 0, 20_000), 3001, t.BytesOf(file, 1000, 5000)))
		}},
	{ID: "COPY-FILE-RANGE-MIXED", Since: "4.5", Source: "copy_file_range(2): off_in",
		Text: "an offset for one of the files leaves that one's position, and the other's advances", Check: func(t *T) {
			file := t.File(10_000)
			sinkReader, sink := t.Empty(unix.O_WRONLY)
			t.Step("an offset for the source alone")
			t.seek(file.Descriptor(), 500)
			from := int64(1000)
			t.Counts(copyFileRange(file.Descriptor(), &from, sink, nil, 3000, 0), 3000)
			Equal(t, "offset", from, 4000)
			Equal(t, "position of the source", t.position(file.Descriptor()), 500)
			Equal(t, "position of the sink", t.position(sink), 3000)
			t.Step("an offset for the sink alone")
			to := int64(3000)
			t.seek(sink, 10)
			t.Counts(copyFileRange(file.Descriptor(), nil, sink, &to, 2000, 0), 2000)
			Equal(t, "offset", to, 5000)
			Equal(t, "position of the source", t.position(file.Descriptor()), 2500)
			Equal(t, "position of the sink", t.position(sink), 10)
			t.Contains(sinkReader, "two copies", append(t.BytesOf(file, 1000, 3000), t.BytesOf(file, 500, 2000)...))
		}},
	{ID: "COPY-FILE-RANGE-COUNT-ZERO", Since: "4.5", Source: "copy_file_range(2): len",
		Text: "a count of 0 returns 0 and moves nothing", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			from := int64(10)
			t.Counts(copyFileRange(file.Descriptor(), &from, sink, nil, 0, 0), 0)
			Equal(t, "offset", from, 10)
			t.Contains(reader, "the sink", nil)
		}},
	{ID: "COPY-FILE-RANGE-END", Since: "5.3", Source: "copy_file_range(2) RETURN VALUE",
		Text: "at the end of the source, and however far past it, 0 is returned and the sink stays as it is", Check: func(t *T) {
			file := t.File(100)
			old, sink := t.Target("tmp", 100)
			for _, at := range []int64{100, 101, 1 << 20, math.MaxInt64 - 50} {
				t.Step("at offset %d", at)
				from, to := at, int64(10)
				t.Counts(copyFileRange(file.Descriptor(), &from, sink, &to, 50, 0), 0)
				Equal(t, "offset in the source", from, at)
				Equal(t, "offset in the sink", to, 10)
			}
			t.Contains(sink, "the sink", t.BytesOf(old, 0, 100))
		}},
	{ID: "COPY-FILE-RANGE-PAST-END", Since: "5.3", Source: "copy_file_range(2) RETURN VALUE", Places: inMemoryOrTemp,
		Text: "a count that reaches past the end, up to the largest there is, copies what is left", Check: func(t *T) {
			file := t.FileOn(t.Place(), 10_000)
			for _, count := range []uint64{1001, 1 << 20, 3 << 30, math.MaxInt64 - 9_000} {
				t.Step("a count of %d", count)
				_, sink := t.Target(t.Place(), 0)
				from := int64(9_000)
				t.Counts(copyFileRange(file.Descriptor(), &from, sink, nil, count, 0), 1_000)
				Equal(t, "offset", from, 10_000)
				t.Contains(sink, "the copy", t.BytesOf(file, 9_000, 1_000))
			}
		}},
	{ID: "COPY-FILE-RANGE-GAP", Since: "4.5", Source: "copy_file_range(2): off_out, lseek(2)", Places: inMemoryOrTemp,
		Text: "a copy to a place past the sink's end makes the sink larger, and what lies between reads as zeros", Check: func(t *T) {
			file := t.FileOn(t.Place(), 10_000)
			old, sink := t.Target(t.Place(), 100)
			to := int64(50_000)
			t.Counts(copyFileRange(file.Descriptor(), nil, sink, &to, 10_000, 0), 10_000)
			owed := append(t.BytesOf(old, 0, 100), make([]byte, 50_000-100)...)
			t.Contains(sink, "the sink with a gap", append(owed, t.BytesOf(file, 0, 10_000)...))
		}},
	{ID: "COPY-FILE-RANGE-HOLES", Since: "4.5", Source: "copy_file_range(2) NOTES", Places: inMemoryOrTemp,
		Text: "a hole of the source is copied as zeros over what the sink had there", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 0)
			t.Resize(writer, 1<<20)
			data := bytes.Repeat([]byte{7}, 5000)
			t.Store(writer, data, 300_000)
			_, sink := t.Target(t.Place(), 1<<20)
			t.copyAll(file.Descriptor(), sink, 1<<20)
			t.Contains(sink, "the copy of a sparse file", over(make([]byte, 1<<20), 300_000, data))
		}},
	{ID: "COPY-FILE-RANGE-ONE-FILE", Since: "4.5", Source: "copy_file_range(2): fd_in and fd_out", Places: inMemoryOrTemp,
		Text: "within one file, ranges that do not overlap are copied, also where one begins as the other ends", Check: func(t *T) {
			file, sink := t.Target(t.Place(), 30_000)
			owed := t.BytesOf(file, 0, 30_000)
			for _, c := range []struct {
				name   string
				from   int
				at, to int64
				count  uint64
			}{
				{"through two descriptors, forwards", file.Descriptor(), 0, 5_000, 5_000},
				{"through two descriptors, backwards", file.Descriptor(), 20_000, 14_999, 5_001},
				{"through one descriptor, across the end", sink, 1_000, 29_000, 2_000},
			} {
				t.Step("%s", c.name)
				from, to := c.at, c.to
				moved := slices.Clone(owed[from : from+int64(c.count)])
				t.Counts(copyFileRange(c.from, &from, sink, &to, c.count, 0), int64(c.count))
				if end := int(c.to) + len(moved); end > len(owed) {
					owed = append(owed, make([]byte, end-len(owed))...)
				}
				owed = over(owed, c.to, moved)
				t.Contains(sink, "the file", owed)
			}
		}},
	// The page speaks of the ranges. What is compared is what is there to be copied of them.
	{ID: "COPY-FILE-RANGE-CUT-APART", Source: "copy_file_range(2) ERRORS: EINVAL",
		Text: "ranges of one file that would overlap only beyond its end are copied as far as it goes", Check: func(t *T) {
			file, sink := t.Target("tmp", 10_000)
			from, to := int64(9_000), int64(10_000)
			t.Counts(copyFileRange(file.Descriptor(), &from, sink, &to, 5_000, 0), 1_000)
			t.Contains(sink, "the file", append(t.BytesOf(file, 0, 10_000), t.BytesOf(file, 9_000, 1_000)...))
		}},
	{ID: "COPY-FILE-RANGE-PRIVATE", Since: "4.5", Source: "copy_file_range(2) DESCRIPTION, NOTES", Places: everyFilesystem,
		Text: "after a copy neither file sees what is written to the other, whether they share blocks or not", Check: func(t *T) {
			const size = 256 << 10
			file := t.FileOn(t.Place(), size)
			_, sink := t.Target(t.Place(), 0)
			t.copyAll(file.Descriptor(), sink, size)
			t.Step("the source is written to")
			t.Overwrite(file, 4096, 10_000)
			t.Contains(sink, "the copy", t.BytesOf(file, 0, size))
			t.Step("the copy is written to")
			now := t.Content(file.Descriptor())
			t.Store(sink, bytes.Repeat([]byte{1}, 10_000), 100_000)
			t.Contains(file.Descriptor(), "the source", now)
		}},
	{ID: "COPY-FILE-RANGE-MAPPED-SINK", Since: "4.5", Source: "mmap(2): MAP_SHARED", Places: everyFilesystem,
		Text: "who has the sink mapped sees what was copied into it", Check: func(t *T) {
			const size = 64 << 10
			file := t.FileOn(t.Place(), size)
			old, sink := t.Target(t.Place(), size)
			seen := t.Map(sink, 0, size, unix.PROT_READ, unix.MAP_SHARED)
			t.Same("the mapping", seen, t.BytesOf(old, 0, size))
			t.copyAll(file.Descriptor(), sink, size)
			t.Same("the mapping", seen, t.BytesOf(file, 0, size))
		}},
	{ID: "COPY-FILE-RANGE-TIMES", Since: "4.5", Source: "inode(7): mtime, ctime", Places: everyFilesystem,
		Text: "a copy moves the sink's times of modification and of change", Check: func(t *T) {
			const size = 64 << 10
			file := t.FileOn(t.Place(), size)
			_, sink := t.Target(t.Place(), size)
			t.age(sink)
			before := t.Stat(sink)
			t.copyAll(file.Descriptor(), sink, size)
			after := t.Stat(sink)
			t.Holds(unix.TimespecToNsec(after.Mtim) > unix.TimespecToNsec(before.Mtim), "a later mtime", "the one it had")
			t.Holds(unix.TimespecToNsec(after.Ctim) > unix.TimespecToNsec(before.Ctim), "a later ctime", "the one it had")
		}},
	{ID: "COPY-FILE-RANGE-SETUID", Since: "5.3", Source: "capabilities(7): CAP_FSETID",
		Text: "a copy that is made without CAP_FSETID takes the sink's set-user-ID bit away, as any write does", Check: func(t *T) {
			file := t.File(100)
			_, sink := t.Empty(unix.O_WRONLY)
			t.Must(unix.Fchmod(sink, 0o4700))
			t.without(unix.CAP_FSETID)
			t.Counts(copyFileRange(file.Descriptor(), nil, sink, nil, 100, 0), 100)
			Equal(t, "mode", t.Stat(sink).Mode&0o7777, uint32(0o700))
		}},
}

// over puts new bytes into old ones.
func over(old []byte, at int64, new []byte) []byte {
	all := slices.Clone(old)
	copy(all[at:], new)
	return all
}

// copyFileRange makes the call. The pointers are converted in the argument list of the call itself, so that what they
// point to stays where it is.
func copyFileRange(from int, fromAt *int64, into int, intoAt *int64, count uint64, flags uint) Result {
	n, _, errno := unix.Syscall6(unix.SYS_COPY_FILE_RANGE, uintptr(from), uintptr(unsafe.Pointer(fromAt)), uintptr(into), uintptr(unsafe.Pointer(intoAt)), uintptr(count), uintptr(flags))
	if errno != 0 {
		return Result{Call: "copy_file_range", N: -1, Errno: errno}
	}
	return Result{Call: "copy_file_range", N: int64(n)}
}

// copyAll copies the beginning of a file to that of another, in as many calls as it takes: a short count is no
// deviation.
func (t *T) copyAll(from, into int, count int64) {
	var at, to int64
	for done := int64(0); done < count; {
		done += t.Within(copyFileRange(from, &at, into, &to, uint64(count-done), 0), 1, count-done)
		Equal(t, "offset in the source", at, done)
		Equal(t, "offset in the sink", to, done)
	}
}
