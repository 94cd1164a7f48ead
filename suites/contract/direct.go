package contract

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/source"
)

// directFiles are kinds of files of which some filesystems can be read around the page cache. On tmpfs there is nothing
// to go around.
var directFiles = []string{"disk", "ext4", "xfs", "btrfs", "tmpfs"}

var directClauses = Interface{
	Page: "open(2)",
	Clauses: []Clause{
		{ID: "DIRECT-READ", Since: "2.6.33", Source: "open(2): O_DIRECT", Places: directFiles,
			Text: "whole blocks that are read directly are the file's bytes, and the position advances; at the end the count is what is left, and 0 from there on", Check: func(t *T) {
				file, direct := t.direct(5*int64(pageBytes)+100, unix.O_RDONLY)
				memory := t.Scratch(8 * pageBytes)
				t.Counts(read(direct, memory[:2*pageBytes]), 2*int64(pageBytes))
				t.Arrived(memory[:2*pageBytes], file, 0, 2*int64(pageBytes))
				Equal(t, "position", t.position(direct), 2*int64(pageBytes))
				t.Step("across the end")
				t.Counts(read(direct, memory), 3*int64(pageBytes)+100)
				t.Arrived(memory[:3*pageBytes+100], file, 2*int64(pageBytes), 3*int64(pageBytes)+100)
				Equal(t, "position", t.position(direct), 5*int64(pageBytes)+100)
				t.Step("past the end")
				t.seek(direct, 6*int64(pageBytes))
				t.Counts(read(direct, memory), 0)
				t.seek(direct, 1<<30)
				t.Counts(read(direct, memory), 0)
			}},
		// Some filesystems refuse what is not aligned, others take it through the cache, and kernels have changed sides.
		{ID: "DIRECT-UNALIGNED", Since: "2.6.33", Source: "open(2) NOTES: O_DIRECT", Places: directFiles,
			Text: "memory, an offset or a length that is not aligned is EINVAL, or is read right all the same", Check: func(t *T) {
				file, direct := t.direct(8*int64(pageBytes), unix.O_RDONLY)
				for _, c := range []struct {
					name           string
					memory, length int
					offset         int64
				}{
					{"memory", 1, pageBytes, 0},
					{"an offset", 0, pageBytes, 1},
					{"a length", 0, pageBytes - 1, 0},
					{"all of them", 3, 999, 4097},
				} {
					t.Step("%s", c.name)
					memory := t.Scratch(2 * pageBytes)
					n, err := unix.Pread(direct, memory[c.memory:][:c.length], c.offset)
					r := made("pread", n, err)
					if r.Errno != 0 {
						t.Fails(r, unix.EINVAL)
						t.Same("memory", memory, make([]byte, 2*pageBytes))
						continue
					}
					t.Within(r, 1, int64(c.length))
					t.Arrived(memory[c.memory:][:n], file, c.offset, int64(n))
					t.Same("memory before it", memory[:c.memory], make([]byte, c.memory))
					t.Same("memory behind it", memory[c.memory+n:], make([]byte, 2*pageBytes-c.memory-n))
				}
			}},
		{ID: "DIRECT-ALIGNMENT", Since: "6.1", Source: "statx(2): STATX_DIOALIGN", Places: []string{"ext4", "xfs"},
			Text: "statx(2) says how memory, offset and length are to be aligned, and what is aligned so is read", Check: func(t *T) {
				file, direct := t.direct(4*int64(pageBytes), unix.O_RDONLY)
				var stat unix.Statx_t
				t.Must(os.NewSyscallError("statx", unix.Statx(direct, "", unix.AT_EMPTY_PATH, unix.STATX_DIOALIGN, &stat)))
				t.Holds(stat.Mask&unix.STATX_DIOALIGN != 0, "STATX_DIOALIGN in stx_mask", fmt.Sprintf("%#x", stat.Mask))
				memoryAlign, offsetAlign := int(stat.Dio_mem_align), int(stat.Dio_offset_align)
				told := fmt.Sprintf("%d for memory and %d for offsets", memoryAlign, offsetAlign)
				t.Holds(memoryAlign > 0 && memoryAlign <= pageBytes && offsetAlign > 0 && int64(offsetAlign) <= file.Bytes/2, "alignments that a file can have", told)
				memory := t.Scratch(4 * pageBytes)
				t.Step("%s", told)
				n, err := unix.Pread(direct, memory[memoryAlign:][:offsetAlign], int64(offsetAlign))
				t.Counts(made("pread", n, err), int64(offsetAlign))
				t.Arrived(memory[memoryAlign:][:offsetAlign], file, int64(offsetAlign), int64(offsetAlign))
			}},
		{ID: "DIRECT-SEES-CACHED", Since: "2.6.33", Source: "open(2) NOTES: O_DIRECT", Places: directFiles,
			Text: "a direct read sees what was written, or stored into a shared mapping, a moment ago, and is on no disk yet", Check: func(t *T) {
				size := 8 * int64(pageBytes)
				file, direct := t.direct(size, unix.O_RDONLY)
				t.onDisk(file)
				memory := t.Scratch(int(size))
				t.Step("written")
				owed := over(t.BytesOf(file, 0, size), 5000, t.Overwrite(file, 5000, 10_000))
				n, err := unix.Pread(direct, memory, 0)
				t.Counts(made("pread", n, err), size)
				t.Same("what was read", memory, owed)
				t.Step("stored into a mapping")
				stored := t.Map(t.Reopen(file.Descriptor(), unix.O_RDWR), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
				copy(stored[100:], "stored")
				owed = over(owed, 100, []byte("stored"))
				n, err = unix.Pread(direct, memory, 0)
				t.Counts(made("pread", n, err), size)
				t.Same("what was read", memory, owed)
			}},
		{ID: "DIRECT-WRITE", Since: "2.6.33", Source: "open(2) NOTES: O_DIRECT", Places: directFiles,
			Text: "what is written directly is what others read then, who had the old bytes in the cache", Check: func(t *T) {
				size := 8 * int64(pageBytes)
				file, direct := t.direct(size, unix.O_RDWR)
				t.onDisk(file)
				t.Must(file.Warm())
				memory := t.Scratch(2 * pageBytes)
				copy(memory, bytes.Repeat([]byte{0x5a}, len(memory)))
				n, err := unix.Pwrite(direct, memory, int64(pageBytes))
				t.Counts(made("pwrite", n, err), int64(len(memory)))
				owed := over(t.BytesOf(file, 0, size), int64(pageBytes), memory)
				t.Contains(file.Descriptor(), "the file", owed)
				t.Step("by sendfile")
				open, sink := t.Pair("unix-stream")
				offset := int64(0)
				t.Counts(sendfile(sink, file.Descriptor(), &offset, size), size)
				t.Same("what was sent", t.Delivered(open), owed)
			}},
		// The page warns of mappings beside direct I/O.
		{ID: "DIRECT-WRITE-MAPPED", Source: "open(2) NOTES: O_DIRECT", Places: directFiles,
			Text: "what is written directly is in a shared mapping that was there before", Check: func(t *T) {
				size := 8 * int64(pageBytes)
				file, direct := t.direct(size, unix.O_RDWR)
				t.onDisk(file)
				seen := t.Map(file.Descriptor(), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
				t.Arrived(seen, file, 0, size)
				memory := t.Scratch(2 * pageBytes)
				copy(memory, bytes.Repeat([]byte{0x5a}, len(memory)))
				n, err := unix.Pwrite(direct, memory, int64(pageBytes))
				t.Counts(made("pwrite", n, err), int64(len(memory)))
				t.Same("the mapping", seen, over(t.BytesOf(file, 0, size), int64(pageBytes), memory))
			}},
		{ID: "DIRECT-UNCACHED", Since: "2.6.33", Source: "open(2): O_DIRECT", Places: []string{"disk", "ext4", "xfs"},
			Text: "a direct read of a file that is in no cache comes from the disk and leaves nothing of it in the cache, as a read through the cache does", Check: func(t *T) {
				size := 8 * pageBytes
				file, direct := t.direct(int64(size), unix.O_RDONLY)
				if !strings.HasPrefix(file.Filesystem, "ext") && file.Filesystem != "xfs" {
					t.Lacks("a filesystem that stores files as they are", "it is "+file.Filesystem, "set TMPDIR to a folder on ext4 or xfs")
				}
				t.Must(kernel.IOAccounting())
				fetches := func(read func(), pages int) {
					before := t.readBytes()
					read()
					fetched := t.readBytes() - before
					Equal(t, "pages in the cache", len(t.cached(file)), pages)
					// A filesystem may look at more: to note when a file was read, xfs reads 8 KiB of inodes now and then.
					t.Holds(fetched >= int64(size), fmt.Sprintf("at least %d bytes from the disk", size), fmt.Sprint(fetched))
				}
				t.Step("directly")
				t.Must(file.Chill())
				fetches(func() {
					memory := t.Scratch(size)
					n, err := unix.Pread(direct, memory, 0)
					t.Counts(made("pread", n, err), int64(size))
					t.Arrived(memory, file, 0, int64(size))
				}, 0)
				t.Step("through the cache")
				fetches(func() { t.hold(file, size) }, size/pageBytes)
			}},
		{ID: "DIRECT-FAULT", Since: "2.6.33", Source: "read(2) ERRORS: EFAULT", Places: directFiles,
			Text: "memory that cannot be stored to is EFAULT, and the position stays", Check: func(t *T) {
				_, direct := t.direct(4*int64(pageBytes), unix.O_RDONLY)
				for _, protection := range []int{unix.PROT_NONE, unix.PROT_READ} {
					t.Step("protection %#x", protection)
					t.Fails(raw("read", unix.SYS_READ, uintptr(direct), t.Memory(protection), uintptr(pageBytes)), unix.EFAULT)
					Equal(t, "position", t.position(direct), 0)
				}
			}},
		{ID: "DIRECT-SWITCHED", Since: "2.6.33", Source: "fcntl(2): F_SETFL, O_DIRECT", Places: directFiles,
			Text: "O_DIRECT can be set on a descriptor and taken away again; without it nothing has to be aligned", Check: func(t *T) {
				file, _ := t.direct(4*int64(pageBytes), unix.O_RDONLY)
				fd := t.Reopen(file.Descriptor(), unix.O_RDONLY)
				flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
				t.Must(err)
				set := func(to int) {
					n, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, to)
					t.Counts(made("fcntl", n, err), 0)
					got, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
					t.Counts(made("fcntl", got, err), int64(to))
				}
				memory := t.Scratch(4 * pageBytes)
				set(flags | unix.O_DIRECT)
				t.Counts(read(fd, memory[:pageBytes]), int64(pageBytes))
				t.Arrived(memory[:pageBytes], file, 0, int64(pageBytes))
				set(flags)
				t.Counts(read(fd, memory[1:][:999]), 999)
				t.Arrived(memory[1:][:999], file, int64(pageBytes), 999)
			}},
		{ID: "DIRECT-REFUSED", Since: "2.6.33", Source: "open(2) ERRORS: EINVAL",
			Text: "a filesystem without direct I/O refuses it, when a file is opened or the flag is set: EINVAL", Check: func(t *T) {
				const name = "/proc/self/status"
				plain := t.Open(name, unix.O_RDONLY)
				fd, err := unix.Open(name, unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
				if err == nil {
					t.Closes(fd)
				}
				t.Fails(made("open", fd, err), unix.EINVAL)
				n, err := unix.FcntlInt(uintptr(plain), unix.F_SETFL, unix.O_DIRECT)
				t.Fails(made("fcntl", n, err), unix.EINVAL)
			}},
		{ID: "DIRECT-SENDFILE", Since: "2.6.33", Source: "sendfile(2) DESCRIPTION, open(2): O_DIRECT", Places: directFiles,
			Text: "sendfile(2) from a file that is open for direct I/O delivers the file's bytes, an aligned range and an odd one, or says EINVAL", Check: func(t *T) {
				file, direct := t.direct(8*int64(pageBytes), unix.O_RDONLY)
				for _, c := range []struct{ offset, count int64 }{{0, 8 * int64(pageBytes)}, {1000, 10_000}} {
					t.Step("%d bytes from %d on", c.count, c.offset)
					open, sink := t.Pair("unix-stream")
					offset := c.offset
					r := sendfile(sink, direct, &offset, c.count)
					if r.Errno != 0 {
						t.Fails(r, unix.EINVAL)
						r.N = 0
					} else {
						t.Within(r, 1, c.count)
					}
					Equal(t, "offset", offset, c.offset+r.N)
					t.Arrived(t.Delivered(open), file, c.offset, r.N)
				}
			}},
	},
}

// direct is a file of the place's kind, and a descriptor of it with O_DIRECT.
func (t *T) direct(size int64, flags int) (*source.File, int) {
	file := t.FileOn(t.Place(), size)
	fd, err := reopen(file.Descriptor(), flags|unix.O_DIRECT)
	if err == unix.EINVAL {
		t.Lacks("direct I/O on "+file.Filesystem, err.Error(), "set TMPDIR to a folder on ext4, xfs or btrfs")
	}
	t.Must(os.NewSyscallError("open", err))
	t.Closes(fd)
	return file, fd
}

// onDisk has all of a file written to where it lies.
func (t *T) onDisk(file *source.File) {
	t.Must(os.NewSyscallError("fsync", unix.Fsync(file.Descriptor())))
}

// cached are the numbers of the pages of a file that are in memory.
func (t *T) cached(file *source.File) (pages []int) {
	for i, there := range t.resident(file) {
		if there {
			pages = append(pages, i)
		}
	}
	return pages
}

// readBytes is how many bytes this thread has had fetched from disks (proc_pid_io(5)).
func (t *T) readBytes() (n int64) {
	text, err := os.ReadFile("/proc/thread-self/io")
	t.Must(err)
	_, after, _ := strings.Cut(string(text), "\nread_bytes: ")
	_, err = fmt.Sscan(after, &n)
	t.Must(err)
	return n
}
