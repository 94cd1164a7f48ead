package impl_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

func TestImpl(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The methods")
}

// patience is how long a call may take that has nothing to wait for.
const patience = 20 * time.Second

var page = os.Getpagesize()

var builtIn = impl.Methods()

// between are the methods that are made for such a source and such a sink.
func between(source, sink impl.Ends) (all []impl.Method) {
	for _, m := range builtIn {
		if m.Reads(source) && m.Writes(sink) {
			all = append(all, m)
		}
	}
	return all
}

// content gives n bytes, the same ones each time, of which no page is like another.
func content(n int) []byte {
	all := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{'z', 'c'}).Read(all)
	return all
}

// sources are the kinds of files that a spec moves from; each is open for reading alone.
var sources = []struct {
	name string
	open func(content []byte) int
}{
	{"a temp file", tempFile},
	{"a memfd", memfd},
}

func tempFile(content []byte) int {
	GinkgoHelper()
	name := fmt.Sprintf("%s/%d", keptFiles(), len(content))
	if _, err := os.Stat(name); err != nil {
		Expect(os.WriteFile(name, content, 0o600)).To(Succeed())
	}
	return openFor(name, unix.O_RDONLY)
}

// keptFiles is a folder of content that specs only read, by its size: disks take their time to make files and to remove
// them.
var keptFiles = sync.OnceValue(func() string {
	folder, err := os.MkdirTemp("", "impl-test-")
	Expect(err).NotTo(HaveOccurred())
	return folder
})

var _ = AfterSuite(func() { Expect(os.RemoveAll(keptFiles())).To(Succeed()) })

func memfd(content []byte) int {
	GinkgoHelper()
	made, err := unix.MemfdCreate("impl-test", unix.MFD_CLOEXEC)
	Expect(err).NotTo(HaveOccurred())
	file := os.NewFile(uintptr(made), "memfd")
	defer file.Close()
	Expect(file.Write(content)).To(Equal(len(content)))
	return openFor(fmt.Sprintf("/proc/self/fd/%d", made), unix.O_RDONLY)
}

// openFor opens a file for the running spec.
func openFor(name string, flags int) int {
	GinkgoHelper()
	fd, err := unix.Open(name, flags|unix.O_CLOEXEC, 0o600)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(unix.Close, fd)
	return fd
}

// pair is a sink and the end of it that is read.
type pair struct {
	write, read int
	// second is the same once more, for methods that have Two, and alsoArrived what is read from it.
	second      *pair
	alsoArrived <-chan []byte
	// endless: closing it is nothing to its reader, who is sent an empty message.
	endless bool
	// atRest: it is a file, which ends where nothing more is written yet. It is read when all is.
	atRest bool
}

// sinkKind is a kind of sinks.
type sinkKind struct {
	name  string
	class impl.Ends
	make  func() *pair
}

// sinks are those that are asked for everything.
var sinks = []sinkKind{
	{"a UNIX stream socket", impl.UnixStream, unixStream},
	{"a pipe", impl.Pipe, pipe},
}

// open makes a sink for a method, with a second one where it has Two. That one is read all the while.
func (k sinkKind) open(m impl.Method) *pair {
	GinkgoHelper()
	p := k.make()
	if m.Two {
		p.second = k.make()
		if !p.atRest {
			p.alsoArrived = p.second.received()
			DeferCleanup(func() {
				p.second.closeWriter()
				soon(p.alsoArrived, "the second sink's end does not arrive")
			})
		}
	}
	return p
}

func unixStream() *pair {
	GinkgoHelper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	return closedWithSpec(ends, err)
}

func pipe() *pair {
	GinkgoHelper()
	var ends [2]int
	err := unix.Pipe2(ends[:], unix.O_CLOEXEC)
	return closedWithSpec([2]int{ends[1], ends[0]}, err)
}

func closedWithSpec(ends [2]int, err error) *pair {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	p := &pair{write: ends[0], read: ends[1]}
	DeferCleanup(func() { p.closeWriter(); p.closeReader() })
	return p
}

func (p *pair) closeWriter() {
	GinkgoHelper()
	if p.endless && p.write >= 0 {
		// Where it is refused, nobody waits for it.
		_, _ = unix.SendmsgN(p.write, nil, nil, nil, 0)
	}
	closeOnce(&p.write)
}

func (p *pair) closeReader() { closeOnce(&p.read) }

// sameInSecond expects that the second sink, if there is one, has got the same bytes.
func (p *pair) sameInSecond(owed []byte) {
	GinkgoHelper()
	if p.second == nil {
		return
	}
	if p.atRest {
		p.alsoArrived = p.second.received()
	} else {
		p.second.closeWriter()
	}
	also := soon(p.alsoArrived, "the second sink's end does not arrive")
	Expect(bytes.Equal(also, owed)).To(BeTrue(), "%d bytes arrived in the second sink, %d were owed", len(also), len(owed))
}

