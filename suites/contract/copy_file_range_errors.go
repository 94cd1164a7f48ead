package contract

import (
	"math"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/suites/spec"
)

// copyErrors are the clauses on calls that are refused as they are.
var copyErrors = []Clause{
	{ID: "COPY-FILE-RANGE-BAD-DESCRIPTOR", Since: "4.5", Source: "copy_file_range(2) ERRORS: EBADF",
		Text: "a descriptor that is not open, or not in the way that is needed, is EBADF", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.Empty(unix.O_WRONLY)
			t.Step("the source is closed")
			t.Fails(copyFileRange(-1, nil, writer, nil, 10, 0), unix.EBADF)
			t.Step("the sink is closed")
			t.Fails(copyFileRange(file.Descriptor(), nil, -1, nil, 10, 0), unix.EBADF)
			t.Step("the source is open for writing alone")
			_, other := t.Empty(unix.O_WRONLY)
			t.Fails(copyFileRange(other, nil, writer, nil, 10, 0), unix.EBADF)
			t.Step("the sink is open for reading alone")
			t.Fails(copyFileRange(file.Descriptor(), nil, reader, nil, 10, 0), unix.EBADF)
			t.Contains(reader, "the sink", nil)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
		}},
	{ID: "COPY-FILE-RANGE-APPEND", Since: "4.5", Source: "copy_file_range(2) ERRORS: EBADF",
		Text: "a sink that was opened O_APPEND is EBADF, with an offset and without", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY | unix.O_APPEND)
			t.Fails(copyFileRange(file.Descriptor(), nil, sink, nil, 100, 0), unix.EBADF)
			to := int64(0)
			t.Fails(copyFileRange(file.Descriptor(), nil, sink, &to, 100, 0), unix.EBADF)
			t.Contains(reader, "the sink", nil)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
		}},
	{ID: "COPY-FILE-RANGE-FLAGS", Since: "4.5", Source: "copy_file_range(2) ERRORS: EINVAL",
		Text: "flags other than 0 are EINVAL, also for a count of 0", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			for _, flags := range []uint{1, 2, 4, 1 << 31} {
				t.Step("flags %#x", flags)
				t.Fails(copyFileRange(file.Descriptor(), nil, sink, nil, 100, flags), unix.EINVAL)
				t.Fails(copyFileRange(file.Descriptor(), nil, sink, nil, 0, flags), unix.EINVAL)
			}
			t.Contains(reader, "the sink", nil)
		}},
	{ID: "COPY-FILE-RANGE-OVERLAP", Since: "5.3", Source: "copy_file_range(2) ERRORS: EINVAL", Places: inMemoryOrTemp,
		Text: "ranges of one file that overlap, were it by one byte, are EINVAL, through one descriptor or two", Check: func(t *T) {
			file, sink := t.Target(t.Place(), 20_000)
			for _, c := range []struct {
				name          string
				from          int
				at, to, count int64
			}{
				{"the same range", file.Descriptor(), 0, 0, 5000},
				{"the source's last byte is the sink's first", file.Descriptor(), 0, 4999, 5000},
				{"the sink's last byte is the source's first", file.Descriptor(), 4999, 0, 5000},
				{"one byte of one byte", file.Descriptor(), 10, 10, 1},
				{"through one descriptor", sink, 0, 4096, 8192},
			} {
				t.Step("%s", c.name)
				from, to := c.at, c.to
				t.Fails(copyFileRange(c.from, &from, sink, &to, uint64(c.count), 0), unix.EINVAL)
			}
			t.Step("from position to position of one descriptor")
			t.Fails(copyFileRange(sink, nil, sink, nil, 5000, 0), unix.EINVAL)
			t.Contains(sink, "the file", t.BytesOf(file, 0, 20_000))
		}},
	{ID: "COPY-FILE-RANGE-NO-FILE", Since: "4.5", Source: "copy_file_range(2) ERRORS: EINVAL", Places: []string{"pipe", "unix-stream", "dev-null", "dev-zero"},
		Text: "a pipe, a socket or a device is EINVAL, as source and as sink, and what waits in it stays", Check: func(t *T) {
			var from, into int
			switch t.Place() {
			case "pipe":
				from, into = t.Pipe(0)
			case "unix-stream":
				from, into = t.Sockets(unix.SOCK_STREAM)
			default:
				from = t.Open("/dev/"+t.Place()[len("dev-"):], unix.O_RDWR)
				into = from
			}
			t.Done(write(into, []byte("bytes")))
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			t.Step("as the source")
			t.Fails(copyFileRange(from, nil, sink, nil, 5, 0), unix.EINVAL)
			t.Contains(reader, "the sink", nil)
			t.Step("as the sink")
			t.Fails(copyFileRange(file.Descriptor(), nil, into, nil, 100, 0), unix.EINVAL)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			if from != into {
				t.Same("what waited", t.Take(from, 1000), []byte("bytes"))
			}
		}},
	{ID: "COPY-FILE-RANGE-DIRECTORY", Since: "4.5", Source: "copy_file_range(2) ERRORS: EISDIR",
		Text: "a directory is EISDIR, as source and as sink", Check: func(t *T) {
			folder := t.Open(t.Folder(), unix.O_RDONLY|unix.O_DIRECTORY)
			file := t.File(100)
			_, sink := t.Empty(unix.O_WRONLY)
			t.Step("as the source")
			t.Fails(copyFileRange(folder, nil, sink, nil, 100, 0), unix.EISDIR)
			t.Step("as the sink")
			t.Fails(copyFileRange(file.Descriptor(), nil, folder, nil, 100, 0), unix.EISDIR)
		}},
	{ID: "COPY-FILE-RANGE-FAULT", Since: "4.5", Source: "copy_file_range(2): off_in, errno(3): EFAULT",
		Text: "a pointer to an offset that cannot be read is EFAULT, and nothing is copied", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			for _, bad := range []uintptr{8, t.Memory(unix.PROT_NONE)} {
				t.Step("of the source, at %#x", bad)
				t.Fails(raw("copy_file_range", unix.SYS_COPY_FILE_RANGE, uintptr(file.Descriptor()), bad, uintptr(sink), 0, 10, 0), unix.EFAULT)
				t.Step("of the sink, at %#x", bad)
				t.Fails(raw("copy_file_range", unix.SYS_COPY_FILE_RANGE, uintptr(file.Descriptor()), 0, uintptr(sink), bad, 10, 0), unix.EFAULT)
			}
			t.Contains(reader, "the sink", nil)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
		}},
	{ID: "COPY-FILE-RANGE-IMMUTABLE", Since: "5.3", Source: "copy_file_range(2) ERRORS: EPERM", Kinds: []string{spec.Root},
		Text: "a sink that is immutable is EPERM, also by a descriptor from before", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			t.Immutable(sink)
			t.Fails(copyFileRange(file.Descriptor(), nil, sink, nil, 100, 0), unix.EPERM)
			t.Contains(reader, "the sink", nil)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
		}},
	{ID: "COPY-FILE-RANGE-SEALED", Since: "4.5", Source: "F_GET_SEALS(2const): F_SEAL_WRITE, F_SEAL_GROW",
		Text: "a sink that is sealed against writing, or against growing where it would grow, is EPERM and stays as it is", Check: func(t *T) {
			for _, seal := range []int{unix.F_SEAL_WRITE, unix.F_SEAL_GROW} {
				t.Step("seal %#x", seal)
				file := t.FileOn("memfd", 100)
				old, sink := t.Target("memfd", 1000)
				_, err := unix.FcntlInt(uintptr(sink), unix.F_ADD_SEALS, seal)
				t.Must(err)
				to := int64(0)
				if seal == unix.F_SEAL_GROW {
					to = 1000
				}
				t.Fails(copyFileRange(file.Descriptor(), nil, sink, &to, 100, 0), unix.EPERM)
				t.Contains(sink, "the sink", t.BytesOf(old, 0, 1000))
			}
		}},
}

