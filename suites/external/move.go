package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	line, err := r.program.Filled(map[string]string{
		"file": fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), r.source.Descriptor()), "src": "3", "dst": "4",
		"offset": fmt.Sprint(r.offset), "length": fmt.Sprint(r.length),
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
	nothing, words, its := int(null.Fd()), int(says.Fd()), r.into.Descriptor()
	descriptors := []int{nothing, its, words, nothing, nothing}
	if r.program.Has("src") {
		descriptors[3] = r.source.Descriptor()
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
		Source: r.source.Descriptor(), Sink: its, Payload: r.source.Payload, Patience: agent.Patience(),
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
	deadline := time.Now().Add(agent.Patience() + 30*time.Second)
	read := make(chan error, 1)
	drain := func() { read <- r.into.Drain(to, r.owed, deadline) }
	if !r.into.Kind.AtRest() {
		go drain()
	}
	e, err := r.do(ctx)
	finished := r.into.Finish()
	if r.into.Kind.AtRest() {
		drain()
	}
	if failed := errors.Join(finished, <-read); err == nil {
		err = failed
	}
	return e, err
}
