package safety

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/contract"
)

// pageBytes is the size of a page on this machine.
var pageBytes = os.Getpagesize()

// spliced: a page that was spliced into a pipe is the file's own, and a write to the pipe must not go into it.
var spliced = contract.Interface{
	Page: "splice(2)", Needs: []probe.Interface{probe.Splice},
	Clauses: []contract.Clause{
		{ID: "SAFETY-PIPE-WRITE", Since: "2.6.33", Source: "pipe(7), CVE-2022-0847",
			Text: "what is written to a pipe behind a spliced page does not reach the file that the page is of", Check: func(t *contract.T) {
				file := t.File(int64(2 * pageBytes))
				reader, writer := t.Pipe(0)
				merging(t, reader, writer)
				splice(t, file, writer, 1)
				put(t, writer, []byte("not for the file"))
				t.Same("the pipe", t.Take(reader, 1<<20), append(t.BytesOf(file, 0, 1), "not for the file"...))
				asBefore(t, file)
			}},
		{ID: "SAFETY-SPLICED-COPY", Since: "2.6.33", Source: "splice(2)",
			Text: "a file that spliced pages were moved into has pages of its own: what is written to it later does not reach the file that they came from", Check: func(t *contract.T) {
				file := t.File(int64(4 * pageBytes))
				reader, writer := t.PipeOf(4)
				splice(t, file, writer, 4*pageBytes)
				read, into := t.Empty(unix.O_RDWR)
				n, err := unix.Splice(reader, nil, into, nil, 4*pageBytes, unix.SPLICE_F_MOVE)
				t.Must(os.NewSyscallError("splice", err))
				contract.Equal(t, "splice", n, int64(4*pageBytes))
				_, err = unix.Pwrite(into, bytes.Repeat([]byte{poison}, 4*pageBytes), 0)
				t.Must(os.NewSyscallError("pwrite", err))
				asBefore(t, file)
				t.Same("the sink file", all(t, read), bytes.Repeat([]byte{poison}, 4*pageBytes))
			}},
	},
}

// duplicated: so is a page that tee(2) has put there.
var duplicated = contract.Interface{
	Page: "tee(2)", Needs: []probe.Interface{probe.Splice, probe.Tee},
	Clauses: []contract.Clause{
		{ID: "SAFETY-TEE-WRITE", Since: "2.6.33", Source: "tee(2), CVE-2022-0847",
			Text: "what is written to a pipe behind a page that tee(2) has put there does not reach the file that the page is of", Check: func(t *contract.T) {
				file := t.File(int64(2 * pageBytes))
				between, feeder := t.Pipe(0)
				splice(t, file, feeder, 1)
				reader, writer := t.Pipe(0)
				merging(t, reader, writer)
				n, err := unix.Tee(between, writer, 1, 0)
				t.Must(os.NewSyscallError("tee", err))
				contract.Equal(t, "tee", n, 1)
				put(t, writer, []byte("not for the file"))
				t.Same("the pipe", t.Take(reader, 1<<20), append(t.BytesOf(file, 0, 1), "not for the file"...))
				asBefore(t, file)
			}},
	},
}

// lent: and one of a program's memory is the program's.
var lent = contract.Interface{
	Page: "vmsplice(2)", Needs: []probe.Interface{probe.Vmsplice},
	Clauses: []contract.Clause{
		{ID: "SAFETY-VMSPLICED-WRITE", Since: "2.6.33", Source: "vmsplice(2), pipe(7)",
			Text: "what is written to a pipe behind a vmspliced page does not reach the memory that the page is of", Check: func(t *contract.T) {
				memory, err := unix.Mmap(-1, 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
				t.Must(err)
				t.Cleanup(func() { unix.Munmap(memory) })
				copy(memory, "memory")
				reader, writer := t.Pipe(0)
				merging(t, reader, writer)
				vector := unix.Iovec{Base: &memory[0]}
				vector.SetLen(6)
				_, err = unix.Vmsplice(writer, []unix.Iovec{vector}, 0)
				t.Must(os.NewSyscallError("vmsplice", err))
				put(t, writer, []byte("not for it"))
				t.Same("the pipe", t.Take(reader, 1<<20), []byte("memorynot for it"))
				t.Same("the memory", memory, append([]byte("memory"), make([]byte, pageBytes-6)...))
			}},
	},
}

// merging fills a pipe with bytes and drains it: the kernel marks each buffer that it fills with a write as one that the
// next write may add to, and a buffer that keeps the mark when a file's page is put there is the bug.
func merging(t *contract.T, reader, writer int) {
	for range 2 {
		t.Fill(writer)
		t.Take(reader, 1<<20)
	}
}

func splice(t *contract.T, file *source.File, writer, length int) {
	offset := int64(0)
	n, err := unix.Splice(file.Descriptor(), &offset, writer, nil, length, 0)
	t.Must(os.NewSyscallError("splice", err))
	contract.Equal(t, "splice", n, int64(length))
}

func put(t *contract.T, fd int, data []byte) {
	n, err := unix.Write(fd, data)
	t.Must(os.NewSyscallError("write", err))
	contract.Equal(t, "write", n, len(data))
}

// all is what a small file holds.
func all(t *contract.T, fd int) []byte {
	buffer := make([]byte, 1<<20)
	n, err := unix.Pread(fd, buffer, 0)
	t.Must(os.NewSyscallError("pread", err))
	return buffer[:n]
}

// asBefore ends the check if a file holds other bytes than its payload.
func asBefore(t *contract.T, file *source.File) {
	for _, way := range file.Ways() {
		wrong, err := way.Read()
		t.Must(err)
		t.Holds(wrong == nil, "the source as it was", fmt.Sprintf("read %s, %v", way.Name, wrong))
	}
}