func closeOnce(fd *int) {
	GinkgoHelper()
	if *fd >= 0 {
		Expect(unix.Close(*fd)).To(Succeed())
		*fd = -1
	}
}

// received reads the sink to its end, on a goroutine of its own. It does so by a descriptor of its own: the goroutine may
// outlive the spec, and the number of one that is closed is soon another sink's.
func (p *pair) received() <-chan []byte {
	GinkgoHelper()
	all := make(chan []byte, 1)
	reader, err := unix.FcntlInt(uintptr(p.read), unix.F_DUPFD_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	go func() {
		defer close(all)
		var got []byte
		buffer := make([]byte, 64<<10)
		for {
			n, err := unix.Read(reader, buffer)
			if err == unix.EINTR {
				continue
			}
			if n <= 0 {
				unix.Close(reader)
				all <- got
				return
			}
			got = append(got, buffer[:n]...)
		}
	}()
	return all
}

// transfer asks for a range of a source of that size, in one chunk.
func transfer(source int, size int, p *pair, offset, length int64) *impl.Transfer {
	GinkgoHelper()
	t := &impl.Transfer{Source: source, Sink: p.write, Second: -1, Offset: offset, Length: length, SourceBytes: int64(size), Chunk: max(1, int(length))}
	if p.second != nil {
		t.Second = p.second.write
	}
	return in(t, t.Chunk)
}

// in has the transfer done in chunks of that many bytes.
func in(t *impl.Transfer, chunk int) *impl.Transfer {
	GinkgoHelper()
	t.Chunk, t.Buffer = chunk, make([]byte, chunk)
	seek(t.Source, t.Offset)
	return t
}

func seek(source int, offset int64) {
	GinkgoHelper()
	_, err := unix.Seek(source, offset, unix.SEEK_SET)
	Expect(err).NotTo(HaveOccurred())
}

func position(source int) int64 {
	GinkgoHelper()
	at, err := unix.Seek(source, 0, unix.SEEK_CUR)
	Expect(err).NotTo(HaveOccurred())
	return at
}

// outcome is what a method returned.
type outcome struct {
	moved int64
	err   error
}

// ready has the method prepare a transfer, until the spec ends or the result is called.
func ready(m impl.Method, t *impl.Transfer) (release func()) {
	GinkgoHelper()
	release, err := prepare(m, t)
	Expect(err).NotTo(HaveOccurred())
	return release
}

// prepare is the same, where that may fail. A method that this machine, or the source's filesystem, has not got skips the
// spec.
func prepare(m impl.Method, t *impl.Transfer) (release func(), err error) {
	GinkgoHelper()
	undo := func() error { return nil }
	if m.Prepare != nil {
		its, err := m.Prepare(t)
		for _, lack := range []unix.Errno{unix.ENOSYS, unix.EOPNOTSUPP, unix.EINVAL, unix.EPERM} {
			if errors.Is(err, lack) {
				Skip(fmt.Sprintf("not-checked: %s cannot be had here: %v", m.Name, err))
			}
		}
		if err != nil {
			return nil, err
		}
		if its != nil {
			undo = its
		}
	}
	release = sync.OnceFunc(func() { Expect(undo()).To(Succeed()) })
	DeferCleanup(release)
	return release, nil
}

// start has the method move on a goroutine of its own.
func start(m impl.Method, t *impl.Transfer) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		moved, err := m.Move(t)
		done <- outcome{moved, err}
	}()
	return done
}

// run has the method prepare, move and release.
func run(m impl.Method, t *impl.Transfer) (moved int64, err error) {
	GinkgoHelper()
	release, err := prepare(m, t)
	if err != nil {
		return 0, err
	}
	defer release()
	return move(m, t)
}

// move has the method move what is prepared, and fails the spec when it hangs.
func move(m impl.Method, t *impl.Transfer) (moved int64, err error) {
	GinkgoHelper()
	o := soon(start(m, t), m.Name+" hangs")
	return o.moved, o.err
}

// deliver moves the transfer while its sink is read, and returns all that arrived.
func deliver(m impl.Method, t *impl.Transfer, p *pair) (moved int64, err error, arrived []byte) {
	GinkgoHelper()
	release, err := prepare(m, t)
	var all <-chan []byte
	if !p.atRest {
		all = p.received()
	}
	if err == nil {
		moved, err = move(m, t)
		release()
	}
	if p.atRest {
		all = p.received()
	} else {
		p.closeWriter()
	}
	arrived = soon(all, "the sink's end does not arrive")
	p.sameInSecond(arrived)
	return moved, err, arrived
}

// soon takes what a channel brings, or fails the spec with what it means that nothing comes.
func soon[T any](from <-chan T, otherwise string) (value T) {
	GinkgoHelper()
	select {
	case value = <-from:
	case <-time.After(patience):
		Fail(otherwise)
	}
	return value
}
