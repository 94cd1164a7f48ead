package contract

import (
	"bytes"

	"golang.org/x/sys/unix"
)

var madviseClauses = Interface{
	Page: "madvise(2)",
	Clauses: []Clause{
		{ID: "MADVISE-KEEPS", Since: "2.6.33", Source: "madvise(2): Conventional advice values", Places: []string{"normal", "random", "sequential", "willneed"},
			Text: "conventional advice, MADV_DONTNEED apart, changes nothing of what a mapping shows and write(2) sends", Check: func(t *T) {
				advice := map[string]int{"normal": unix.MADV_NORMAL, "random": unix.MADV_RANDOM, "sequential": unix.MADV_SEQUENTIAL, "willneed": unix.MADV_WILLNEED}[t.Place()]
				for _, kind := range inMemoryOrTemp {
					t.Step("a file on %s", kind)
					file := t.FileOn(kind, 10*int64(pageBytes))
					data := t.Map(file.Descriptor(), 0, 10*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
					t.Counts(t.madvise(data, advice), 0)
					open, sink := t.Pair("unix-stream")
					t.Counts(write(sink, data), int64(len(data)))
					t.Arrived(t.Delivered(open), file, 0, int64(len(data)))
					t.Arrived(data, file, 0, int64(len(data)))
				}
			}},
		{ID: "MADVISE-DONTNEED-SHARED", Since: "2.6.33", Source: "madvise(2): MADV_DONTNEED", Places: everyFilesystem,
			Text: "after MADV_DONTNEED a shared mapping shows the file as it is, with all that was stored into it", Check: func(t *T) {
				file, writer := t.Target(t.Place(), 4*int64(pageBytes))
				data := t.Map(writer, 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
				stored := bytes.Repeat([]byte{0x5a}, pageBytes)
				copy(data[1000:], stored)
				t.Counts(t.madvise(data, unix.MADV_DONTNEED), 0)
				owed := over(t.BytesOf(file, 0, int64(len(data))), 1000, stored)
				t.Same("the mapping", data, owed)
				t.Contains(file.Descriptor(), "the file", owed)
			}},
		// The page speaks of shared mappings, and of private ones that have no file.
		{ID: "MADVISE-DONTNEED-PRIVATE", Since: "2.6.33", Source: "madvise(2): MADV_DONTNEED", Places: everyFilesystem,
			Text: "after MADV_DONTNEED a private mapping shows the file, and what was stored into the mapping is gone", Check: func(t *T) {
				file := t.FileOn(t.Place(), 4*int64(pageBytes))
				data := t.Map(file.Descriptor(), 0, 4*pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
				copy(data[1000:], bytes.Repeat([]byte{0x5a}, pageBytes))
				t.Counts(t.madvise(data, unix.MADV_DONTNEED), 0)
				t.Arrived(data, file, 0, int64(len(data)))
			}},
		{ID: "MADVISE-POPULATE", Since: "5.14", Source: "madvise(2): MADV_POPULATE_READ", Places: inMemoryOrTemp,
			Text: "after MADV_POPULATE_READ every page is there: write(2) takes no page fault", Check: func(t *T) {
				file := t.FileOn(t.Place(), faultBytes)
				data := t.Map(file.Descriptor(), 0, faultBytes, unix.PROT_READ, unix.MAP_SHARED)
				t.Counts(t.madvise(data, unix.MADV_POPULATE_READ), 0)
				sent, minor, major := t.Faults(data)
				t.Holds(minor+major == 0, "no page fault", counted(minor, major))
				t.Arrived(sent, file, 0, faultBytes)
			}},
		{ID: "MADVISE-POPULATE-PAST-END", Since: "5.14", Source: "madvise(2) ERRORS: EFAULT",
			Text: "MADV_POPULATE_READ of pages that the file has not is EFAULT: no SIGBUS", Check: func(t *T) {
				file := t.File(int64(pageBytes))
				data := t.Map(file.Descriptor(), 0, 2*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
				t.Fails(t.madvise(data, unix.MADV_POPULATE_READ), unix.EFAULT)
				t.Arrived(data[:pageBytes], file, 0, int64(pageBytes))
			}},
		{ID: "MADVISE-ERRORS", Since: "2.6.33", Source: "madvise(2) ERRORS: EINVAL",
			Text: "advice that there is not, and an address that no page begins at, is EINVAL", Check: func(t *T) {
				file := t.File(2 * int64(pageBytes))
				data := t.Map(file.Descriptor(), 0, 2*pageBytes, unix.PROT_READ, unix.MAP_SHARED)
				t.Fails(t.madvise(data, 1<<20), unix.EINVAL)
				t.Fails(t.madvise(data[1:], unix.MADV_SEQUENTIAL), unix.EINVAL)
			}},
	},
}

// madvise makes the call; a kernel may be built without it.
func (t *T) madvise(memory []byte, advice int) Result {
	_, _, errno := unix.Syscall(unix.SYS_MADVISE, addressOf(memory), uintptr(len(memory)), uintptr(advice))
	if errno == unix.ENOSYS {
		t.Lacks("madvise(2)", errno.Error(), "take a kernel with CONFIG_ADVISE_SYSCALLS")
	}
	return Result{Call: "madvise", Errno: errno}
}
