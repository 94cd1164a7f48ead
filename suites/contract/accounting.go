package contract

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/impl/uring"
	"zerocopy-conformance/suites/spec"
)

// accountingClauses are how calls are accounted for, one call at a time. proc_pid_io(5) names read(2), pread(2),
// write(2) and pwrite(2), and "similar system calls": which those are is what kernels do.
var accountingClauses = Interface{
	Page: "proc_pid_io(5)",
	Clauses: []Clause{
		{ID: "ACCOUNTING-READ", Since: "2.6.33", Source: "proc_pid_io(5): syscr, rchar", Places: accountPlaces(accountReads),
			Text:  "a call of read(2)'s family is one in syscr, and its result is in rchar, whatever it reads from",
			Check: func(t *T) { t.accounts(accountReads) }},
		{ID: "ACCOUNTING-WRITE", Since: "2.6.33", Source: "proc_pid_io(5): syscw, wchar", Places: accountPlaces(accountWrites),
			Text:  "a call of write(2)'s family is one in syscw, and its result is in wchar, whatever it writes to",
			Check: func(t *T) { t.accounts(accountWrites) }},
		{ID: "ACCOUNTING-READ-NOTHING", Since: "2.6.33", Source: "proc_pid_io(5): syscr", Places: accountPlaces(accountEmptyReads),
			Text:  "a call that reads nothing, for want of bytes or of memory, is one in syscr all the same",
			Check: func(t *T) { t.accounts(accountEmptyReads) }},
		{ID: "ACCOUNTING-WRITE-NOTHING", Since: "2.6.33", Source: "proc_pid_io(5): syscw", Places: accountPlaces(accountEmptyWrites),
			Text:  "a call that writes nothing, for want of room, of a reader or of memory, is one in syscw all the same",
			Check: func(t *T) { t.accounts(accountEmptyWrites) }},
		{ID: "ACCOUNTING-SENDFILE", Since: "2.6.33", Source: "proc_pid_io(5), sendfile(2)", Places: accountPlaces(accountTransfers),
			Text:  "a sendfile(2) is one in syscr and one in syscw, and its result is in rchar and in wchar",
			Check: func(t *T) { t.accounts(accountTransfers) }},
		{ID: "ACCOUNTING-SENDFILE-NOTHING", Since: "2.6.33", Source: "proc_pid_io(5), sendfile(2)", Places: accountPlaces(accountEmptyTransfers),
			Text:  "a sendfile(2) that moves nothing, at the end or for an error of the sink's, is one in syscr and one in syscw all the same",
			Check: func(t *T) { t.accounts(accountEmptyTransfers) }},
		{ID: "ACCOUNTING-COPY", Since: "4.5", Source: "proc_pid_io(5), copy_file_range(2)", Places: accountPlaces(accountCopies),
			Text:  "a copy_file_range(2) is one in syscr and one in syscw, and its result is in rchar and in wchar",
			Check: func(t *T) { t.accounts(accountCopies) }},
		{ID: "ACCOUNTING-COPY-NOTHING", Since: "5.3", Source: "proc_pid_io(5), copy_file_range(2)", Places: accountPlaces(accountEmptyCopies),
			Text:  "a copy_file_range(2) that returns 0 is not accounted for",
			Check: func(t *T) { t.accounts(accountEmptyCopies) }},
		{ID: "ACCOUNTING-UNCOUNTED", Since: "2.6.33", Source: "proc_pid_io(5)", Places: accountPlaces(accountOthers),
			Text:  "calls of other families are not accounted for, whatever they move",
			Check: func(t *T) { t.accounts(accountOthers) }},
		{ID: "ACCOUNTING-IO-URING", Since: "5.6", Source: "proc_pid_io(5), io_uring_enter(2)", Kinds: []string{spec.IOUring}, Places: []string{"read", "write", "splice"},
			Text:  "what io_uring reads, writes and splices is not accounted for",
			Check: uringAccounting},
		{ID: "ACCOUNTING-REFUSED", Since: "2.6.33", Source: "proc_pid_io(5)", Places: accountPlaces(accountRefused),
			Text:  "a call that is refused for its descriptor, its offset or its flags is not accounted for",
			Check: func(t *T) { t.accounts(accountRefused) }},
		{ID: "ACCOUNTING-VECTORED-EBADF", Since: "2.6.33", Source: "proc_pid_io(5), readv(2)", Places: accountPlaces(accountRefusedVectors),
			Text:  "a call that reads or writes several pieces is one in syscr or syscw also where its descriptor is not open",
			Check: func(t *T) { t.accounts(accountRefusedVectors) }},
		{ID: "ACCOUNTING-OWN", Since: "2.6.33", Source: "proc_pid_io(5)",
			Text:  "a thread that reads its own accounting finds it as it was before, and by that adds one to syscr and the text's length to rchar",
			Check: ownAccounting},
		{ID: "ACCOUNTING-PROCESS", Since: "2.6.33", Source: "proc_pid_io(5)",
			Text:  "the accounting of a process has that of all its threads in it, of one that has ended too",
			Check: processAccounting},
	},
}

