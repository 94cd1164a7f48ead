package contract

import (
	"golang.org/x/sys/unix"
)

// mmapErrors are the clauses on mappings that are refused.
var mmapErrors = []Clause{
	{ID: "MMAP-UNALIGNED", Since: "2.6.33", Source: "mmap(2) ERRORS: EINVAL",
		Text: "an offset that is no multiple of the page size is EINVAL", Check: func(t *T) {
			file := t.File(3 * int64(pageBytes))
			for _, offset := range []int64{1, 512, int64(pageBytes) - 1, int64(pageBytes) + 1} {
				t.Step("offset %d", offset)
				t.Fails(t.mmap(file.Descriptor(), offset, pageBytes, unix.PROT_READ, unix.MAP_SHARED).Result, unix.EINVAL)
			}
		}},
	{ID: "MMAP-EMPTY", Since: "2.6.33", Source: "mmap(2) ERRORS: EINVAL",
		Text: "a length of 0 is EINVAL; a file without a byte can be mapped", Check: func(t *T) {
			file := t.File(0)
			t.Fails(t.mmap(file.Descriptor(), 0, 0, unix.PROT_READ, unix.MAP_SHARED).Result, unix.EINVAL)
			t.Counts(t.mmap(file.Descriptor(), 0, 1, unix.PROT_READ, unix.MAP_SHARED).Result, 0)
		}},
	{ID: "MMAP-ACCESS", Since: "2.6.33", Source: "mmap(2) ERRORS: EACCES",
		Text: "a file that is not open for reading, or not for writing where stores are to reach it, is EACCES", Check: func(t *T) {
			reader, writer := t.Empty(unix.O_WRONLY)
			t.Resize(writer, int64(pageBytes))
			for _, flags := range []int{unix.MAP_SHARED, unix.MAP_PRIVATE} {
				t.Step("open for writing alone, flags %#x", flags)
				t.Fails(t.mmap(writer, 0, pageBytes, unix.PROT_READ, flags).Result, unix.EACCES)
				t.Fails(t.mmap(writer, 0, pageBytes, unix.PROT_WRITE, flags).Result, unix.EACCES)
			}
			t.Step("open for reading alone")
			t.Fails(t.mmap(reader, 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED).Result, unix.EACCES)
			t.Counts(t.mmap(reader, 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE).Result, 0)
		}},
	// The page has EACCES for whatever is no regular file.
	{ID: "MMAP-NO-DEVICE", Since: "2.6.33", Source: "mmap(2) ERRORS: ENODEV", Places: []string{"pipe", "unix-stream", "directory"},
		Text: "what is no file and has no memory to map is ENODEV", Check: func(t *T) {
			var fd int
			switch t.Place() {
			case "pipe":
				fd, _ = t.Pipe(0)
			case "unix-stream":
				fd, _ = t.Sockets(unix.SOCK_STREAM)
			case "directory":
				fd = t.Open(t.Folder(), unix.O_RDONLY|unix.O_DIRECTORY)
			}
			for _, flags := range []int{unix.MAP_SHARED, unix.MAP_PRIVATE} {
				t.Step("flags %#x", flags)
				t.Fails(t.mmap(fd, 0, pageBytes, unix.PROT_READ, flags).Result, unix.ENODEV)
			}
		}},
	{ID: "MMAP-BAD-DESCRIPTOR", Since: "2.6.33", Source: "mmap(2) ERRORS: EBADF",
		Text: "a descriptor that is not open is EBADF", Check: func(t *T) {
			t.Fails(t.mmap(-1, 0, pageBytes, unix.PROT_READ, unix.MAP_SHARED).Result, unix.EBADF)
		}},
	{ID: "MMAP-FLAGS", Since: "4.15", Source: "mmap(2) ERRORS: EINVAL, EOPNOTSUPP",
		Text: "a mapping that is neither shared nor private is EINVAL; an unknown flag is EOPNOTSUPP with MAP_SHARED_VALIDATE", Check: func(t *T) {
			file := t.File(int64(pageBytes))
			t.Fails(t.mmap(file.Descriptor(), 0, pageBytes, unix.PROT_READ, 0).Result, unix.EINVAL)
			t.Fails(t.mmap(file.Descriptor(), 0, pageBytes, unix.PROT_READ, unix.MAP_SHARED_VALIDATE|1<<25).Result, unix.EOPNOTSUPP)
		}},
}