// copyLimits are the clauses on offsets that are none and on sizes that are too large.
var copyLimits = []Clause{
	{ID: "COPY-FILE-RANGE-NEGATIVE", Since: "5.3", Source: "copy_file_range(2) ERRORS: EINVAL, EOVERFLOW",
		Text: "an offset below 0 is EINVAL or EOVERFLOW, and stays as it is", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			for _, at := range []int64{-1, math.MinInt64} {
				t.Step("%d in the source", at)
				offset := at
				t.Fails(copyFileRange(file.Descriptor(), &offset, sink, nil, 10, 0), unix.EINVAL, unix.EOVERFLOW)
				Equal(t, "offset", offset, at)
				t.Step("%d in the sink", at)
				t.Fails(copyFileRange(file.Descriptor(), nil, sink, &offset, 10, 0), unix.EINVAL, unix.EOVERFLOW)
				Equal(t, "offset", offset, at)
			}
			t.Contains(reader, "the sink", nil)
		}},
	{ID: "COPY-FILE-RANGE-WRAP", Since: "5.3", Source: "copy_file_range(2) ERRORS: EOVERFLOW",
		Text: "a range whose end is no number of 64 bits is EOVERFLOW, in the source and in the sink", Check: func(t *T) {
			file := t.File(100)
			reader, sink := t.Empty(unix.O_WRONLY)
			t.Step("in the source")
			offset := int64(1)
			t.Fails(copyFileRange(file.Descriptor(), &offset, sink, nil, math.MaxUint64, 0), unix.EOVERFLOW)
			t.Step("in the sink")
			t.Fails(copyFileRange(file.Descriptor(), nil, sink, &offset, math.MaxUint64, 0), unix.EOVERFLOW)
			Equal(t, "offset", offset, 1)
			t.Contains(reader, "the sink", nil)
		}},
	// On tmpfs files reach as far as there are offsets: only the last of all is too far.
	{ID: "COPY-FILE-RANGE-FAR-SINK", Since: "5.3", Source: "copy_file_range(2) ERRORS: EFBIG", Places: inMemoryOrTemp,
		Text: "a place in the sink where no file of its filesystem reaches is EFBIG", Check: func(t *T) {
			file := t.FileOn(t.Place(), 100)
			old, sink := t.Target(t.Place(), 100)
			to := int64(math.MaxInt64)
			t.Fails(copyFileRange(file.Descriptor(), nil, sink, &to, 100, 0), unix.EFBIG)
			Equal(t, "offset", to, math.MaxInt64)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			t.Contains(sink, "the sink", t.BytesOf(old, 0, 100))
		}},
	{ID: "COPY-FILE-RANGE-FILE-LIMIT", Since: "5.3", Source: "copy_file_range(2) ERRORS: EFBIG, setrlimit(2): RLIMIT_FSIZE",
		Text: "the sink stops at the limit of its size: a short count, and EFBIG from there on", Check: func(t *T) {
			file := t.File(10_000)
			reader, sink := t.Empty(unix.O_WRONLY)
			var first, second Result
			t.Limit(8192, func() {
				first = copyFileRange(file.Descriptor(), nil, sink, nil, 10_000, 0)
				second = copyFileRange(file.Descriptor(), nil, sink, nil, 10_000, 0)
			})
			t.Step("the first call")
			t.Counts(first, 8192)
			t.Step("at the limit")
			t.Fails(second, unix.EFBIG)
			Equal(t, "position of the source", t.position(file.Descriptor()), 8192)
			Equal(t, "position of the sink", t.position(sink), 8192)
			t.Contains(reader, "the copy", t.BytesOf(file, 0, 8192))
		}},
	// The limit was asked before the source was looked at.
	{ID: "COPY-FILE-RANGE-LIMIT-NO-DATA", Source: "copy_file_range(2) RETURN VALUE",
		Text: "where the source has nothing left, 0 is returned although the sink is at the limit of its size", Check: func(t *T) {
			file := t.File(100)
			_, sink := t.Empty(unix.O_WRONLY)
			from, to := int64(100), int64(8192)
			var r Result
			t.Limit(8192, func() { r = copyFileRange(file.Descriptor(), &from, sink, &to, 10, 0) })
			t.Counts(r, 0)
		}},
}
