// Package progress tells a person at a terminal what a long run does and what is left of it. On anything else, a pipe, a file,
// a CI job's log, it is quiet: nobody watches there, and a line that is written over would be read as many.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Line is one line of a terminal, which is written over. Several goroutines may use it at a time. The zero Line is quiet.
type Line struct {
	mu sync.Mutex
	// out is nil where nobody watches.
	out io.Writer
	// columns says how wide the terminal is: what is wider would go on in a second line, which is not written over.
	columns func() int
}

// On is a line of the file: a quiet one if the file is no terminal.
func On(f *os.File) *Line {
	if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err != nil {
		return &Line{}
	}
	return &Line{out: f, columns: func() int {
		size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
		if err != nil || size.Col == 0 {
			return 80
		}
		return int(size.Col)
	}}
}

// Watched says whether the line is one that somebody sees.
func (l *Line) Watched() bool { return l.out != nil }

// clear takes back what the line has said (ECMA-48, EL).
const clear = "\r\x1b[K"

// Show has the line say something else. What is not printable, or too long for one line, is left out.
func (l *Line) Show(format string, a ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		return
	}
	fmt.Fprint(l.out, clear, l.fitting(fmt.Sprintf(format, a...)))
}

// fitting is what one line can hold of a text.
func (l *Line) fitting(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	// Not in the last column: some terminals are in the next line then.
	if runes := []rune(text); len(runes) >= l.columns() {
		return string(runes[:max(0, l.columns()-2)]) + "…"
	}
	return text
}

// Print prints lines that stay, to where the progress is not: what nobody watches for is told as well.
func (l *Line) Print(to io.Writer, lines ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out != nil {
		fmt.Fprint(l.out, clear)
	}
	for _, line := range lines {
		fmt.Fprintln(to, line)
	}
}

// End leaves the line empty, for what is printed next.
func (l *Line) End() { l.Print(io.Discard) }
