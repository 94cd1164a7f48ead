package contract

import (
	"bytes"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/spec"
)

var mmapClauses = Interface{
	Page: "mmap(2)", Clauses: slices.Concat(mmapContents, mmapPrivates, mmapFaults, mmapEnds, mmapErrors, mmapHuge),
}

// mmapContents are the clauses on what a mapping shows of its file, and what it hands to write(2).
var mmapContents = []Clause{
	{ID: "MMAP-CONTENT", Since: "2.6.33", Source: "mmap(2) DESCRIPTION", Places: everyFilesystem,
		Text: "a mapping shows the file from its offset on, to the end of the last page that it was asked for", Check: func(t *T) {
			page := int64(pageBytes)
			file := t.FileOn(t.Place(), 5*page)
			for _, flags := range []int{unix.MAP_SHARED, unix.MAP_PRIVATE} {
				t.Step("flags %#x", flags)
				seen := t.Map(file.Descriptor(), page, int(page)+1, unix.PROT_READ, flags)
				// What is asked for in part is mapped whole.
				t.Arrived(unsafe.Slice(&seen[0], 2*page), file, page, 2*page)
			}
		}},
	{ID: "MMAP-SEES-WRITES", Since: "2.6.33", Source: "mmap(2): MAP_SHARED, POSIX.1 mmap: MAP_SHARED", Places: everyFilesystem,
		Text: "what write(2) puts into a file is at once in a shared mapping of it, in pages that were looked at and in others", Check: func(t *T) {
			file := t.FileOn(t.Place(), 16*int64(pageBytes))
			seen := t.Map(file.Descriptor(), 0, 16*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			t.Arrived(seen[:8*pageBytes], file, 0, 8*int64(pageBytes))
			owed := over(t.BytesOf(file, 0, int64(len(seen))), 100, t.Overwrite(file, 100, 15*int64(pageBytes)))
			t.Same("the mapping", seen, owed)
		}},
	{ID: "MMAP-SEEN-BY-READS", Since: "2.6.33", Source: "mmap(2): MAP_SHARED", Places: everyFilesystem,
		Text: "what is stored into a shared mapping is at once what read(2), sendfile(2) and other mappings find in the file", Check: func(t *T) {
			file, writer := t.Target(t.Place(), 4*int64(pageBytes))
			stored := t.Map(writer, 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			other := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			owed := t.BytesOf(file, 0, 4*int64(pageBytes))
			t.Same("the other mapping", other, owed)
			owed = over(owed, 1000, bytes.Repeat([]byte{0x5a}, 2*pageBytes))
			copy(stored, owed)
			t.Same("the other mapping", other, owed)
			t.Contains(file.Descriptor(), "the file", owed)
			t.Step("by sendfile")
			reader, sink := t.Sockets(unix.SOCK_STREAM)
			offset := int64(0)
			t.Counts(sendfile(sink, file.Descriptor(), &offset, int64(len(owed))), int64(len(owed)))
			t.Same("what was sent", t.Take(reader, int64(len(owed))), owed)
		}},
	{ID: "MMAP-SENT", Since: "2.6.33", Source: "write(2)", Places: into,
		Text: "write(2) delivers a mapping's bytes as they are when it is called, whatever is written to the file later", Check: func(t *T) {
			file := t.File(10_000)
			open, sink := t.Pair(t.Place())
			data := t.Map(file.Descriptor(), 0, 10_000, unix.PROT_READ, unix.MAP_SHARED)
			t.Counts(write(sink, data[123:]), 10_000-123)
			t.Overwrite(file, 0, 10_000)
			t.Arrived(t.Delivered(open), file, 123, 10_000-123)
		}},
	{ID: "MMAP-CLOSED", Since: "2.6.33", Source: "mmap(2) DESCRIPTION",
		Text: "a mapping lives on when the descriptor is closed and the file has no name any more", Check: func(t *T) {
			file := t.File(3 * int64(pageBytes))
			again := t.Reopen(file.Descriptor(), unix.O_RDONLY)
			seen := t.Map(again, 0, 3*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			t.Shut(again)
			t.Must(file.Close())
			t.Arrived(seen, file, 0, 3*int64(pageBytes))
			open, sink := t.Pair("pipe")
			t.Counts(write(sink, seen), int64(len(seen)))
			t.Arrived(t.Delivered(open), file, 0, 3*int64(pageBytes))
		}},
}

// mmapPrivates are the clauses on MAP_PRIVATE.
var mmapPrivates = []Clause{
	{ID: "MMAP-PRIVATE", Since: "2.6.33", Source: "mmap(2): MAP_PRIVATE", Places: everyFilesystem,
		Text: "what is stored into a private mapping reaches neither the file nor other mappings; write(2) sends it", Check: func(t *T) {
			file := t.FileOn(t.Place(), 4*int64(pageBytes))
			before := t.BytesOf(file, 0, 4*int64(pageBytes))
			// The file is open for reading alone, and that is enough.
			private := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
			shared := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
			stored := bytes.Repeat([]byte{0x5a}, pageBytes)
			copy(private[1000:], stored)
			t.Same("the shared mapping", shared, before)
			t.Contains(file.Descriptor(), "the file", before)
			open, sink := t.Pair("pipe")
			t.Counts(write(sink, private), int64(len(private)))
			t.Same("what was sent", t.Delivered(open), over(before, 1000, stored))
		}},
	{ID: "MMAP-PRIVATE-KEEPS", Since: "2.6.33", Source: "mmap(2): MAP_PRIVATE", Places: everyFilesystem,
		Text: "a page that was stored into through a private mapping stays as it is there, whatever is written to the file", Check: func(t *T) {
			file := t.FileOn(t.Place(), int64(pageBytes))
			private := t.Map(file.Descriptor(), 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
			private[5] = 0x5a
			t.Overwrite(file, 0, int64(pageBytes))
			t.Same("the page", private, over(t.BytesOf(file, 0, int64(pageBytes)), 5, []byte{0x5a}))
		}},
	// The page leaves it open.
	{ID: "MMAP-PRIVATE-FOLLOWS", Source: "mmap(2): MAP_PRIVATE", Places: everyFilesystem,
		Text: "a page of a private mapping that was only looked at shows what is written to the file later", Check: func(t *T) {
			file := t.FileOn(t.Place(), 2*int64(pageBytes))
			private := t.Map(file.Descriptor(), 0, 2*pageBytes, unix.PROT_READ, unix.MAP_PRIVATE)
			t.Arrived(private[:pageBytes], file, 0, int64(pageBytes))
			t.Same("both pages", private, t.Overwrite(file, 0, 2*int64(pageBytes)))
		}},
}

// faultBytes are mapped where page faults are counted: they fit into any sink, and are some pages, of whatever size.
const faultBytes = 64 << 10

// mmapFaults are the clauses on page faults, which are what a mapping costs beside its calls.
var mmapFaults = []Clause{
	{ID: "MMAP-FAULTS", Since: "2.6.33", Source: "mmap(2): MAP_POPULATE, getrusage(2)", Places: append(slices.Clone(inMemoryOrTemp), "disk"),
		Text: "write(2) from a mapping that nobody has touched takes a page fault at least, and one a page at most", Check: func(t *T) {
			file := t.FileOn(t.Place(), faultBytes)
			data := t.Map(file.Descriptor(), 0, faultBytes, unix.PROT_READ, unix.MAP_SHARED)
			sent, minor, major := t.Faults(data)
			pages := int64(faultBytes / pageBytes)
			t.Holds(minor+major >= 1 && minor+major <= pages, fmt.Sprintf("1 to %d page faults", pages), counted(minor, major))
			t.Arrived(sent, file, 0, faultBytes)
		}},
	{ID: "MMAP-POPULATE", Since: "2.6.33", Source: "mmap(2): MAP_POPULATE", Places: append(slices.Clone(inMemoryOrTemp), "disk"),
		Text: "MAP_POPULATE has every page there before mmap(2) returns, also of a file that is nowhere but on a disk: write(2) takes no page fault", Check: func(t *T) {
			for _, flags := range []int{unix.MAP_SHARED, unix.MAP_PRIVATE} {
				t.Step("flags %#x", flags)
				file := t.FileOn(t.Place(), faultBytes)
				if file.Kind.Cold {
					t.Must(file.Chill())
				}
				data := t.Map(file.Descriptor(), 0, faultBytes, unix.PROT_READ, flags|unix.MAP_POPULATE)
				sent, minor, major := t.Faults(data)
				t.Holds(minor+major == 0, "no page fault", counted(minor, major))
				t.Arrived(sent, file, 0, faultBytes)
			}
		}},
}

// mmapHuge are the clauses on files of huge pages.
var mmapHuge = []Clause{
	{ID: "MMAP-HUGE", Since: "4.14", Source: "mmap(2) NOTES: Huge page (Huge TLB) mappings", Kinds: []string{spec.HugeTLB}, Places: into,
		Text: "a mapping of huge pages shows its file, and write(2) delivers it", Check: func(t *T) {
			file := t.hugeFile()
			data := t.Map(file.Descriptor(), 0, int(file.Bytes), unix.PROT_READ, unix.MAP_SHARED)
			t.Arrived(data, file, 0, file.Bytes)
			open, sink := t.Pair(t.Place())
			t.Counts(write(sink, data[4_000:14_000]), 10_000)
			t.Arrived(t.Delivered(open), file, 4_000, 10_000)
		}},
	{ID: "MMAP-HUGE-UNALIGNED", Since: "4.14", Source: "mmap(2) NOTES: Huge page (Huge TLB) mappings", Kinds: []string{spec.HugeTLB},
		Text: "an offset in a file of huge pages that is no multiple of theirs is EINVAL", Check: func(t *T) {
			file := t.hugeFile()
			t.Fails(t.mmap(file.Descriptor(), int64(pageBytes), pageBytes, unix.PROT_READ, unix.MAP_SHARED).Result, unix.EINVAL)
		}},
}

// hugeFile is a file of two huge pages.
func (t *T) hugeFile() *source.File {
	kind, err := source.Lookup("hugetlb")
	t.Must(err)
	return t.FileOn(kind.Name, 2*kind.Granule)
}
