package external

import (
	"bytes"
	"io"
	"sync"
)

// lastSaid keeps the last of what a program says.
type lastSaid struct {
	mu   sync.Mutex
	last []byte
}

// take reads all that it says.
func (l *lastSaid) take(from io.Reader) {
	const most = 300
	for piece := make([]byte, 4096); ; {
		n, err := from.Read(piece)
		l.mu.Lock()
		l.last = append(l.last, piece[:n]...)
		l.last = l.last[max(0, len(l.last)-most):]
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// text is that in one line.
func (l *lastSaid) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(bytes.Join(bytes.Fields(l.last), []byte(" ")))
}
