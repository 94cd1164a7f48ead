package impl

import (
	"errors"
	"io"
	"math"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// GoCopyFile, GoCopyTCP and GoCopyUnix are one and the same line of Go, io.CopyN from an *os.File to what the standard
// library makes of the sink, once a chunk. What that line ends in is the library's choice: copy_file_range(2) into a
// file, sendfile(2) into a TCP connection, read(2) and write(2) by a buffer of 32 KiB into a UNIX one. The claims are
// those of Go 1.26.
//
// The library's connections are non-blocking, and take as many calls as it takes. Only where the sink itself is
// non-blocking do these methods end with EAGAIN; else the library waits for the reader. Where the kernel declines to copy
// between two files, as across filesystems (EXDEV), the library says nothing and reads and writes: GoCopyFile says so,
// before it begins.
var (
	GoCopyFile = Method{
		Name: "go-copy-file",
		Claim: Claim{
			Source: "io.CopyN, os.File.ReadFrom; copy_file_range(2)",
			Since:  "5.3", // before, the library does not trust the call, and reads and writes
			Calls:  map[string]int{"copy_file_range": 1}, Advances: true,
		},
		Into:    File,
		Prepare: prepareFiles,
		Move:    copyBy(plainly),
	}
	GoCopyTCP = Method{
		Name: "go-copy-tcp",
		Claim: Claim{
			Source: "io.CopyN, net.TCPConn.ReadFrom; sendfile(2)",
			Waits:  []string{"sendfile"}, Advances: true,
			Shares: true,
		},
		Into:    TCP,
		Prepare: prepareLibrary,
		Move:    copyBy(plainly),
	}
	GoCopyUnix = Method{
		Name:    "go-copy-unix",
		Claim:   Claim{Source: "io.CopyN; read(2), write(2)", Waits: []string{"read", "write"}, UserCopies: 2, Advances: true},
		Into:    UnixStream,
		Prepare: prepareLibrary,
		Move:    copyBy(plainly),
	}
)

// GoCopyWrapped is the same line with a reader that the library cannot look into, as one that counts, hashes or reports is:
// that makes it read and write everywhere.
var GoCopyWrapped = Method{
	Name:    "go-copy-wrapped",
	Claim:   Claim{Source: "io.CopyN; read(2), write(2)", Waits: []string{"read", "write"}, UserCopies: 2, Advances: true},
	Into:    File | TCP | UnixStream,
	Prepare: prepareLibrary,
	Move: copyBy(func(_ *Transfer, g *library, _ int64, length int) (int64, error) {
		return io.CopyN(g.sink, struct{ io.Reader }{g.source}, int64(length))
	}),
}

// GoWriteTo is io.Copy without a limit, which asks the source to write itself (os.File.WriteTo): that ends in sendfile(2)
// for UNIX connections, too. It knows no end but the source's: of a source that grows meanwhile more is sent than was
// asked for, and a range that ends before its source goes by io.CopyN.
var GoWriteTo = Method{
	Name: "go-write-to",
	Claim: Claim{
		Source: "io.Copy, os.File.WriteTo; sendfile(2)",
		Waits:  []string{"sendfile"}, Advances: true,
		Shares: true,
	},
	Into:    TCP | UnixStream,
	Prepare: prepareLibrary,
	Move: copyBy(func(t *Transfer, g *library, offset int64, length int) (int64, error) {
		if t.Offset+t.Length < g.sourceBytes {
			return plainly(t, g, offset, length)
		}
		return io.Copy(g.sink, g.source)
	}),
}

// copying has the library copy once, of the source from offset on, where its position is.
type copying func(t *Transfer, g *library, offset int64, length int) (int64, error)

func plainly(_ *Transfer, g *library, _ int64, length int) (int64, error) {
	return io.CopyN(g.sink, g.source, int64(length))
}

// copyBy is the Move of a method that has the library copy, once a chunk.
func copyBy(copy copying) func(*Transfer) (int64, error) {
	return func(t *Transfer) (moved int64, err error) {
		g := t.Own.(*library)
		for moved < t.Length {
			n, err := g.copy(t, copy, t.Offset+moved, t.left(moved))
			moved += n
			if err != nil || n == 0 {
				return moved, err
			}
		}
		return moved, nil
	}
}

// library is a source and a sink as the standard library has them: by copies of their descriptors, for it closes what
// it is given.
type library struct {
	source      *os.File
	sourceBytes int64
	sink        io.WriteCloser
	// connection is the sink where it is one, and was non-blocking before the library made it so; else nil.
	connection net.Conn
}

// glance is how long a non-blocking sink may take to have room. It decides nothing: a sink that has room by then, or still,
// is tried again.
const glance = time.Millisecond

// copy has the library copy once. It does not say EAGAIN by itself, but waits.
func (g *library) copy(t *Transfer, copy copying, offset int64, length int) (int64, error) {
	for {
		if g.connection != nil {
			if err := g.connection.SetWriteDeadline(time.Now().Add(glance)); err != nil {
				return 0, errnoOf(err)
			}
		}
		n, err := copy(t, g, offset, length)
		switch {
		case err == io.EOF:
			return n, nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return n, errnoOf(err)
		}
		// What it has read and not written is to be read again.
		if _, err := g.source.Seek(offset+n, io.SeekStart); err != nil {
			return n, errnoOf(err)
		}
		if n > 0 {
			return n, nil
		}
		room := []unix.PollFd{{Fd: int32(t.Sink), Events: unix.POLLOUT}}
		if ready, err := again(func() (int, error) { return unix.Ppoll(room, &unix.Timespec{}, nil) }); err != nil || ready == 0 {
			return 0, unix.EAGAIN
		}
	}
}

// errnoOf is the errno of which the library made its error; others are themselves.
func errnoOf(err error) error {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

func prepareLibrary(t *Transfer) (release func() error, err error) {
	settings, err := settingsOf(t.Sink)
	if err != nil {
		return nil, err
	}
	g := &library{sourceBytes: t.SourceBytes}
	release = func() error {
		var errs []error
		if g.source != nil {
			errs = append(errs, g.source.Close())
		}
		if g.sink != nil {
			errs = append(errs, g.sink.Close())
		}
		return errors.Join(append(errs, settings.restore(t.Sink))...)
	}
	if err := g.open(t); err != nil {
		return nil, errors.Join(err, release())
	}
	if settings.flags&unix.O_NONBLOCK != 0 {
		g.connection, _ = g.sink.(net.Conn)
	}
	t.Own = g
	return release, nil
}

// prepareFiles asks the kernel whether it copies between the two: none of their bytes.
func prepareFiles(t *Transfer) (release func() error, err error) {
	if _, err := unix.CopyFileRange(t.Source, nil, t.Sink, nil, 0, 0); err != nil {
		return nil, os.NewSyscallError("copy_file_range", err)
	}
	return prepareLibrary(t)
}

func (g *library) open(t *Transfer) (err error) {
	if g.source, err = fileOf(t.Source); err != nil {
		return err
	}
	if g.sourceBytes < 0 {
		about, err := g.source.Stat()
		if err != nil {
			return err
		}
		if g.sourceBytes = about.Size(); !about.Mode().IsRegular() {
			g.sourceBytes = math.MaxInt64
		}
	}
	file, err := fileOf(t.Sink)
	if err != nil {
		return err
	}
	var about unix.Stat_t
	if err := unix.Fstat(t.Sink, &about); err != nil || about.Mode&unix.S_IFMT != unix.S_IFSOCK {
		g.sink = file
		return os.NewSyscallError("fstat", err)
	}
	connection, err := net.FileConn(file)
	if err == nil {
		g.sink = connection
	}
	return errors.Join(err, file.Close())
}

// fileOf is a file by a copy of the descriptor.
func fileOf(fd int) (*os.File, error) {
	duplicate, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(duplicate), ""), nil
}

// settings are what the library changes of a connection that it is given, and the caller's descriptor shares.
type settings struct {
	flags   int
	options [5]int
}

// changed are the options that it changes of TCP.
var changed = [...]struct{ level, option int }{
	{unix.IPPROTO_TCP, unix.TCP_NODELAY}, {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}, {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
}

const noOption = -1

func settingsOf(fd int) (settings, error) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	s := settings{flags: flags}
	for i, each := range changed {
		value, err := unix.GetsockoptInt(fd, each.level, each.option)
		if err != nil {
			// No such option: no TCP, or no socket.
			value = noOption
		}
		s.options[i] = value
	}
	return s, os.NewSyscallError("fcntl", err)
}

func (s settings) restore(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, s.flags)
	errs := []error{os.NewSyscallError("fcntl", err)}
	for i, each := range changed {
		if s.options[i] != noOption {
			errs = append(errs, os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, each.level, each.option, s.options[i])))
		}
	}
	return errors.Join(errs...)
}
