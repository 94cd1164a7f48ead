package contract

import (
	"fmt"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/meter"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/suites/spec"
)

// goClauses are what a copy in Go comes to, by the standard library that the kit is built with. No kernel promises
// that; it is what a Go program can have of one. All calls are seen in a trace.
var goClauses = Interface{
	Page: "Go", Kinds: []string{spec.Trace},
	Clauses: []Clause{
		{ID: "GO-FILE-TO-SOCKET", Since: "2.6.33", Source: "go doc io.Copy, os.File.WriteTo, net.TCPConn.ReadFrom", Places: goRoutes(goFileToSocket),
			Text:  "a file that is copied into a TCP connection or a UNIX stream is sent by sendfile(2)",
			Check: func(t *T) { t.goes(goFileToSocket) }},
		{ID: "GO-FILE-TO-FILE", Since: "5.3", Source: "go doc io.Copy, os.File.ReadFrom", Places: goRoutes(goFileToFile),
			Text:  "a file that is copied into a file is copied by copy_file_range(2)",
			Check: func(t *T) { t.goes(goFileToFile) }},
		{ID: "GO-SOCKET-TO-FILE", Since: "2.6.33", Source: "go doc io.Copy, os.File.ReadFrom", Places: goRoutes(goSocketToFile),
			Text:  "a TCP connection or a UNIX stream that is copied into a file is spliced, by way of a pipe",
			Check: func(t *T) { t.goes(goSocketToFile) }},
		{ID: "GO-SOCKET-TO-SOCKET", Since: "2.6.33", Source: "go doc net.TCPConn.ReadFrom, net.TCPConn.WriteTo", Places: goRoutes(goSocketToSocket),
			Text:  "between two streams of which one is a TCP connection the bytes are spliced, by way of a pipe",
			Check: func(t *T) { t.goes(goSocketToSocket) }},
		{ID: "GO-LIMIT-READER", Since: "5.3", Source: "go doc io.LimitedReader, net.TCPConn.ReadFrom, os.File.ReadFrom", Places: goRoutes(goLimited),
			Text:  "an io.LimitedReader around the source changes nothing where the sink has a ReadFrom",
			Check: func(t *T) { t.goes(goLimited) }},
		{ID: "GO-WRAPPED", Since: "2.6.33", Source: "go doc io.Copy", Places: goRoutes(goWrapped),
			Text:  "any other wrapper that has neither WriteTo nor ReadFrom makes the copy one by read and write, through user memory",
			Check: func(t *T) { t.goes(goWrapped) }},
		{ID: "GO-PASSED-ON", Since: "2.6.33", Source: "go doc bufio.Reader.WriteTo, bufio.Writer.ReadFrom, io.MultiReader", Places: goRoutes(goPassedOn),
			Text:  "a wrapper that passes WriteTo or ReadFrom on to what it wraps changes nothing",
			Check: func(t *T) { t.goes(goPassedOn) }},
		{ID: "GO-FALLBACK", Since: "2.6.33", Source: "go doc os.File.ReadFrom, net.UnixConn", Places: goRoutes(goFallback),
			Text:  "what no system call moves in the kernel is copied by read and write: into an O_APPEND file, between UNIX streams, a limited file into a UNIX stream",
			Check: func(t *T) { t.goes(goFallback) }},
	},
}

// goRoute is a copy from one end to another, and the calls that move its bytes. It is one of a clause's places.
type goRoute struct {
	copy, source, sink string
	// moved is how often a byte goes through each call.
	moved map[string]int64
}

var (
	bySendfile  = map[string]int64{"sendfile": 1}
	byCopy      = map[string]int64{"copy_file_range": 1}
	bySplice    = map[string]int64{"splice": 2}
	byReadWrite = map[string]int64{"read": 1, "write": 1}
)

var goFileToSocket = []goRoute{
	{"copy", "memfd", "tcp", bySendfile},
	{"copy", "memfd", "unix-stream", bySendfile},
	{"write-to", "memfd", "tcp", bySendfile},
	{"write-to", "memfd", "unix-stream", bySendfile},
	{"read-from", "memfd", "tcp", bySendfile},
}

var goFileToFile = []goRoute{
	{"copy", "memfd", "memfd", byCopy},
	{"write-to", "memfd", "memfd", byCopy},
	{"read-from", "memfd", "memfd", byCopy},
}

var goSocketToFile = []goRoute{
	{"copy", "from-tcp", "file", bySplice},
	{"copy", "from-unix-stream", "file", bySplice},
	{"read-from", "from-tcp", "file", bySplice},
	{"read-from", "from-unix-stream", "file", bySplice},
}

var goSocketToSocket = []goRoute{
	{"copy", "from-tcp", "tcp", bySplice},
	{"copy", "from-unix-stream", "tcp", bySplice},
	{"copy", "from-tcp", "unix-stream", bySplice},
	{"read-from", "from-tcp", "tcp", bySplice},
	{"write-to", "from-tcp", "unix-stream", bySplice},
}

