package contract

import (
	"slices"

	"golang.org/x/sys/unix"
)

// vmspliceErrors are the errors of vmsplice(2) into a pipe.
var vmspliceErrors = []Clause{
	{ID: "VMSPLICE-NO-PIPE", Since: "2.6.33", Source: "vmsplice(2) ERRORS: EBADF", Places: notPipes,
		Text: "a descriptor that is not open, or no pipe, is EBADF", Check: func(t *T) {
			t.Fails(vmsplice(t.notPipe(), 0, segmentOf(t.Pages(1))), unix.EBADF)
		}},
	// Segments are looked at before it is asked whether there is a pipe.
	{ID: "VMSPLICE-NO-PIPE-NOTHING", Source: "vmsplice(2) ERRORS: EBADF", Places: notPipes,
		Text: "a descriptor that is not open, or no pipe, is EBADF where no bytes are given, too", Check: func(t *T) {
			t.Fails(vmsplice(t.notPipe(), 0), unix.EBADF)
		}},
	{ID: "VMSPLICE-NO-PIPE-SEGMENTS", Since: "2.6.33", Source: "vmsplice(2) ERRORS: EBADF, EINVAL", Places: notPipes,
		Text: "a descriptor that is not open, or no pipe, and more than 1024 segments are EBADF or EINVAL", Check: func(t *T) {
			t.Fails(vmsplice(t.notPipe(), 0, make([]segment, 1025)...), unix.EBADF, unix.EINVAL)
		}},
	{ID: "VMSPLICE-UNKNOWN-FLAGS", Since: "5.10", Source: "vmsplice(2): flags",
		Text: "a flag that does not exist is EINVAL, and nothing comes into the pipe", Check: func(t *T) {
			reader, writer := t.pipe()
			memory := t.Pages(1)
			for _, flag := range unknownFlags {
				t.Step("flag %#x", flag)
				t.Fails(vmsplice(writer, flag, segmentOf(memory)), unix.EINVAL)
			}
			t.Kept(reader, nil)
		}},
	{ID: "VMSPLICE-NEGATIVE-LENGTH", Since: "2.6.33", Source: "readv(2) ERRORS: EINVAL",
		Text: "a segment whose length is below 0 is EINVAL, and nothing comes into the pipe", Check: func(t *T) {
			reader, writer := t.pipe()
			good := segmentOf(t.Pages(1))
			t.Fails(vmsplice(writer, 0, good, segment{good.base, ^uintptr(0)}), unix.EINVAL)
			t.Kept(reader, nil)
		}},
	{ID: "VMSPLICE-FAULT-VECTOR", Since: "2.6.33", Source: "readv(2), read(2) ERRORS: EFAULT",
		Text: "a pointer to segments that cannot be read is EFAULT, and nothing comes into the pipe", Check: func(t *T) {
			reader, writer := t.pipe()
			for _, at := range []uintptr{8, t.Memory(unix.PROT_NONE)} {
				t.Fails(raw("vmsplice", unix.SYS_VMSPLICE, uintptr(writer), at, 1, 0), unix.EFAULT)
			}
			t.Kept(reader, nil)
		}},
	{ID: "VMSPLICE-FAULT", Since: "2.6.33", Source: "write(2) ERRORS: EFAULT",
		Text: "memory that cannot be read is EFAULT, and nothing comes into the pipe", Check: func(t *T) {
			reader, writer := t.pipe()
			for _, bad := range []struct {
				name string
				at   uintptr
			}{{"unmapped", 8}, {"PROT_NONE", t.Memory(unix.PROT_NONE)}, {"the kernel's", ^uintptr(0) - 1<<20}} {
				t.Step("the memory is %s", bad.name)
				t.Fails(vmsplice(writer, 0, segment{bad.at, 100}), unix.EFAULT)
				Equal(t, "bytes in the pipe", t.Queued(reader), 0)
			}
		}},
	{ID: "VMSPLICE-FAULT-LATER", Since: "2.6.33", Source: "vmsplice(2) RETURN VALUE; write(2) ERRORS: EFAULT",
		Text: "memory that cannot be read behind some that can is a short count, or EFAULT with nothing in the pipe", Check: func(t *T) {
			reader, writer := t.pipe()
			memory := t.Pages(1)
			r := vmsplice(writer, 0, segmentOf(memory[:100]), segment{t.Memory(unix.PROT_NONE), 100})
			if r.Errno != 0 {
				t.Fails(r, unix.EFAULT)
				t.Kept(reader, nil)
				return
			}
			t.Counts(r, 100)
			t.Kept(reader, memory[:100])
		}},
	{ID: "VMSPLICE-EPIPE", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "a pipe without a reader is EPIPE, with a SIGPIPE", Check: func(t *T) {
			reader, writer := t.pipe()
			memory := t.Pages(1)
			t.Shut(reader)
			sent := t.SIGPIPE(func() { t.Fails(vmsplice(writer, 0, segmentOf(memory)), unix.EPIPE) })
			Equal(t, "SIGPIPE sent", sent, true)
		}},
}

// notPipes are descriptors that vmsplice(2) is not for.
var notPipes = []string{"closed", "file", "file-read-only", "directory", "unix-stream", "tcp", "dev-null", "path"}

