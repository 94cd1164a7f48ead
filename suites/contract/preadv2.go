package contract

import (
	"bytes"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/fixtures/source"
)

// onDisks are kinds of files that can be nowhere but on a disk.
var onDisks = []string{"disk", "ext4", "xfs", "btrfs"}

var preadv2Clauses = Interface{
	Page: "preadv2(2)", Needs: []probe.Interface{probe.Preadv2},
	Clauses: []Clause{
		{ID: "PREADV2-POSITION", Since: "4.6", Source: "preadv2(2) DESCRIPTION",
			Text: "an offset of -1 stands for the position, which advances; with any other offset it stays", Check: func(t *T) {
				file := t.File(10_000)
				memory := t.Scratch(pageBytes)
				t.seek(file.Descriptor(), 100)
				t.Counts(vector("preadv2", file.Descriptor(), []segment{part(memory[:1000])}, -1, 0), 1000)
				t.Arrived(memory[:1000], file, 100, 1000)
				Equal(t, "position", t.position(file.Descriptor()), 1100)
				t.Counts(vector("preadv2", file.Descriptor(), []segment{part(memory[:1000])}, 5000, 0), 1000)
				t.Arrived(memory[:1000], file, 5000, 1000)
				Equal(t, "position", t.position(file.Descriptor()), 1100)
			}},
		{ID: "PWRITEV2-POSITION", Since: "4.6", Source: "preadv2(2) DESCRIPTION",
			Text: "when writing, too, an offset of -1 stands for the position, which advances; with any other offset it stays", Check: func(t *T) {
				reader, sink := t.Empty(unix.O_WRONLY)
				memory := t.Scratch(pageBytes)
				copy(memory, "firstsecond")
				t.seek(sink, 10)
				t.Counts(vector("pwritev2", sink, []segment{part(memory[:5])}, -1, 0), 5)
				Equal(t, "position", t.position(sink), 15)
				t.Counts(vector("pwritev2", sink, []segment{part(memory[5:][:6])}, 2, 0), 6)
				Equal(t, "position", t.position(sink), 15)
				t.Contains(reader, "the file", []byte("\x00\x00second\x00\x00first"))
			}},
		{ID: "PREADV2-FLAGS", Since: "4.6", Source: "preadv2(2) ERRORS: EOPNOTSUPP", Places: []string{"preadv2", "pwritev2"},
			Text: "an unknown flag is EOPNOTSUPP, and nothing moves", Check: func(t *T) {
				_, file := t.Empty(unix.O_RDWR)
				t.Store(file, []byte("bytes"), 0)
				memory := t.Scratch(pageBytes)
				for _, flag := range []uintptr{1 << 30, 1 << 31} {
					t.Step("flag %#x", flag)
					t.Fails(vector(t.Place(), file, []segment{part(memory)}, -1, flag), unix.EOPNOTSUPP)
				}
				Equal(t, "position", t.position(file), 0)
				t.Contains(file, "the file", []byte("bytes"))
				t.Same("memory", memory, make([]byte, pageBytes))
			}},
		{ID: "PWRITEV2-APPEND", Since: "4.16", Source: "preadv2(2): RWF_APPEND",
			Text: "with RWF_APPEND data goes behind the end whatever the offset, and the position stays unless the offset is -1", Check: func(t *T) {
				reader, sink := t.Empty(unix.O_WRONLY)
				memory := t.Scratch(pageBytes)
				copy(memory, "firstsecondthird")
				t.Counts(vector("pwritev2", sink, []segment{part(memory[:5])}, 0, 0), 5)
				t.Counts(vector("pwritev2", sink, []segment{part(memory[5:][:6])}, 1, unix.RWF_APPEND), 6)
				Equal(t, "position", t.position(sink), 0)
				t.Counts(vector("pwritev2", sink, []segment{part(memory[11:][:5])}, -1, unix.RWF_APPEND), 5)
				Equal(t, "position", t.position(sink), 16)
				t.Contains(reader, "the file", []byte("firstsecondthird"))
			}},
		{ID: "PREADV2-NOWAIT-WARM", Since: "4.14", Source: "preadv2(2): RWF_NOWAIT", Places: onDisks,
			Text: "RWF_NOWAIT reads what is in memory, all of it, and gives 0 at the end", Check: func(t *T) {
				file, fd, memory := t.nowait(10_000)
				t.hold(file, 10_000)
				t.Counts(vector("preadv2", fd, []segment{part(memory[:3000]), part(memory[3000:])}, 0, unix.RWF_NOWAIT), 10_000)
				t.Arrived(memory[:10_000], file, 0, 10_000)
				t.Counts(vector("preadv2", fd, []segment{part(memory)}, 10_000, unix.RWF_NOWAIT), 0)
			}},
		{ID: "PREADV2-NOWAIT-COLD", Since: "5.11", Source: "preadv2(2): RWF_NOWAIT, BUGS", Places: onDisks,
			Text: "RWF_NOWAIT does not wait for a disk: what is not in memory is EAGAIN", Check: func(t *T) {
				file, fd, memory := t.nowait(coldBytes)
				t.Must(file.Chill())
				t.seek(fd, 77)
				t.atOnce(file, fd, memory, 0)
				Equal(t, "position", t.position(fd), 77)
			}},
		{ID: "PREADV2-NOWAIT-PARTLY", Since: "5.11", Source: "preadv2(2): RWF_NOWAIT, BUGS", Places: onDisks,
			Text: "where the beginning of the range is in memory RWF_NOWAIT gives that: a short count", Check: func(t *T) {
				file, fd, memory := t.nowait(coldBytes)
				t.Must(file.Chill())
				t.hold(file, 2*pageBytes)
				warm := t.beginsInMemory(file)
				if warm < 2*int64(pageBytes) || warm == file.Bytes {
					t.Lacks("a file that is in memory in part", fmt.Sprintf("%d of %d bytes are, where two pages are locked into it", warm, file.Bytes), "set TMPDIR to a folder on another filesystem")
				}
				t.atOnce(file, fd, memory, warm)
			}},
	},
}

