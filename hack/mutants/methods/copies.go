package methods

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// copies is what can be wrong with who copies the bytes, and how often. All of them arrive, and are right.
var copies = []mutation{
	{"by-user-memory", "it reads and writes", []string{"COST-CALLS", "COST-FAULTS", "COPIES-USER", "COPIES-SHARED*", "COPIES-SPLICED*", "COPIES-GATHER", "SAFETY-POSITION", "TEXTBOOK-*"},
		[]trial{home, table, everywhere("COST-FAULTS", "COPIES-USER", "/^COPIES-(SHARED|SPLICED)-/", "COPIES-GATHER")},
		only(and(ofFiles, func(m impl.Method) bool { return m.Claim.UserCopies != 2 && !m.Claim.Direct }), instead(plainly.Move))},
	{"by-sendfile", "it has the kernel hand over the source's own pages", []string{"COST-CALLS", "COST-FAULTS", "COPIES-USER", "COPIES-COPIED", "COPIES-DISK-DIRECT", "SAFETY-POSITION", "TEXTBOOK-*"},
		[]trial{home, table, everywhere("COPIES-USER", "COPIES-COPIED")},
		only(and(ofSmall, func(m impl.Method) bool { return m.Claim.UserCopies > 0 }), instead(inTheKernel))},
	{"by-a-copy-of-the-source", "it moves a copy of the source that it has made before", []string{"COPIES-SHARED*", "COPIES-SPLICED*", "COPIES-GATHER", "SAFETY-POSITION"},
		[]trial{home},
		only(and(ofSmall, shares, not(byLoan)), preparing(fromCopy))},
}

// inTheKernel is sendfile(2) where the sink takes it, and as few copies as can be where it does not.
func inTheKernel(t *impl.Transfer) (int64, error) {
	moved, err := impl.Sendfile.Move(t)
	if moved > 0 || err != unix.EINVAL {
		return moved, err
	}
	return impl.MmapWrite.Move(t)
}

// fromCopy puts a copy in memory in the source's place.
func fromCopy(t *impl.Transfer) (undo func(), err error) {
	scratch, err := unix.MemfdCreate("copy", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	source := t.Source
	undo = func() { t.Source = source; _ = unix.Close(scratch) }
	into := impl.Transfer{Source: source, Sink: scratch, Second: -1, Length: t.SourceBytes, SourceBytes: t.SourceBytes, Chunk: 1 << 20}
	if _, err := impl.Sendfile.Move(&into); err != nil {
		undo()
		return nil, err
	}
	t.Source = scratch
	seek(t, t.Offset)
	return undo, nil
}

// disks is what can be wrong with what is asked of the source's disk.
var disks = []mutation{
	{"read-by-another-thread", "another thread reads the range first", []string{"COPIES-DISK-COLD", "TEXTBOOK-*"},
		[]trial{home, everywhere("COPIES-DISK-COLD")},
		only(and(ofSmall, toSockets, not(direct), not(byWorker)), before(func(t *impl.Transfer) {
			read := make(chan struct{})
			go func() {
				defer close(read)
				_, _ = unix.Pread(t.Source, make([]byte, max(0, left(t))), t.Offset)
			}()
			<-read
		}))},
	{"read-anew", "the source is dropped from the page cache, and read again", []string{"COPIES-DISK-*", "COST-CALLS", "COST-FAULTS"},
		[]trial{home, everywhere("COPIES-DISK-WARM", "COPIES-DISK-DIRECT")},
		only(ofSmall, before(func(t *impl.Transfer) {
			_ = unix.Fdatasync(t.Source)
			_ = unix.Fadvise(t.Source, 0, 0, unix.FADV_DONTNEED)
			_, _, _ = unix.Syscall(unix.SYS_READAHEAD, uintptr(t.Source), uintptr(t.Offset), uintptr(left(t)))
		}))},
	{"read-directly-twice", "each block is read from the disk twice", []string{"COPIES-DISK-*", "COST-CALLS", "COPIES-USER"},
		[]trial{home, everywhere("COPIES-DISK-COLD", "COPIES-DISK-DIRECT")},
		only(direct, before(func(t *impl.Transfer) {
			blocks := (left(t) + 2*int64(page) - 1) / int64(page) * int64(page)
			memory, err := unix.Mmap(-1, 0, int(max(blocks, int64(page))), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
			if err != nil {
				return
			}
			_, _ = unix.Pread(t.Source, memory, t.Offset/int64(page)*int64(page))
			_ = unix.Munmap(memory)
		}))},
	{"read-by-the-cache", "the source is read through the page cache", []string{"COPIES-DISK-DIRECT", "COPIES-USER", "COST-CALLS"},
		[]trial{home, everywhere("COPIES-DISK-DIRECT", "COPIES-USER")},
		only(direct, instead(plainly.Move))},
}
