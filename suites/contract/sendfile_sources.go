package contract

import (
	"bytes"
	"math"
	"os"
	"slices"
	"sort"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/payload"
)

// sparsePlaces are the places where a file can be large without taking up room.
var sparsePlaces = []string{"tmp", "memfd"}

// sendfileSources are clauses on what can be sent.
var sendfileSources = []Clause{
	{ID: "SENDFILE-FAR", Since: "2.6.33", Source: "sendfile(2) NOTES: sendfile64", Places: sparsePlaces,
		Text: "in a file of more than 2 GiB, or 4 GiB, every byte can be sent, and its end is where it is", Check: func(t *T) {
			t.Undisturbed()
			for _, border := range []int64{1 << 31, 1 << 32} {
				file := t.sparse(border + 5000)
				data := file.put(border-5000, 10_000)
				t.Step("an offset short of %d", border)
				open, sink := t.Pair("unix-stream")
				offset := border - 5000
				t.Counts(sendfile(sink, file.fd, &offset, 20_000), 10_000)
				Equal(t, "offset", offset, border+5000)
				t.Counts(sendfile(sink, file.fd, &offset, 20_000), 0)
				t.Step("a position short of %d", border)
				t.seek(file.fd, border-100)
				t.Counts(sendfile(sink, file.fd, nil, 1000), 1000)
				Equal(t, "position", t.position(file.fd), border+900)
				t.Same("what arrived", t.Rest(open), slices.Concat(data, data[4900:5900]))
			}
		}},
	{ID: "SENDFILE-HOLES", Since: "2.6.33", Source: "lseek(2): holes", Places: sparsePlaces,
		Text: "the holes of a file are sent as zeros, in their place", Check: func(t *T) {
			t.Undisturbed()
			page := int64(pageBytes)
			file := t.sparse(9*page + 11)
			owed := make([]byte, file.size)
			for _, piece := range [][2]int64{{0, page}, {4*page + 100, 1000}, {6 * page, page}} {
				copy(owed[piece[0]:], file.put(piece[0], piece[1]))
			}
			open, sink := t.Pair("unix-stream")
			offset := int64(0)
			p := t.StartUndisturbed("sendfile", func() Result { return sendfile(sink, file.fd, &offset, file.size) })
			got := t.Receive(open, file.size)
			t.Counts(p.Result(), file.size)
			t.Same("what arrived", got, owed)
		}},
	// The largest offset is the filesystem's: ext4 has 16 TiB, others whatever can be counted. A sum that cannot is EINVAL.
	{ID: "SENDFILE-OVERFLOW", Since: "2.6.33", Source: "sendfile(2) ERRORS: EOVERFLOW", Places: sparsePlaces,
		Text: "only at or past the largest offset of a file it may be EOVERFLOW: the last bytes before are sent", Check: func(t *T) {
			t.Undisturbed()
			file := t.sparse(1)
			most := t.most(file.fd)
			last := file.put(most-8, 8)
			open, sink := t.Pair("unix-stream")
			t.Step("at the last bytes, %d", most-8)
			offset := most - 8
			t.Counts(sendfile(sink, file.fd, &offset, 8), 8)
			Equal(t, "offset", offset, most)
			t.Step("a page short of %d", most)
			offset = most - int64(pageBytes)
			t.Counts(sendfile(sink, file.fd, &offset, int64(pageBytes)-8), int64(pageBytes)-8)
			t.Same("what arrived", t.Rest(open), slices.Concat(last, make([]byte, pageBytes-8)))
			_, sink = t.Pair("unix-stream")
			for _, at := range []int64{most, math.MaxInt64} {
				t.Step("at %d", at)
				offset = at
				r := sendfile(sink, file.fd, &offset, 10)
				if r.Errno != 0 {
					t.Fails(r, unix.EOVERFLOW, unix.EINVAL)
				} else {
					t.Counts(r, 0)
				}
				Equal(t, "offset", offset, at)
			}
		}},
	{ID: "SENDFILE-FROM-KERNEL", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL, proc(5), sysfs(5)", Places: kernelFileNames(),
		Text: "a file that the kernel makes up is sent as it reads, or is EINVAL and moves nothing", Check: func(t *T) {
			t.Undisturbed()
			of := kernelFiles[t.Place()]
			file := t.Open(of.path, unix.O_RDONLY)
			open, sink := t.Pair("unix-stream")
			var sent int64
			for {
				r := sendfile(sink, file, nil, 100_000)
				if r.Errno != 0 && sent == 0 {
					t.Fails(r, unix.EINVAL)
					Equal(t, "position", t.position(file), 0)
					Equal(t, "bytes that arrive", len(t.Rest(open)), 0)
					return
				}
				if t.Within(r, 0, 100_000) == 0 {
					break
				}
				sent += r.N
			}
			Equal(t, "position", t.position(file), sent)
			got, owed := t.Rest(open), t.contents(file)
			Equal(t, "bytes that arrive", int64(len(got)), sent)
			if of.changes {
				// What stands in it may differ from one reading to the next, but not how it begins.
				got, owed = headLine(got), headLine(owed)
			}
			t.Same(of.path, got, owed)
		}},
	{ID: "SENDFILE-FROM-PIPE", Since: "2.6.33", Source: "sendfile(2) ERRORS: EINVAL", Places: into,
		Text: "a pipe is no source, of whatever sink: EINVAL, and what waits in it stays", Check: func(t *T) {
			source, feeder := t.Pipe(0)
			t.Done(write(feeder, []byte("some bytes")))
			open, sink := t.Pair(t.Place())
			t.Fails(sendfile(sink, source, nil, 10), unix.EINVAL)
			t.Same("what waits", t.Take(source, 100), []byte("some bytes"))
			Equal(t, "bytes that arrive", len(t.Rest(open)), 0)
		}},
	// Before 5.12 it is EINVAL.
	{ID: "SENDFILE-SOCKET-INTO-PIPE", Since: "5.12", Source: "sendfile(2): in_fd",
		Text: "into a pipe it is a splice(2), of which a socket may be the source", Check: func(t *T) {
			source, feeder := t.Sockets(unix.SOCK_STREAM)
			t.Done(write(feeder, []byte("some bytes")))
			open, sink := t.Pair("pipe")
			t.Counts(sendfile(sink, source, nil, 4), 4)
			// How many bytes wait now FIONREAD does not tell everywhere: 6.18.15 counts what is taken in part as all there.
			t.Counts(sendfile(sink, source, nil, 100), 6)
			t.Same("what arrived", t.Rest(open), []byte("some bytes"))
		}},
}

