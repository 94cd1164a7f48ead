package liar_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// scene is what a child does, what is said to it, and what it then finds.
type scene struct {
	rules []liar.Rule
	play  func() string
	finds string
}

// on is a rule for reads of the descriptors that scenes work on. What else the program reads is told the truth.
func on(number uintptr, entry, exit func(*liar.Call)) []liar.Rule {
	guarded := func(do func(*liar.Call)) func(*liar.Call) {
		if do == nil {
			return nil
		}
		return func(c *liar.Call) {
			if strings.HasPrefix(nameOf(c), "/memfd:scene") {
				do(c)
			}
		}
	}
	return []liar.Rule{{Calls: []uintptr{number}, Entry: guarded(entry), Exit: guarded(exit)}}
}

func nameOf(c *liar.Call) (name string) {
	c.With(c.Descriptor(0), func(fd int) { name, _ = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)) })
	return name
}

// file is one of the scene's, with ten digits in it.
func file() int {
	fd, err := unix.MemfdCreate("scene", 0)
	if err == nil {
		_, err = unix.Write(fd, []byte("0123456789"))
	}
	if err == nil {
		_, err = unix.Seek(fd, 0, 0)
	}
	if err != nil {
		panic(err)
	}
	return fd
}

// reading reads up to five bytes of a file, and says what came of it, and where the file is read next.
func reading() string {
	fd := file()
	defer unix.Close(fd)
	buffer := make([]byte, 5)
	n, err := unix.Read(fd, buffer)
	at, _ := unix.Seek(fd, 0, 1)
	return fmt.Sprintf("%q %d %v at %d", buffer[:max(n, 0)], n, err, at)
}

var scenes = map[string]scene{
	"nothing":             {nil, reading, `"01234" 5 <nil> at 5`},
	"another argument":    {on(unix.SYS_READ, func(c *liar.Call) { c.Argument(2, 3) }, nil), reading, `"012" 3 <nil> at 3`},
	"a result, unasked":   {on(unix.SYS_READ, func(c *liar.Call) { c.Answer(2) }, nil), reading, `"\x00\x00" 2 <nil> at 0`},
	"an error, unasked":   {on(unix.SYS_READ, func(c *liar.Call) { c.Refuse(unix.EXDEV) }, nil), reading, `"" -1 invalid cross-device link at 0`},
	"another result":      {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Answer(c.Result - 1) }), reading, `"0123" 4 <nil> at 5`},
	"an error instead":    {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Refuse(unix.EIO) }), reading, `"" -1 input/output error at 5`},
	"once more":           {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Again() }), reading, `"56789" 5 <nil> at 10`},
	"once more, and less": {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Again(); c.Answer(1) }), reading, `"5" 1 <nil> at 10`},
	"other memory":        {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Write(c.Arguments[1], []byte("ab")) }), reading, `"ab234" 5 <nil> at 5`},
	"another position": {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Seek(c.Descriptor(0), c.Position(c.Descriptor(0))+2) }), reading,
		`"01234" 5 <nil> at 7`},
	"another call": {on(unix.SYS_READ, func(c *liar.Call) { c.Become(unix.SYS_PREAD64); c.Argument(3, 7) }, nil), reading, `"789" 3 <nil> at 0`},
	"a note":       {on(unix.SYS_READ, func(c *liar.Call) { c.Note = 4 }, func(c *liar.Call) { c.Answer(c.Note) }), reading, `"0123" 4 <nil> at 5`},
	"a word": {on(unix.SYS_SENDFILE, nil, func(c *liar.Call) {
		if at, there := c.Word(c.Arguments[2]); there {
			c.SetWord(c.Arguments[2], at+100)
		}
	}), func() string {
		from, into, offset := file(), file(), int64(3)
		n, err := unix.Sendfile(into, from, &offset, 4)
		return fmt.Sprint(n, err, offset)
	}, "4 <nil> 107"},
	"no memory": {on(unix.SYS_READ, nil, func(c *liar.Call) {
		_, there := c.Word(8)
		if there || c.SetWord(8, 1) || c.Read(8, make([]byte, 1)) || c.Pieces(8, 1) != nil {
			c.Refuse(unix.EFAULT)
		}
	}), reading, `"01234" 5 <nil> at 5`},
	"pieces": {on(unix.SYS_WRITEV, nil, func(c *liar.Call) {
		pieces := c.Pieces(c.Arguments[1], c.Arguments[2])
		c.Answer(int64(len(pieces))*100 + int64(pieces[1].Length))
	}), func() string {
		n, err := unix.Writev(file(), [][]byte{[]byte("a"), []byte("bc")})
		return fmt.Sprint(n, err)
	}, "202 <nil>"},
	"flags": {on(unix.SYS_READ, nil, func(c *liar.Call) {
		c.SetFlags(c.Descriptor(0), c.Flags(c.Descriptor(0))|unix.O_APPEND)
	}), func() string {
		fd := file()
		_, _ = unix.Read(fd, make([]byte, 1))
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		return fmt.Sprint(flags&unix.O_APPEND != 0, err)
	}, "true <nil>"},
	"no descriptor": {[]liar.Rule{{Calls: []uintptr{unix.SYS_TEE}, Exit: func(c *liar.Call) {
		if c.Position(c.Descriptor(0)) != -1 || c.Position(c.Descriptor(1)) != -1 || c.Is(c.Descriptor(1), unix.S_IFIFO) {
			c.Refuse(unix.EIO)
		}
	}}}, func() string {
		_, err := unix.Tee(-1, 1000, 1, 0)
		return fmt.Sprint(err)
	}, "bad file descriptor"},
	"new threads": {on(unix.SYS_READ, func(c *liar.Call) { c.Argument(2, 3) }, nil), func() string {
		// More than the program has had so far, all at once.
		const threads = 20
		seen, all := make(chan string), make(chan struct{})
		for range threads {
			go func() {
				runtime.LockOSThread()
				<-all
				seen <- reading()
			}()
		}
		close(all)
		first := <-seen
		for range threads - 1 {
			if next := <-seen; next != first {
				return next
			}
		}
		return first
	}, `"012" 3 <nil> at 3`},
	"standing still": {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Never() }), func() string {
		go reading()
		return "the others go on"
	}, "the others go on"},
	"a wait": {nil, func() string {
		var ends [2]int
		if err := unix.Pipe(ends[:]); err != nil {
			return err.Error()
		}
		woken := make(chan string)
		go func() {
			n, err := unix.Read(ends[0], make([]byte, 5))
			woken <- fmt.Sprint(n, err)
		}()
		_, _ = unix.Write(ends[1], []byte("abc"))
		return <-woken
	}, "3 <nil>"},
	"a handler": {on(unix.SYS_READ, nil, func(c *liar.Call) { c.Again() }), func() string {
		// Go's runtime preempts threads by signals, whose handlers make calls of their own.
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.GC()
				}
			}
		}()
		defer close(stop)
		for range 200 {
			if seen := reading(); seen != `"56789" 5 <nil> at 10` {
				return seen
			}
		}
		return "all alike"
	}, "all alike"},
}
