package impl_test

import (
	"fmt"
	"math/rand/v2"
	"os"
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

var builtIn = []impl.Method{impl.ReadWrite, impl.MmapWrite, impl.Sendfile}

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
	name := GinkgoT().TempDir() + "/source"
	Expect(os.WriteFile(name, content, 0o600)).To(Succeed())
	return openFor(name, unix.O_RDONLY)
}

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
type pair struct{ write, read int }

var sinks = []struct {
	name string
	open func() *pair
}{
	{"a UNIX stream socket", unixStream},
	{"a pipe", pipe},
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

func (p *pair) closeWriter() { closeOnce(&p.write) }
func (p *pair) closeReader() { closeOnce(&p.read) }

func closeOnce(fd *int) {
	GinkgoHelper()
	if *fd >= 0 {
		Expect(unix.Close(*fd)).To(Succeed())
		*fd = -1
	}
}

// received reads the sink to its end, on a goroutine of its own.
func (p *pair) received() <-chan []byte {
	all := make(chan []byte, 1)
	go func() {
		var got []byte
		buffer := make([]byte, 64<<10)
		for {
			n, err := unix.Read(p.read, buffer)
			if err == unix.EINTR {
				continue
			}
			if n <= 0 {
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
	t := &impl.Transfer{Source: source, Sink: p.write, Offset: offset, Length: length, SourceBytes: int64(size), Chunk: max(1, int(length))}
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

// start has the method move on a goroutine of its own.
func start(m impl.Method, t *impl.Transfer) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		moved, err := m.Move(t)
		done <- outcome{moved, err}
	}()
	return done
}

// move has the method move, and fails the spec when it hangs.
func move(m impl.Method, t *impl.Transfer) (moved int64, err error) {
	GinkgoHelper()
	o := soon(start(m, t), m.Name+" hangs")
	return o.moved, o.err
}

// deliver moves the transfer while its sink is read, and returns all that arrived.
func deliver(m impl.Method, t *impl.Transfer, p *pair) (moved int64, err error, arrived []byte) {
	GinkgoHelper()
	all := p.received()
	moved, err = move(m, t)
	p.closeWriter()
	return moved, err, soon(all, "the sink's end does not arrive")
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