// kernelFiles are files that the kernel makes up when they are read, by place. Some change all the time.
var kernelFiles = map[string]struct {
	path    string
	changes bool
}{
	"proc-version":     {"/proc/version", false},
	"proc-cmdline":     {"/proc/cmdline", false},
	"proc-self-limits": {"/proc/self/limits", false},
	"proc-self-status": {"/proc/self/status", true},
	"proc-meminfo":     {"/proc/meminfo", true},
	"proc-sys":         {"/proc/sys/kernel/osrelease", false},
	"sysfs":            {"/sys/devices/system/cpu/possible", false},
	"sysfs-notes":      {"/sys/kernel/notes", false},
}

func kernelFileNames() (names []string) {
	for name := range kernelFiles {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func headLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// sparseFile is a large file that takes up hardly any room.
type sparseFile struct {
	t       *T
	fd      int
	size    int64
	payload payload.Payload
}

// sparse makes a file at the clause's place that is one hole of that many bytes.
func (t *T) sparse(size int64) *sparseFile {
	var limit unix.Rlimit
	t.Must(os.NewSyscallError("getrlimit", unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)))
	if limit.Cur != unix.RLIM_INFINITY {
		// It is not an error that comes of going past it, but a signal.
		t.Lacks("a large file", "the size of files is limited for this process", "raise the limit: ulimit -f unlimited")
	}
	f := &sparseFile{t: t, size: size, payload: payload.New()}
	if t.Place() == "memfd" {
		f.fd = t.Hole(0)
	} else {
		_, f.fd = t.Empty(unix.O_RDWR)
	}
	if err := unix.Ftruncate(f.fd, size); err != nil {
		t.Lacks("a sparse file", "ftruncate: "+err.Error(), "set TMPDIR to a folder on a filesystem that has large files")
	}
	return f
}

// put fills a range of the file, and returns the bytes.
func (f *sparseFile) put(offset, length int64) []byte {
	data := make([]byte, length)
	f.payload.Fill(data, offset%payload.MaxOffset)
	n, err := unix.Pwrite(f.fd, data, offset)
	f.t.Must(os.NewSyscallError("pwrite", err))
	Equal(f.t, "bytes written", int64(n), length)
	return data
}

// most finds how large a file can be made.
func (t *T) most(fd int) int64 {
	return int64(sort.Search(math.MaxInt64-1, func(size int) bool {
		return unix.Ftruncate(fd, int64(size)+1) != nil
	}))
}