func (t *T) notPipe() (fd int) {
	switch t.Place() {
	case "file":
		_, fd = t.Empty(unix.O_RDWR)
	case "file-read-only":
		fd, _ = t.Empty(unix.O_RDWR)
	case "directory":
		fd = t.Open(t.Folder(), unix.O_RDONLY|unix.O_DIRECTORY)
	case "unix-stream", "tcp":
		fd, _ = t.stream(t.Place())
	case "dev-null":
		fd = t.Open("/dev/null", unix.O_RDWR)
	case "path":
		fd = t.Open("/dev/null", unix.O_PATH)
	default:
		fd = -1
	}
	return fd
}

// vmspliceReads are the clauses of vmsplice(2) out of a pipe, by its end that is read: bytes are copied.
var vmspliceReads = []Clause{
	{ID: "VMSPLICE-READ", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION",
		Text: "by the end of a pipe that is read, segments are filled one after the other, and nothing besides them", Check: func(t *T) {
			memory := t.Pages(3)
			owed := slices.Clone(memory)
			reader, writer := t.pipe()
			data := t.put(writer, 6000)
			one, two := memory[100:107], memory[pageBytes-3:]
			t.Counts(vmsplice(reader, 0, segmentOf(one), segment{}, segmentOf(two[:5000])), 5007)
			copy(owed[100:], data[:7])
			copy(owed[pageBytes-3:], data[7:5007])
			t.Same("the memory", memory, owed)
			t.Kept(reader, data[5007:])
		}},
	{ID: "VMSPLICE-READ-WHAT-IS-THERE", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION",
		Text: "a pipe that holds less than the segments take gives that, and more is not waited for", Check: func(t *T) {
			memory := t.Pages(1)
			owed := slices.Clone(memory)
			reader, writer := t.pipe()
			copy(owed, t.put(writer, 300))
			t.Counts(vmsplice(reader, 0, segmentOf(memory)), 300)
			t.Same("the memory", memory, owed)
		}},
	{ID: "VMSPLICE-READ-COPIES", Since: "2.6.33", Source: "vmsplice(2) NOTES: it actually just copies",
		Text: "what was read is a copy: what is written to its source afterwards does not show, and the other way round", Check: func(t *T) {
			file := t.File(int64(pageBytes))
			before := t.BytesOf(file, 0, file.Bytes)
			memory := t.Pages(1)
			reader, writer := t.pipe()
			t.Done(splice(file.Descriptor(), writer, pageBytes, 0))
			t.Counts(vmsplice(reader, 0, segmentOf(memory)), int64(pageBytes))
			t.Same("the memory", memory, before)
			t.Step("when the file was written")
			other := t.Overwrite(file, 0, file.Bytes)
			t.Same("the memory", memory, before)
			t.Step("when the memory was written")
			copy(memory, coded(pageBytes))
			t.Same("the file", t.contents(file.Descriptor()), other)
		}},
	{ID: "VMSPLICE-READ-END", Since: "2.6.33", Source: "vmsplice(2) DESCRIPTION; splice(2) RETURN VALUE",
		Text: "a pipe without a writer gives what it holds, and then 0", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			t.Shut(writer)
			t.Counts(vmsplice(reader, 0, segmentOf(memory)), 100)
			t.Same("the memory", memory[:100], data)
			t.Step("when it is empty")
			t.Counts(vmsplice(reader, 0, segmentOf(memory)), 0)
			t.Counts(vmsplice(reader, unix.SPLICE_F_NONBLOCK, segmentOf(memory)), 0)
			t.Same("the memory", memory[:100], data)
		}},
	{ID: "VMSPLICE-READ-MAKES-ROOM", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "what is read is room for who waits to write", Check: func(t *T) {
			memory := t.Pages(1)
			reader, writer, held := t.FullPipe(1)
			data := coded(100)
			p := t.Start("write", func() Result { return write(writer, data) })
			p.Waits()
			t.Counts(vmsplice(reader, 0, segmentOf(memory)), int64(pageBytes))
			t.Same("the memory", memory, held)
			t.Counts(p.Result(), 100)
			t.Kept(reader, data)
		}},
	{ID: "VMSPLICE-READ-FAULT", Since: "2.6.33", Source: "read(2) ERRORS: EFAULT",
		Text: "memory that cannot be written is EFAULT, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			for _, bad := range []struct {
				name string
				at   uintptr
			}{{"unmapped", 8}, {"PROT_NONE", t.Memory(unix.PROT_NONE)}, {"read-only", t.Memory(unix.PROT_READ)}} {
				t.Step("the memory is %s", bad.name)
				t.Fails(vmsplice(reader, 0, segment{bad.at, 100}), unix.EFAULT)
				Equal(t, "bytes in the pipe", t.Queued(reader), 100)
			}
			t.Kept(reader, data)
		}},
	{ID: "VMSPLICE-READ-FAULT-LATER", Since: "2.6.33", Source: "vmsplice(2) RETURN VALUE; read(2) ERRORS: EFAULT",
		Text: "memory that cannot be written behind some that can loses nothing: what is not counted stays in the pipe", Check: func(t *T) {
			reader, _, held := t.FullPipe(2)
			memory := t.Pages(1)
			r := vmsplice(reader, 0, segmentOf(memory), segment{t.Memory(unix.PROT_READ), 100})
			if r.Errno != 0 {
				t.Fails(r, unix.EFAULT)
				t.Kept(reader, held)
				return
			}
			t.Within(r, 1, int64(pageBytes))
			t.Same("the memory", memory[:r.N], held[:r.N])
			t.Kept(reader, held[r.N:])
		}},
}
