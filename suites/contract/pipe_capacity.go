package contract

import (
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
)

// pipeClauses are what splice(2), tee(2) and vmsplice(2) rely on of the pipe between: how much it takes.
var pipeClauses = Interface{
	Page: "pipe(7)", Needs: []probe.Interface{probe.Splice},
	Clauses: []Clause{
		{ID: "PIPE-CAPACITY", Since: "2.6.35", Source: "fcntl(2): F_SETPIPE_SZ, F_GETPIPE_SZ",
			Text: "a pipe's capacity is set to at least what is asked for, is told by either end, and is what splice(2) fills", Check: func(t *T) {
				file := t.File(64 * int64(pageBytes))
				reader, writer := t.pipe()
				for _, asked := range []int{1, pageBytes, pageBytes + 1, 3 * pageBytes, 16 * pageBytes} {
					t.Step("%d bytes are asked for", asked)
					set := t.setCapacity(writer, asked)
					t.Within(set, int64(asked), 1<<31-1)
					t.Counts(t.capacity(reader), set.N)
					t.Counts(t.capacity(writer), set.N)
					offset := int64(0)
					t.Counts(spliceAt(file.Descriptor(), &offset, writer, nil, 64*pageBytes, 0), set.N)
					t.Fails(spliceAt(file.Descriptor(), &offset, writer, nil, 1, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
					t.Arrived(t.Take(reader, set.N), file, 0, set.N)
				}
			}},
		{ID: "PIPE-CAPACITY-PAGE", Since: "2.6.35", Source: "fcntl(2): F_SETPIPE_SZ: rounded up to the page size",
			Text: "a capacity below a page is rounded up to one", Check: func(t *T) {
				_, writer := t.pipe()
				t.Counts(t.setCapacity(writer, 1), int64(pageBytes))
			}},
		{ID: "PIPE-CAPACITY-BUSY", Since: "2.6.35", Source: "fcntl(2): F_SETPIPE_SZ, ERRORS: EBUSY",
			Text: "a capacity smaller than what a pipe holds is EBUSY, and the pipe keeps its bytes and its capacity", Check: func(t *T) {
				file := t.File(4 * int64(pageBytes))
				reader, writer := t.PipeOf(8)
				t.Done(splice(file.Descriptor(), writer, 4*pageBytes, 0))
				t.Fails(t.setCapacity(writer, 2*pageBytes), unix.EBUSY)
				t.Counts(t.capacity(writer), 8*int64(pageBytes))
				t.Arrived(t.Take(reader, 4*int64(pageBytes)), file, 0, 4*int64(pageBytes))
			}},
		{ID: "PIPE-CAPACITY-KEEPS", Since: "2.6.35", Source: "fcntl(2): F_SETPIPE_SZ; pipe(7): Pipe capacity",
			Text: "a pipe that grows or shrinks keeps the bytes that were moved into it, in order", Check: func(t *T) {
				file := t.File(5 * int64(pageBytes))
				reader, writer := t.PipeOf(4)
				t.Step("a ring whose first buffer is not the first")
				t.Done(splice(file.Descriptor(), writer, 2*pageBytes, 0))
				t.Take(reader, 2*int64(pageBytes))
				t.Done(splice(file.Descriptor(), writer, 3*pageBytes, 0))
				for _, pages := range []int{16, 4, 8} {
					t.Step("%d pages", pages)
					t.Counts(t.setCapacity(writer, pages*pageBytes), int64(pages*pageBytes))
					Equal(t, "bytes in the pipe", t.Queued(reader), 3*int64(pageBytes))
				}
				t.Arrived(t.Take(reader, 3*int64(pageBytes)), file, 2*int64(pageBytes), 3*int64(pageBytes))
			}},
		{ID: "PIPE-CAPACITY-LIMIT", Since: "2.6.35", Source: "fcntl(2): F_SETPIPE_SZ, ERRORS: EPERM; pipe(7): pipe-max-size",
			Text: "a capacity above fs.pipe-max-size is EPERM without CAP_SYS_RESOURCE, and the pipe keeps its own", Check: func(t *T) {
				most := t.setting("fs.pipe-max-size")
				t.without(unix.CAP_SYS_RESOURCE)
				_, writer := t.pipe()
				t.Fails(t.setCapacity(writer, 2*most), unix.EPERM)
				t.Counts(t.capacity(writer), 16*int64(pageBytes))
			}},
		{ID: "PIPE-GROWS-FOR-WAITING", Source: "fcntl(2): F_SETPIPE_SZ; pipe(7): I/O on pipes and FIFOs",
			Text: "a pipe that grows is room for a call that waits for it", Check: func(t *T) {
				file := t.File(100)
				reader, writer, held := t.FullPipe(1)
				p := t.Start("splice", func() Result { return splice(file.Descriptor(), writer, 100, 0) })
				p.Waits()
				t.Counts(t.setCapacity(writer, 2*pageBytes), 2*int64(pageBytes))
				t.Counts(p.Result(), 100)
				t.Kept(reader, slices.Concat(held, t.BytesOf(file, 0, 100)))
			}},
		{ID: "PIPE-QUEUED", Since: "2.6.33", Source: "pipe(7): Pipe capacity: FIONREAD",
			Text: "FIONREAD counts the bytes that were moved into a pipe, at either end", Check: func(t *T) {
				file := t.File(10_000)
				reader, writer := t.pipe()
				for moved := int64(0); moved < 10_000; moved += 2500 {
					Equal(t, "FIONREAD of the end that is read", t.Queued(reader), moved)
					Equal(t, "FIONREAD of the end that is written", t.Queued(writer), moved)
					t.Done(splice(file.Descriptor(), writer, 2500, 0))
				}
			}},
		// A pipe is a ring of pages: what is moved in small pieces fills it by their number.
		{ID: "PIPE-PIECES", Source: "fcntl(2): F_SETPIPE_SZ: may be less than the nominal size",
			Text: "each piece of a file that is moved takes a page's room, however small it is", Check: func(t *T) {
				file := t.File(100)
				reader, writer := t.PipeOf(4)
				for range 4 {
					t.Counts(splice(file.Descriptor(), writer, 1, unix.SPLICE_F_NONBLOCK), 1)
				}
				t.Fails(splice(file.Descriptor(), writer, 1, unix.SPLICE_F_NONBLOCK), unix.EAGAIN)
				t.Arrived(t.Take(reader, 100), file, 0, 4)
			}},
	},
}

func (t *T) capacity(pipe int) Result {
	n, err := unix.FcntlInt(uintptr(pipe), unix.F_GETPIPE_SZ, 0)
	return made("fcntl F_GETPIPE_SZ", n, err)
}

func (t *T) setCapacity(pipe, bytes int) Result {
	n, err := unix.FcntlInt(uintptr(pipe), unix.F_SETPIPE_SZ, bytes)
	return made("fcntl F_SETPIPE_SZ", n, err)
}

// setting is a kernel setting that is a number.
func (t *T) setting(name string) int {
	text, _ := kernel.Setting(name)
	value, err := strconv.Atoi(text)
	if err != nil {
		t.Lacks("the setting "+name, fmt.Sprintf("it reads %q", text), "mount /proc")
	}
	return value
}
