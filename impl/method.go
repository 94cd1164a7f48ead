// Package impl holds the methods: the ways a program can move bytes from a source to a sink, one file each.
//
// A method is a name, a claim and a function. The claim is what its documentation promises it to cost; the
// suites measure what it does cost. The package knows nothing of how that is done: it can be read, and
// used, as plain code for moving bytes.
package impl

// Transfer is one range of a source that is to be moved into a sink.
type Transfer struct {
	// Source and Sink are open descriptors, owned by the caller. The source's file position, where it has
	// one, is at Offset; a method may use the position or the offset, whichever its system calls take.
	Source, Sink int
	// Second is one more sink, open like the first, for a method that has Two: it is to receive the same bytes. -1
	// where there is none.
	Second int
	// Offset and Length are the range, in bytes. It may end, or start, past the end of the source.
	Offset, Length int64
	// SourceBytes is the size of the source as its opener knows it, or -1 when it has none (a pipe) or nobody
	// knows it. Only methods that cannot see the source's end by themselves need it.
	SourceBytes int64
	// Chunk is the most bytes that one round of system calls is asked to move; at least 1.
	Chunk int
	// Buffer is user memory of at least Chunk bytes, page-aligned and resident, for methods that need it:
	// allocated before the transfer, so that the transfer's cost is its own.
	Buffer []byte
	// Own is what the method's Prepare has made for this transfer: it belongs to the method alone.
	Own any
}

// Method is a way to move bytes from a source to a sink.
type Method struct {
	// Name is how reports and filters call it: lower case, no blanks, none of ,&|!()/: (see Register).
	Name string
	// Claim is the cost that its documentation promises.
	Claim Claim
	// From and Into are the sources and sinks that the method is made for. Zero means File for a source, and
	// Unappended for a sink.
	From, Into Ends
	// Two: the method moves the same bytes into a second sink as well.
	Two bool
	// Prepare makes what the method needs beside the transfer, and does so before it: a pipe, a ring, a setting
	// of the sink. Release, nil where there is nothing to do, undoes it after the transfer. Neither is part of the
	// transfer's cost. Prepare is nil where a method needs nothing.
	Prepare func(*Transfer) (release func() error, err error)
	// Move moves the transfer's range and returns how many bytes the sink has taken, whatever the error.
	//
	// It ends without an error when the range is moved or the source has ended. A short count is continued
	// where it ended, an EINTR is tried again. A non-blocking sink that is full ends it with unix.EAGAIN:
	// the caller waits, and asks for the rest. Any other error is returned as the unix.Errno it is.
	Move func(*Transfer) (int64, error)
}

// Claim is what a method promises to cost, for each chunk.
type Claim struct {
	// Source is where the promise stands: man pages, by name and section.
	Source string
	// Since is the first kernel version that has the calls, such as "5.7"; empty where all have them.
	Since string
	// Calls are the system calls that move one chunk, by name.
	Calls map[string]int
	// Waits are calls that the method makes as often as it takes, once at least: how often is not its own to say.
	Waits []string
	// Teardown are the calls that undo what moving a chunk has set up, by name.
	Teardown map[string]int
	// Faults is how many page faults moving one chunk takes at least.
	Faults int
	// Populates: its mmap(2) enters the pages (MAP_POPULATE), so that the calls that take them from there take no page fault.
	Populates bool
	// UserCopies is how often the CPU copies each byte into or out of user memory.
	UserCopies int
	// Direct: it reads past the page cache, so that of a file on a device each byte that it reads into user memory is
	// written there by the device. UserCopies does not count those.
	Direct bool
	// LocksBytes is how much memory a user must be allowed to lock for it (getrlimit(2), RLIMIT_MEMLOCK): what it lends the
	// kernel, and what of that the kernel gives back later.
	LocksBytes uint64
	// Piped: it goes through a pipe of its own. Calls are those of a user whose pipes hold a chunk; smaller ones take more.
	Piped bool
	// Resident: Calls are those of a source whose pages are in memory, and stay there meanwhile.
	Resident bool
	// Advances: it reads from the source's file position, which is behind what it has moved when the range is moved.
	// Otherwise the position stays where it is.
	Advances bool
	// Shares promises that the sink is handed the page cache's own pages where it can queue pages.
	Shares bool
}

// Reads says whether the method is made for sources of a kind.
func (m Method) Reads(source Ends) bool {
	if m.From == 0 {
		return File.Has(source)
	}
	return m.From.Has(source)
}

// Writes says whether the method is made for sinks of a kind.
func (m Method) Writes(sink Ends) bool {
	if m.Into == 0 {
		return Unappended.Has(sink)
	}
	return m.Into.Has(sink)
}

// left is how much of the range remains after moved bytes, at most one chunk.
func (t *Transfer) left(moved int64) int {
	return int(min(int64(t.Chunk), t.Length-moved))
}
