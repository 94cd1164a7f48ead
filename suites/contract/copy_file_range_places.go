package contract

import (
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/suites/spec"
)

// copyFilesystems are the clauses on what filesystems, alone or two together, make of a copy.
var copyFilesystems = []Clause{
	{ID: "COPY-FILE-RANGE-FILESYSTEMS", Since: "4.5", Source: "copy_file_range(2) DESCRIPTION", Places: everyFilesystem,
		Text: "what is copied is what the source has now, whole blocks of it or odd bytes, on a disk already or not", Check: func(t *T) {
			const size = 256 << 10
			file := t.FileOn(t.Place(), size)
			for _, c := range []struct {
				name          string
				at, to, count int64
			}{
				{"all of it", 0, 0, size},
				{"whole blocks", 64 << 10, 128 << 10, 64 << 10},
				{"odd bytes", 4095, 12_289, 100_003},
				{"odd bytes that lie alike in their blocks", 4_095, 8_191, 100_003},
				{"past the sink's end", 8192, size, 64 << 10},
			} {
				t.Step("%s", c.name)
				old, sink := t.Target(t.Place(), size)
				at, to := c.at, c.to
				for done := int64(0); done < c.count; {
					done += t.Within(copyFileRange(file.Descriptor(), &at, sink, &to, uint64(c.count-done), 0), 1, c.count-done)
				}
				owed := append(t.BytesOf(old, 0, size), make([]byte, max(c.to+c.count-size, 0))...)
				t.Contains(sink, "the sink's bytes around a copy", over(owed, c.to, t.BytesOf(file, c.at, c.count)))
			}
		}},
	// 0x7ffff000 bytes of nothing are copied as fast where blocks are shared, and nowhere else.
	{ID: "COPY-FILE-RANGE-MOST", Since: "4.20", Source: "write(2) NOTES", Kinds: []string{spec.Mount}, Places: []string{"xfs", "btrfs"},
		Text: "one call copies at most 0x7ffff000 bytes, whatever was asked", Check: func(t *T) {
			file, source := t.Target(t.Place(), int64(pageBytes))
			_, sink := t.Target(t.Place(), 0)
			t.Clones(source, sink)
			t.Resize(source, 3<<30)
			t.Resize(sink, 0)
			var at, to int64
			t.Counts(copyFileRange(file.Descriptor(), &at, sink, &to, 3<<30, 0), mostBytes)
			Equal(t, "offset in the source", at, mostBytes)
			Equal(t, "offset in the sink", to, mostBytes)
			Equal(t, "size of the sink", t.Stat(sink).Size, mostBytes)
		}},
	// The page calls it an opportunity.
	{ID: "COPY-FILE-RANGE-REFLINK", Source: "copy_file_range(2) NOTES", Kinds: []string{spec.Mount}, Places: []string{"xfs", "btrfs"},
		Text: "on a filesystem where files can share blocks, a copy of whole blocks shares them", Check: func(t *T) {
			const size = 256 << 10
			file := t.FileOn(t.Place(), size)
			_, sink := t.Target(t.Place(), 0)
			t.Clones(file.Descriptor(), sink)
			t.Resize(sink, 0)
			t.copyAll(file.Descriptor(), sink, size)
			Equal(t, "bytes in shared blocks", t.Shared(sink), size)
		}},
	{ID: "COPY-FILE-RANGE-NO-SPACE", Since: "4.5", Source: "copy_file_range(2) ERRORS: ENOSPC", Kinds: []string{spec.Mount}, Places: []string{"ext4"},
		Text: "without room for all of it the copy is short, and ENOSPC where there is room for nothing; what was counted is there", Check: func(t *T) {
			const size = 1 << 20
			file := t.FileOn(t.Place(), size)
			_, sink := t.Target(t.Place(), 0)
			_, filler := t.Target(t.Place(), 0)
			t.Fallocate(filler)
			var at, to int64
			for {
				before := at
				r := copyFileRange(file.Descriptor(), &at, sink, &to, uint64(size-at), 0)
				if r.Errno != 0 {
					t.Fails(r, unix.ENOSPC)
					Equal(t, "offset in the source", at, before)
					break
				}
				t.Within(r, 1, size-before)
				t.Holds(at < size, "ENOSPC before the whole is copied", "all of it copied")
			}
			Equal(t, "offset in the sink", to, at)
			t.Contains(sink, "what was counted", t.BytesOf(file, 0, at))
		}},
	// EXDEV before 5.3; a copy, through the kernel's own buffers, until 5.18; EXDEV again, unless the filesystem can.
	{ID: "COPY-FILE-RANGE-ACROSS", Since: "4.5", Source: "copy_file_range(2) ERRORS: EXDEV", Places: []string{"tmp-to-tmpfs", "tmpfs-to-tmp", "tmp-to-memfd", "memfd-to-tmp", "tmpfs-to-memfd", "memfd-to-memfd", "ext4-to-xfs", "btrfs-to-tmp"},
		Text: "between filesystems it copies, or says EXDEV and leaves both files as they were: it does not report that nothing was there to be copied", Check: func(t *T) {
			from, to, _ := strings.Cut(t.Place(), "-to-")
			file := t.FileOn(from, 10_000)
			old, sink := t.Target(to, 10_000)
			t.seek(file.Descriptor(), 1000)
			r := copyFileRange(file.Descriptor(), nil, sink, nil, 5000, 0)
			if r.Errno != 0 {
				t.Fails(r, unix.EXDEV)
				r.N = 0
			} else {
				t.Within(r, 1, 5000)
			}
			Equal(t, "position of the source", t.position(file.Descriptor()), 1000+r.N)
			Equal(t, "position of the sink", t.position(sink), r.N)
			t.Contains(sink, "the sink", over(t.BytesOf(old, 0, 10_000), 0, t.BytesOf(file, 1000, r.N)))
		}},
	{ID: "COPY-FILE-RANGE-VIRTUAL", Since: "5.18.10", Source: "copy_file_range(2) BUGS", Places: []string{"proc", "sys"},
		Text: "a file that the kernel makes up as it is read, and whose size says nothing, is copied or refused: it does not look empty", Check: func(t *T) {
			name := map[string]string{"proc": "/proc/version", "sys": "/sys/kernel/uevent_seqnum"}[t.Place()]
			file := t.Open(name, unix.O_RDONLY)
			reader, sink := t.Empty(unix.O_WRONLY)
			r := copyFileRange(file, nil, sink, nil, 4096, 0)
			if r.Errno != 0 {
				t.Fails(r, unix.EXDEV, unix.EINVAL, unix.EOPNOTSUPP)
				t.Contains(reader, "the sink", nil)
				return
			}
			t.Within(r, 1, 4096)
			copied := t.Content(reader)
			Equal(t, "bytes in the sink", int64(len(copied)), r.N)
			t.Same("the copy", copied, t.Content(file)[:r.N])
		}},
}

// Clones ends the check where a filesystem cannot have one file share the blocks of another (FICLONE).
func (t *T) Clones(from, into int) {
	if err := unix.IoctlFileClone(into, from); err != nil {
		t.Lacks("blocks that files share on "+t.Place(), err.Error(), "make the filesystem with them: mkfs.xfs -m reflink=1")
	}
}
