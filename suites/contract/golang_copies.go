package contract

import (
	"bufio"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// goCopiesVariable is set for the agent that does the copies below. There they are methods, and nowhere else: no
// suite is to judge them as such.
const goCopiesVariable = "ZC_CHILD_GO_COPIES"

func init() {
	if os.Getenv(goCopiesVariable) == "" {
		return
	}
	for name, do := range goCopies {
		impl.Register(impl.Method{
			Name: name, Claim: impl.Claim{Calls: map[string]int{"any": 1}},
			Move: func(t *impl.Transfer) (int64, error) { return goCopy(t, do) },
		})
	}
}

// goCopies are ways to write a copy in Go, of so many bytes, which are all that there are.
var goCopies = map[string]func(into io.Writer, from io.Reader, bytes int64) (int64, error){
	"copy":  func(into io.Writer, from io.Reader, _ int64) (int64, error) { return io.Copy(into, from) },
	"copyn": io.CopyN,
	"write-to": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return from.(io.WriterTo).WriteTo(into)
	},
	"read-from": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return into.(io.ReaderFrom).ReadFrom(from)
	},
	"read-from-limited": func(into io.Writer, from io.Reader, bytes int64) (int64, error) {
		return into.(io.ReaderFrom).ReadFrom(io.LimitReader(from, bytes))
	},
	"limit-reader": func(into io.Writer, from io.Reader, bytes int64) (int64, error) {
		return io.Copy(into, io.LimitReader(from, bytes))
	},
	"limit-reader-twice": func(into io.Writer, from io.Reader, bytes int64) (int64, error) {
		return io.Copy(into, io.LimitReader(io.LimitReader(from, bytes), bytes))
	},
	"bare-reader": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(into, struct{ io.Reader }{from})
	},
	"bare-writer": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(struct{ io.Writer }{into}, from)
	},
	"tee-reader": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(into, io.TeeReader(from, io.Discard))
	},
	"multi-writer": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(io.MultiWriter(into), from)
	},
	"section-reader": func(into io.Writer, from io.Reader, bytes int64) (int64, error) {
		return io.Copy(into, io.NewSectionReader(from.(io.ReaderAt), 0, bytes))
	},
	"bufio-reader": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(into, bufio.NewReader(from))
	},
	"bufio-writer": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(bufio.NewWriter(into), from)
	},
	"multi-reader": func(into io.Writer, from io.Reader, _ int64) (int64, error) {
		return io.Copy(into, io.MultiReader(from))
	},
}

func goCopy(t *impl.Transfer, do func(io.Writer, io.Reader, int64) (int64, error)) (int64, error) {
	into, err := goValue(t.Sink)
	if err != nil {
		return 0, err
	}
	from, err := goValue(t.Source)
	if err != nil {
		return 0, err
	}
	return do(into, from, t.Length)
}

// goValue is a descriptor as a Go program has it: an *os.File, *net.TCPConn or *net.UnixConn. A connection has a copy of
// the descriptor, which a trace shows being made.
func goValue(fd int) (io.ReadWriter, error) {
	file := os.NewFile(uintptr(fd), "end")
	// The agent closes the descriptor, and its number may then be another's: no finalizer is to close that.
	goFiles = append(goFiles, file)
	if _, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err == unix.ENOTSOCK {
		return file, nil
	}
	return net.FileConn(file)
}

var goFiles []*os.File