func uringAccounting(t *T) {
	t.needs(probe.IOUring)
	e := t.accountEnds()
	ring := t.anyRing(1)
	reader, writer := t.Pipe(0)
	switch t.Place() {
	case "read":
		ring.Push(uring.Read(int(e.source()), e.memory[:moreBytes], 0))
	case "write":
		ring.Push(uring.Write(writer, e.memory[:someBytes], -1))
	case "splice":
		t.Done(write(writer, e.memory[:someBytes]))
		ring.Push(uring.Splice(reader, -1, int(e.blank()), -1, someBytes, 0))
	}
	const wait = 1 // IORING_ENTER_GETEVENTS
	result, moved := t.Clerk().does(anErrand("io_uring_enter", unix.SYS_IO_URING_ENTER, uintptr(ring.Descriptor()), 1, 1, wait, 0, 0))
	t.Counts(result, 1)
	entry, there := ring.Next()
	t.Holds(there, "a completion", "none")
	Equal(t, "its result", entry.Result, someBytes)
	Equal(t, "the accounting", moved, uncounted)
}

func ownAccounting(t *T) {
	c := t.Clerk()
	own := t.Open(fmt.Sprintf("/proc/self/task/%d/io", c.tid), unix.O_RDONLY)
	text := t.mapped(pageBytes)
	before := c.reading()
	result, moved := c.does(anErrand("pread64", unix.SYS_PREAD64, uintptr(own), startOf(text), uintptr(pageBytes), 0))
	n := t.Within(result, 1, int64(pageBytes)-1)
	Equal(t, "the accounting", moved, tally{syscr: 1, rchar: n})
	t.Step("in the text")
	Equal(t, "the accounting", t.tallied(text[:n]), tally{before.ReadCalls, before.WriteCalls, before.ReadChars, before.WriteChars})
}

// tallied is what the text of an accounting says.
func (t *T) tallied(text []byte) (is tally) {
	_, err := fmt.Sscanf(string(text), "rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d\n", &is.rchar, &is.wchar, &is.syscr, &is.syscw)
	t.Must(err)
	return is
}

func processAccounting(t *T) {
	const calls = 100
	e, c := t.accountEnds(), t.Clerk()
	null := uintptr(t.Open("/dev/null", unix.O_WRONLY))
	process := func() tally {
		text, err := os.ReadFile("/proc/self/io")
		t.Must(err)
		return t.tallied(text)
	}
	before := process()
	for range calls {
		result, _ := c.does(anErrand("write", unix.SYS_WRITE, null, e.buffer(), someBytes))
		t.Counts(result, someBytes)
	}
	holds := func() {
		now := process()
		t.Holds(now.syscw-before.syscw >= calls, fmt.Sprintf("syscw +%d at least", calls), fmt.Sprint(now.syscw-before.syscw))
		// Nobody else here writes, but for eight bytes of Go's scheduler at times.
		t.Within(Result{Call: "wchar", N: now.wchar - before.wchar}, calls*someBytes, 2*calls*someBytes-1)
	}
	t.Step("while the thread is there")
	holds()
	t.Step("when it has ended")
	c.leave()
	t.awaitEnd(c.tid)
	holds()
}

// awaitEnd waits until a thread of this process has ended. Go keeps the first one for good.
func (t *T) awaitEnd(tid int) {
	for deadline := time.Now().Add(stepPatience); tid != os.Getpid(); runtime.Gosched() {
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Must(fmt.Errorf("thread %d does not end", tid))
		}
	}
}