// coldBytes are as many as a disk is asked for at a time: were it more, the first could be there while the call sleeps for
// a place in the disk's queue for the last, without having waited for any.
const coldBytes = 64 << 10

// nowait is a file of the place's kind, a descriptor of it, and memory to read it into. The check ends where its
// filesystem cannot read without waiting. By that descriptor no times of access are noted: a filesystem may wait for
// its disk to do that, data or no data.
func (t *T) nowait(size int64) (*source.File, int, []byte) {
	file := t.FileOn(t.Place(), size)
	fd := t.Reopen(file.Descriptor(), unix.O_RDONLY|unix.O_NOATIME)
	memory := t.Scratch(int(size))
	// Beyond the end nothing is read.
	if r := vector("preadv2", fd, []segment{part(memory)}, 1<<40, unix.RWF_NOWAIT); r.Errno == unix.EOPNOTSUPP {
		t.Lacks("RWF_NOWAIT on "+file.Filesystem, r.String(), "set TMPDIR to a folder on another filesystem")
	}
	return file, fd, memory
}

// atOnce holds a read of the whole file to come back with what was in memory, its first bytes.
//
// The hazard: the call may have the rest read ahead, and a fast disk has done that before the call looks. It may give
// more, then; but who has slept meanwhile has waited.
func (t *T) atOnce(file *source.File, fd int, memory []byte, warm int64) {
	var before, after unix.Rusage
	t.Must(os.NewSyscallError("getrusage", unix.Getrusage(unix.RUSAGE_THREAD, &before)))
	r := vector("preadv2", fd, []segment{part(memory)}, 0, unix.RWF_NOWAIT)
	t.Must(os.NewSyscallError("getrusage", unix.Getrusage(unix.RUSAGE_THREAD, &after)))
	switch slept := after.Nvcsw - before.Nvcsw; {
	case warm == 0 && (r.Errno != 0 || slept > 0):
		t.Fails(r, unix.EAGAIN)
		t.Same("memory", memory, make([]byte, len(memory)))
	case slept > 0:
		t.Counts(r, warm)
	default:
		t.Within(r, max(warm, 1), file.Bytes)
	}
	if r.Errno == 0 {
		t.Arrived(memory[:r.N], file, 0, r.N)
		t.Same("memory behind it", memory[r.N:], bytes.Repeat([]byte{0}, len(memory)-int(r.N)))
	}
}

// hold reads the first bytes of a file into memory and keeps them there until the check ends: what is not locked the kernel
// may page out at any moment, and some machines have it do so all the time. Nothing behind them is read ahead.
func (t *T) hold(file *source.File, bytes int) {
	mapping := t.Map(file.Descriptor(), 0, bytes, unix.PROT_READ, unix.MAP_SHARED)
	t.Must(os.NewSyscallError("madvise", unix.Madvise(mapping, unix.MADV_RANDOM)))
	if why := kernel.MayLock(uint64(bytes)); why != nil {
		t.Must(why)
	}
	if err := unix.Mlock(mapping); err != nil {
		// What others of this user's hold counts, too.
		t.Lacks("locked memory", "mlock: "+err.Error(), "raise the limit: ulimit -l unlimited")
	}
}

// beginsInMemory is how many bytes from the beginning of a file on are in memory (mincore(2)).
func (t *T) beginsInMemory(file *source.File) int64 {
	resident := t.resident(file)
	for i, there := range resident {
		if !there {
			return int64(i * pageBytes)
		}
	}
	return file.Bytes
}

// resident says of each page of a file whether it is in memory. To be told, one has to own the file, or be allowed to
// write to it.
func (t *T) resident(file *source.File) (pages []bool) {
	mapping := t.Map(file.Descriptor(), 0, int(file.Bytes), unix.PROT_READ, unix.MAP_SHARED)
	state := make([]byte, (len(mapping)+pageBytes-1)/pageBytes)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, addressOf(mapping), uintptr(len(mapping)), uintptr(unsafe.Pointer(&state[0])))
	t.Done(Result{Call: "mincore", Errno: errno})
	for _, s := range state {
		pages = append(pages, s&1 == 1)
	}
	return pages
}
