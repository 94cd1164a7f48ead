package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// run is one run of a program: what it is to move, and what it moves it into.
type run struct {
	program        program.Program
	source         *source.File
	into           *sink.Sink
	offset, length int64
}

// ended is what became of it.
type ended struct {
	trail *follow.Trail
	// words are its last ones, of its standard error.
	words string
}

// wrong says what is wrong with how it has ended, empty where nothing is.
func (e *ended) wrong() string {
	switch {
	case e.trail.Hung != "":
		return fmt.Sprintf("it has not ended after %v, and was killed, %s%s", agent.Patience(), e.trail.Hung, aside(e.words))
	case e.trail.Signal != 0 || e.trail.Exit != 0:
		if len(e.trail.Unraised) > 0 {
			return fmt.Sprintf("%s (%s is set-user-ID, and gains no privileges while it is followed: run the kit as root)", e.end(), strings.Join(e.trail.Unraised, ", "))
		}
		return e.end()
	case len(e.trail.Left) > 0:
		return fmt.Sprintf("it has left processes behind, which were killed: %s", strings.Join(e.trail.Left, ", "))
	}
	return ""
}

// end says how it has ended.
func (e *ended) end() string {
	if e.trail.Signal != 0 {
		return fmt.Sprintf("%s has ended it%s", unix.SignalName(e.trail.Signal), aside(e.words))
	}
	return fmt.Sprintf("exit code %d%s", e.trail.Exit, aside(e.words))
}

func aside(words string) string {
	if words == "" {
		return ""
	}
	return ": " + words
}

// owed is how many bytes are to arrive.
func (r run) owed() int64 { return max(0, min(r.length, r.source.Bytes-r.offset)) }

// do runs the program to its end. Who reads the sink is somebody else's business.
func (r run) do(ctx context.Context) (*ended, error) {
	if !r.program.Has("to") {
		return r.moved(ctx, r.into.Descriptor(), "")
	}
	named, err := newCopy()
	if err != nil {
		return nil, err
	}
	defer named.remove()
	e, err := r.moved(ctx, int(named.file.Fd()), named.folder)
	if err == nil {
		err = named.copyInto(r.into.Descriptor())
	}
	return e, err
}

// moved runs it with a descriptor as its sink, and a folder that it is told a file of, where it is.
func (r run) moved(ctx context.Context, its int, folder string) (*ended, error) {
	line, err := r.program.Filled(map[string]string{
		"file": fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), r.source.Descriptor()), "src": "3", "dst": "4",
		"offset": fmt.Sprint(r.offset), "length": fmt.Sprint(r.length), "to": filepath.Join(folder, copyName),
	})
	if err != nil {
		return nil, &follow.NotStarted{Why: err.Error()}
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	said, says, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer said.Close()
	last := &lastSaid{}
	read := make(chan struct{})
	go func() { last.take(said); close(read) }()
	nothing, words := int(null.Fd()), int(says.Fd())
	descriptors := []int{nothing, its, words, nothing, nothing}
	if r.program.Has("src") {
		descriptors[3] = r.source.Descriptor()
	}
	if r.program.Has("to") {
		descriptors[1] = words
	}
	if r.program.Has("dst") {
		// What it prints is none of what it moves.
		descriptors[1], descriptors[4] = words, its
	}
	if !r.program.Has("src") && !r.program.Has("dst") {
		descriptors = descriptors[:3]
	}
	trail, err := follow.Run(ctx, follow.Program{
		Line: line, Environment: environment(), Folder: os.TempDir(), Descriptors: descriptors,
		Source: r.source.Descriptor(), Sink: its, Payload: r.source.Payload, Patience: agent.Patience(), Scratch: folder,
	})
	says.Close()
	<-read
	return &ended{trail, last.text()}, err
}

// environment is the kit's own, without what is meant for the kit.
func environment() (all []string) {
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, "ZC_") {
			all = append(all, each)
		}
	}
	return all
}

// drained runs the program while what arrives is handed on.
func (r run) drained(ctx context.Context, to io.Writer) (*ended, error) {
	return r.read(ctx, func(<-chan struct{}, time.Time) error { return nil }, to)
}

// sipped is drained by somebody who takes little at a time, out of a sink that is soon full.
func (r run) sipped(ctx context.Context, to io.Writer) (*ended, error) {
	if err := r.into.Narrow(); err != nil {
		return nil, err
	}
	return r.read(ctx, func(over <-chan struct{}, deadline time.Time) error { return r.sip(to, r.owed(), over, deadline) }, to)
}

// left runs the program until its reader has taken some, and leaves then.
func (r run) left(ctx context.Context, bytes int64) (*ended, error) {
	over := make(chan struct{})
	read := make(chan error, 1)
	go func() {
		err := r.sip(io.Discard, bytes, over, time.Now().Add(agent.Patience()+grace))
		read <- errors.Join(err, r.into.CloseReader())
	}()
	e, err := r.do(ctx)
	close(over)
	if failed := <-read; err == nil {
		err = failed
	}
	return e, err
}

// grace is how much longer than the program its reader may take.
const grace = 30 * time.Second

// read runs the program while first, told when the program has ended, and then somebody who reads all reads.
func (r run) read(ctx context.Context, first func(over <-chan struct{}, deadline time.Time) error, to io.Writer) (*ended, error) {
	deadline := time.Now().Add(agent.Patience() + grace)
	over := make(chan struct{})
	read := make(chan error, 1)
	drain := func() { read <- errors.Join(first(over, deadline), r.into.Drain(to, r.owed, deadline)) }
	if !r.into.Kind.AtRest() {
		go drain()
	}
	e, err := r.do(ctx)
	close(over)
	finished := r.into.Finish()
	if r.into.Kind.AtRest() {
		drain()
	}
	if failed := errors.Join(finished, <-read); err == nil {
		err = failed
	}
	return e, err
}

// sip takes so many bytes out of the sink, little by little, or what there is when the program is over.
func (r run) sip(to io.Writer, bytes int64, over <-chan struct{}, deadline time.Time) error {
	const littleBytes = 997
	for bytes > 0 && time.Now().Before(deadline) {
		n, err := r.into.ReadUpTo(int(min(littleBytes, bytes)), to)
		if err != nil {
			return err
		}
		if bytes -= int64(n); n > 0 {
			continue
		}
		select {
		case <-over:
			return nil
		default:
		}
		// Of its end nothing tells here: it is looked for now and then.
		fds := []unix.PollFd{{Fd: int32(r.into.Receiving()), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, 20); err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
	}
	return nil
}