var goLimited = []goRoute{
	{"copyn", "memfd", "tcp", bySendfile},
	{"limit-reader", "memfd", "tcp", bySendfile},
	{"limit-reader", "memfd", "memfd", byCopy},
	{"limit-reader", "from-tcp", "file", bySplice},
	{"limit-reader", "from-tcp", "tcp", bySplice},
}

var goWrapped = []goRoute{
	{"bare-reader", "memfd", "tcp", byReadWrite},
	{"bare-reader", "memfd", "memfd", byReadWrite},
	{"bare-writer", "memfd", "tcp", byReadWrite},
	{"tee-reader", "memfd", "tcp", byReadWrite},
	{"multi-writer", "memfd", "tcp", byReadWrite},
	{"limit-reader-twice", "memfd", "tcp", byReadWrite},
	{"section-reader", "memfd", "tcp", map[string]int64{"pread64": 1, "write": 1}},
	{"bare-reader", "from-tcp", "tcp", byReadWrite},
}

var goPassedOn = []goRoute{
	{"bufio-reader", "memfd", "tcp", bySendfile},
	{"bufio-writer", "memfd", "tcp", bySendfile},
	{"multi-reader", "memfd", "tcp", bySendfile},
}

var goFallback = []goRoute{
	{"copy", "memfd", "append", byReadWrite},
	{"copy", "from-unix-stream", "unix-stream", byReadWrite},
	{"copyn", "memfd", "unix-stream", byReadWrite},
}

func (r goRoute) String() string { return r.copy + "-" + r.source + "-" + r.sink }

func goRoutes(all []goRoute) (names []string) {
	for _, r := range all {
		names = append(names, r.String())
	}
	return names
}

// goes has the copy of the clause's place done, and looks at which calls its bytes went through.
func (t *T) goes(all []goRoute) {
	// It fits into every sink, so that no copy waits.
	const bytes = 40_000
	for _, r := range all {
		if r.String() != t.Place() {
			continue
		}
		// Go takes another way where the kernel has none of these, and fails where a filter denies them.
		for call := range r.moved {
			for _, i := range probe.Behind([]string{call}) {
				t.needs(i)
			}
		}
		file := t.FileOn(r.source, bytes)
		sink, received := t.goReceiver(r.sink)
		a := &agent.Agent{Deadline: stepPatience, Options: reexec.Options{Environment: []string{goCopiesVariable + "=yes"}}}
		t.Cleanup(func() { a.Close() })
		outcome, err := a.Transfer(agent.Transfer{Method: r.copy, Source: file.Descriptor(), Sink: sink, Length: bytes, SourceBytes: bytes, Chunk: bytes, Trace: true})
		t.Must(err)
		if err := outcome.Err(); err != nil {
			t.Deviates("it is copied", err.Error())
		}
		if outcome.Trace == nil {
			t.Must(outcome.TraceMissing)
		}
		Equal(t, "bytes copied", outcome.Moved, bytes)
		t.Arrived(received(), file, 0, bytes)
		owed := map[string]int64{}
		for call, times := range r.moved {
			owed[call] = times * bytes
		}
		Equal(t, "bytes by each call", fmt.Sprint(goMovedBy(outcome.Trace, outcome.Ends.Sources[0], outcome.Ends.Sinks[0])), fmt.Sprint(owed))
	}
}

// goReceiver is a sink, and what reads it to its end when it is finished.
func (t *T) goReceiver(kind string) (fd int, received func() []byte) {
	if kind == "memfd" {
		// copy_file_range(2) may refuse to copy from one filesystem to another.
		fd := t.Hole(0)
		return fd, func() []byte { return t.contents(fd) }
	}
	open, fd := t.Pair(kind)
	return fd, func() []byte { return t.Rest(open) }
}

// goMoving are the arguments that are descriptors, of calls that move bytes.
var goMoving = map[string][]int{
	"read": {0}, "pread64": {0}, "readv": {0}, "preadv": {0}, "preadv2": {0}, "recvfrom": {0}, "recvmsg": {0},
	"write": {0}, "pwrite64": {0}, "writev": {0}, "pwritev": {0}, "pwritev2": {0}, "sendto": {0}, "sendmsg": {0},
	"sendfile": {0, 1}, "splice": {0, 2}, "copy_file_range": {0, 2}, "tee": {0, 1}, "vmsplice": {0},
}

// goMovedBy is how many bytes went through each call that has to do with the source, the sink or a copy of either's
// descriptor. A call that moved none does not count: another one follows where a copy may end.
func goMovedBy(trace *meter.Trace, source, sink int) map[string]int64 {
	ends, moved := map[int32]bool{int32(source): true, int32(sink): true}, map[string]int64{}
	for _, call := range trace.Calls {
		if call.Errno != 0 || call.Result <= 0 {
			continue
		}
		if call.Number == unix.SYS_FCNTL && call.Arguments[1] == unix.F_DUPFD_CLOEXEC && ends[int32(call.Arguments[0])] {
			ends[int32(call.Result)] = true
		}
		for _, argument := range goMoving[call.Name] {
			if ends[int32(call.Arguments[argument])] {
				moved[call.Name] += call.Result
				break
			}
		}
	}
	return moved
}
