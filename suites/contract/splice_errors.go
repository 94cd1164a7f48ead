package contract

import (
	"math"

	"golang.org/x/sys/unix"
)

// spliceErrors are the errors by which splice(2) refuses what it is asked: the pipe and the source keep their bytes.
var spliceErrors = []Clause{
	{ID: "SPLICE-NO-PIPE", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL", Places: []string{"file-to-file", "file-to-socket", "socket-to-file", "socket-to-socket"},
		Text: "where neither descriptor is a pipe it is EINVAL, and nothing moves", Check: func(t *T) {
			file := t.File(100)
			_, sink := t.Empty(unix.O_WRONLY)
			socket, far := t.Sockets(unix.SOCK_STREAM)
			other, _ := t.Sockets(unix.SOCK_STREAM)
			data := t.put(far, 100)
			ends := map[string][2]int{
				"file-to-file": {file.Descriptor(), sink}, "file-to-socket": {file.Descriptor(), socket},
				"socket-to-file": {socket, sink}, "socket-to-socket": {socket, other},
			}[t.Place()]
			t.Fails(splice(ends[0], ends[1], 100, 0), unix.EINVAL)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			Equal(t, "position of the sink", t.position(sink), 0)
			t.Kept(socket, data)
		}},
	{ID: "SPLICE-SAME-PIPE", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL",
		Text: "two ends of one pipe are EINVAL, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			t.Step("the two ends")
			t.Fails(splice(reader, writer, 100, 0), unix.EINVAL)
			t.Kept(reader, data)
			t.Step("one FIFO, opened for both")
			both := t.fifo(unix.O_RDWR)
			data = t.put(both, 100)
			t.Fails(splice(both, both, 100, 0), unix.EINVAL)
			t.Kept(both, data)
		}},
	{ID: "SPLICE-APPEND", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL",
		Text: "a sink that was opened O_APPEND is EINVAL, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR | unix.O_APPEND)
			data := t.put(writer, 100)
			t.Fails(splice(reader, sink, 100, 0), unix.EINVAL)
			offset := int64(0)
			t.Fails(spliceAt(reader, nil, sink, &offset, 100, 0), unix.EINVAL)
			Equal(t, "offset", offset, 0)
			Equal(t, "bytes in the sink", len(t.contents(sink)), 0)
			t.Kept(reader, data)
		}},
	// No page says so. Kernels from 5.10 on are known to.
	{ID: "SPLICE-UNKNOWN-FLAGS", Since: "5.10", Source: "splice(2): flags",
		Text: "a flag that does not exist is EINVAL, and the pipe keeps its bytes", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_WRONLY)
			data := t.put(writer, 100)
			for _, flag := range unknownFlags {
				t.Step("flag %#x", flag)
				t.Fails(splice(reader, sink, 100, flag), unix.EINVAL)
				t.Fails(splice(file.Descriptor(), writer, 100, flag), unix.EINVAL)
			}
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-ESPIPE", Since: "2.6.33", Source: "splice(2) ERRORS: ESPIPE",
		Text: "an offset into a pipe is ESPIPE, and the pipe keeps its bytes", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, other := t.pipe()
			_, sink := t.Empty(unix.O_WRONLY)
			data := t.put(writer, 100)
			offset := int64(0)
			t.Step("out of a pipe into a file")
			t.Fails(spliceAt(reader, &offset, sink, nil, 100, 0), unix.ESPIPE)
			t.Step("out of a pipe into a file, with an offset there, too")
			t.Fails(spliceAt(reader, &offset, sink, &offset, 100, 0), unix.ESPIPE)
			t.Step("out of a file into a pipe")
			t.Fails(spliceAt(file.Descriptor(), nil, writer, &offset, 100, 0), unix.ESPIPE)
			t.Step("out of a pipe into a pipe, into the first")
			t.Fails(spliceAt(reader, &offset, other, nil, 100, 0), unix.ESPIPE)
			t.Step("out of a pipe into a pipe, into the second")
			t.Fails(spliceAt(reader, nil, other, &offset, 100, 0), unix.ESPIPE)
			Equal(t, "offset", offset, 0)
			Equal(t, "position of the source", t.position(file.Descriptor()), 0)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-SOCKET-OFFSET", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL", Places: []string{"unix-stream", "tcp"},
		Text: "an offset into what cannot be sought, a socket, is EINVAL, and nothing moves", Check: func(t *T) {
			one, other := t.stream(t.Place())
			reader, writer := t.pipe()
			offset := int64(0)
			t.Step("out of the socket")
			data := t.put(other, 100)
			t.ready(one, unix.POLLIN)
			t.Fails(spliceAt(one, &offset, writer, nil, 100, 0), unix.EINVAL)
			t.Kept(one, data)
			t.Step("into the socket")
			data = t.put(writer, 100)
			t.Fails(spliceAt(reader, nil, one, &offset, 100, 0), unix.EINVAL)
			Equal(t, "offset", offset, 0)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-DIRECTORY", Since: "2.6.33", Source: "splice(2) ERRORS: EINVAL; read(2) ERRORS: EISDIR",
		Text: "a directory is no source: EINVAL or EISDIR", Check: func(t *T) {
			folder := t.Open(t.Folder(), unix.O_RDONLY|unix.O_DIRECTORY)
			reader, writer := t.pipe()
			t.Fails(splice(folder, writer, 100, 0), unix.EINVAL, unix.EISDIR)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	{ID: "SPLICE-BAD-DESCRIPTOR", Since: "2.6.33", Source: "splice(2) ERRORS: EBADF",
		Text: "a descriptor that is not open, or not in the way that is needed, is EBADF, and the pipe keeps its bytes", Check: func(t *T) {
			readOnly, writeOnly := t.Empty(unix.O_WRONLY)
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			path := t.Open("/dev/null", unix.O_PATH)
			data := t.put(writer, 100)
			for _, bad := range []struct {
				what       string
				from, into int
			}{
				{"the source is closed", -1, otherWriter},
				{"the sink is closed", reader, -1},
				{"the source is a file, open for writing alone", writeOnly, otherWriter},
				{"the sink is a file, open for reading alone", reader, readOnly},
				{"the source is the end of a pipe that is written", otherWriter, writer},
				{"the sink is the end of a pipe that is read", reader, otherReader},
				{"the source is the end that is written, the sink a file", writer, writeOnly},
				{"the source is a file, the sink the end that is read", readOnly, reader},
				{"the source was opened O_PATH", path, otherWriter},
				{"the sink was opened O_PATH", reader, path},
			} {
				t.Step("%s", bad.what)
				t.Fails(splice(bad.from, bad.into, 100, 0), unix.EBADF)
			}
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-FAULT", Since: "2.6.33", Source: "splice(2): off_in, off_out must point to a buffer",
		Text: "a pointer to an offset that cannot be read is EFAULT, and nothing moves", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_WRONLY)
			data := t.put(writer, 100)
			for _, bad := range []struct {
				name string
				at   uintptr
			}{{"unmapped", 8}, {"PROT_NONE", t.Memory(unix.PROT_NONE)}} {
				t.Step("into the source, the pointer is to %s memory", bad.name)
				t.Fails(raw("splice", unix.SYS_SPLICE, uintptr(file.Descriptor()), bad.at, uintptr(writer), 0, 100, 0), unix.EFAULT)
				t.Step("into the sink, the pointer is to %s memory", bad.name)
				t.Fails(raw("splice", unix.SYS_SPLICE, uintptr(reader), 0, uintptr(sink), bad.at, 100, 0), unix.EFAULT)
			}
			t.Kept(reader, data)
		}},
	// Kernels find it out when they write the offset back: the bytes have moved then, and nobody is told how many.
	{ID: "SPLICE-FAULT-AFTERWARDS", Source: "splice(2): off_in, off_out must point to a buffer",
		Text: "a pointer to an offset that cannot be written back is EFAULT, and nothing moves", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			t.Fails(raw("splice", unix.SYS_SPLICE, uintptr(file.Descriptor()), t.Memory(unix.PROT_READ), uintptr(writer), 0, 100, 0), unix.EFAULT)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
		}},
	{ID: "SPLICE-NEGATIVE-OFFSET", Since: "2.6.33", Source: "splice(2): off_in, off_out; pread(2) ERRORS: EINVAL",
		Text: "an offset below 0 is EINVAL and stays as it is, and nothing moves", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_WRONLY)
			offset := int64(-1)
			t.Step("into the source")
			t.Fails(spliceAt(file.Descriptor(), &offset, writer, nil, 100, 0), unix.EINVAL)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			t.Step("into the sink")
			data := t.put(writer, 100)
			t.Fails(spliceAt(reader, nil, sink, &offset, 100, 0), unix.EINVAL)
			Equal(t, "offset", offset, -1)
			t.Kept(reader, data)
		}},
	{ID: "SPLICE-WRAP", Since: "2.6.33", Source: "splice(2): off_in, off_out; pread(2) ERRORS: EOVERFLOW, EFBIG",
		Text: "an offset and a length whose sum is no file offset are EINVAL, EOVERFLOW or EFBIG, and nothing moves", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_WRONLY)
			offset := int64(math.MaxInt64 - 10)
			t.Step("into the source")
			t.Fails(spliceAt(file.Descriptor(), &offset, writer, nil, 100, 0), unix.EINVAL, unix.EOVERFLOW)
			Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			t.Step("into the sink")
			data := t.put(writer, 100)
			t.Fails(spliceAt(reader, nil, sink, &offset, 100, 0), unix.EINVAL, unix.EOVERFLOW, unix.EFBIG)
			Equal(t, "offset", offset, math.MaxInt64-10)
			t.Kept(reader, data)
		}},
	// Before 6.8 or so kernels looked at it when they had cut it to the pipe's room.
	{ID: "SPLICE-NEGATIVE-LENGTH", Since: "2.6.33", Source: "splice(2): len; read(2): a count above SSIZE_MAX",
		Text: "a length below 0 is EINVAL, and nothing moves, or is taken for a large one", Check: func(t *T) {
			file := t.File(100)
			reader, writer := t.pipe()
			_, sink := t.Empty(unix.O_RDWR)
			t.Step("into the pipe")
			held := t.BytesOf(file, 0, 100)
			if r := splice(file.Descriptor(), writer, -1, 0); r.Errno == 0 {
				t.Counts(r, 100)
				t.Kept(reader, held)
			} else {
				t.Fails(r, unix.EINVAL)
				t.Kept(reader, nil)
			}
			t.Step("out of the pipe")
			held = t.put(writer, 100)
			if r := splice(reader, sink, -1, 0); r.Errno == 0 {
				t.Counts(r, 100)
				t.Same("the sink", t.contents(sink), held)
			} else {
				t.Fails(r, unix.EINVAL)
				t.Kept(reader, held)
			}
		}},
}
