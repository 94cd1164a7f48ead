package impl

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pipe is a pipe of a method's own, on the way from its source to its sink. It is empty between two chunks: what it
// still holds when the next one comes is what an earlier transfer's sink has refused, which its caller asks for again.
type pipe struct {
	read, write int // -1 when it is closed
	// held is how many bytes are in it.
	held int
	// capacity is how large it was asked to be, in bytes; 0 where the default will do.
	capacity int
	// fromPosition: the source is read from where it stands, as it has no offsets.
	fromPosition bool
}

// mostPipeBytes is how large an ordinary user may make a pipe, unless the administrator says otherwise (pipe(7),
// pipe-max-size).
const mostPipeBytes = 1 << 20

// newPipe makes a pipe for a transfer, with room for a whole chunk of it, which may begin in the middle of a page.
func newPipe(t *Transfer) (*pipe, error) {
	p := &pipe{capacity: min(t.Chunk+os.Getpagesize(), mostPipeBytes)}
	_, err := unix.Seek(t.Source, 0, io.SeekCurrent)
	p.fromPosition = err == unix.ESPIPE
	return p, p.open()
}

// preparePipe is the Prepare of a method that keeps a pipe.
func preparePipe(t *Transfer) (release func() error, err error) {
	p, err := newPipe(t)
	t.Own = p
	return p.close, err
}

// open makes the pipe as large as it is to be and the user may have it: a smaller one costs more rounds, and no byte.
func (p *pipe) open() error {
	ends := [2]int{-1, -1}
	err := unix.Pipe2(ends[:], unix.O_CLOEXEC)
	p.read, p.write, p.held = ends[0], ends[1], 0
	if err != nil || p.capacity == 0 {
		return err
	}
	if now, err := unix.FcntlInt(uintptr(p.write), unix.F_GETPIPE_SZ, 0); err == nil && now < p.capacity {
		_, _ = unix.FcntlInt(uintptr(p.write), unix.F_SETPIPE_SZ, p.capacity)
	}
	return nil
}

func (p *pipe) close() error {
	if p.read < 0 {
		return nil
	}
	err := unix.Close(p.read)
	if other := unix.Close(p.write); err == nil {
		err = other
	}
	p.read, p.write = -1, -1
	return err
}

// empty throws away what the pipe holds, and the pipe with it: a page of a file that was cut short meanwhile could not
// be read out of it.
func (p *pipe) empty() error {
	if p.held == 0 {
		return nil
	}
	if err := p.close(); err != nil {
		return err
	}
	return p.open()
}

// take fills the empty pipe with at most length bytes of the source.
func (p *pipe) take(t *Transfer, offset int64, length int) (n int, err error) {
	if err := p.empty(); err != nil {
		return 0, err
	}
	at := &offset
	if p.fromPosition {
		at = nil
	}
	n, err = splice(t.Source, at, p.write, length)
	p.held += n
	return n, err
}

// give gives a sink length of the bytes that the pipe holds, and says how many it has taken: fewer without an error
// where the pages were cut off their file meanwhile.
func (p *pipe) give(sink, length int) (taken int, err error) {
	for taken < length {
		n, err := splice(p.read, nil, sink, length-taken)
		taken += n
		p.held -= n
		if err != nil || n == 0 {
			return taken, err
		}
	}
	return taken, nil
}

// splice is splice(2), tried again when a signal came before the first byte.
func splice(from int, offset *int64, into, length int) (int, error) {
	return again(func() (int, error) {
		n, err := unix.Splice(from, offset, into, nil, length, 0)
		return int(n), err
	})
}
