package contract

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// way is how a call comes to wait.
type way struct {
	place string
	stage func(*T) waiting
}

// waiting is the stage of one: the pipe that is waited for, a call that waits, what gives it what it waits for, how
// many bytes it then moves, and what holds them to have arrived.
type waiting struct {
	pipe    int
	call    func() Result
	wake    func()
	moves   int64
	arrived func()
}

func placesOf(ways []way) (places []string) {
	for _, w := range ways {
		places = append(places, w.place)
	}
	return places
}

// staged sets the stage for the check's place.
func (t *T) staged(ways []way) waiting {
	for _, w := range ways {
		if w.place == t.Place() {
			return w.stage(t)
		}
	}
	t.Must(fmt.Errorf("there is no place %q", t.Place()))
	return waiting{}
}

// waits is the check that a call waits, and goes on when it gets what it waits for.
func waits(call string, ways []way) func(*T) {
	return func(t *T) {
		w := t.staged(ways)
		p := t.Start(call, w.call)
		p.Waits()
		w.wake()
		t.Counts(p.Result(), w.moves)
		w.arrived()
	}
}

// interrupted is the check that a signal ends the wait, and that nothing was lost: the same call moves all.
func interrupted(call string, ways []way) func(*T) {
	return func(t *T) {
		w := t.staged(ways)
		p := t.Start(call, w.call)
		p.Interrupt()
		t.Fails(p.Result(), unix.EINTR)
		t.Step("afterwards")
		w.wake()
		t.Counts(w.call(), w.moves)
		w.arrived()
	}
}

// spliceWays are how splice(2) waits: for data in a pipe, for room in one, and for its other end, where that blocks.
var spliceWays = []way{
	{"empty-pipe-to-file", emptyPipe("file")},
	{"empty-pipe-to-unix-stream", emptyPipe("unix-stream")},
	{"empty-pipe-to-tcp", emptyPipe("tcp")},
	{"empty-pipe-to-pipe", emptyPipe("pipe")},
	{"file-to-full-pipe", fileToFullPipe},
	{"unix-stream-to-full-pipe", toFullPipe("unix-stream")},
	{"tcp-to-full-pipe", toFullPipe("tcp")},
	{"pipe-to-full-pipe", toFullPipe("pipe")},
	{"pipe-to-full-unix-stream", toFullStream("unix-stream")},
	{"pipe-to-full-tcp", toFullStream("tcp")},
	{"empty-unix-stream-to-pipe", emptyStream("unix-stream")},
	{"empty-tcp-to-pipe", emptyStream("tcp")},
}

func emptyPipe(place string) func(*T) waiting {
	return func(t *T) waiting {
		reader, writer := t.pipe()
		into, far := t.outlet(place)
		var data []byte
		return waiting{
			call:    func() Result { return splice(reader, into, 1000, 0) },
			wake:    func() { data = t.put(writer, 100) },
			moves:   100,
			arrived: func() { t.Same("what arrives", t.collect(far, 100), data) },
		}
	}
}

// fullPipe is the stage of a call that moves data into a full pipe.
func fullPipe(t *T, data []byte, call func(writer int) Result) waiting {
	reader, writer, held := t.FullPipe(2)
	return waiting{
		pipe: writer,
		call: func() Result { return call(writer) },
		wake: func() {
			t.Same("the first page", t.Take(reader, int64(pageBytes)), held[:pageBytes])
		},
		moves: int64(len(data)),
		arrived: func() {
			t.Kept(reader, append(held[pageBytes:], data...))
		},
	}
}

func fileToFullPipe(t *T) waiting {
	file := t.File(100)
	return fullPipe(t, t.BytesOf(file, 0, 100), func(writer int) Result { return splice(file.Descriptor(), writer, 100, 0) })
}

func toFullPipe(place string) func(*T) waiting {
	return func(t *T) waiting {
		from, far := t.inlet(place)
		data := t.put(far, 100)
		t.ready(from, unix.POLLIN)
		return fullPipe(t, data, func(writer int) Result { return splice(from, writer, 100, 0) })
	}
}

func toFullStream(place string) func(*T) waiting {
	return func(t *T) waiting {
		reader, writer := t.pipe()
		data := t.put(writer, 100)
		into, far := t.narrow(place)
		filled := t.stuff(into, place)
		return waiting{
			call:    func() Result { return splice(reader, into, 1000, 0) },
			wake:    func() { t.collect(far, int(filled)) },
			moves:   100,
			arrived: func() { t.Same("what arrives", t.collect(far, 100), data) },
		}
	}
}

func emptyStream(place string) func(*T) waiting {
	return func(t *T) waiting {
		from, far := t.stream(place)
		reader, writer := t.pipe()
		var data []byte
		return waiting{
			call:    func() Result { return splice(from, writer, 1000, 0) },
			wake:    func() { data = t.put(far, 100) },
			moves:   100,
			arrived: func() { t.Kept(reader, data) },
		}
	}
}
