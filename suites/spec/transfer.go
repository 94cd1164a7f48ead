package spec

import (
	"errors"
	"fmt"
	"os"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// OneChunkBytes is the chunk of the textbook's rows, and of all transfers for which the user names no other.
const OneChunkBytes = 64 << 10

// Transfer is one method moving one range of one source into one kind of sink.
type Transfer struct {
	Method         impl.Method
	Sink           sink.Kind
	Source         *source.File
	Offset, Length int64 // bytes
	ChunkBytes     int   // 0: ChunkBytes(); never more than the sink takes
	Meter, Trace   bool
}

func (t Transfer) chunk() int {
	chunk := t.ChunkBytes
	if chunk == 0 {
		chunk = ChunkBytes()
	}
	if t.Sink.ChunkBytes > 0 {
		chunk = min(chunk, t.Sink.ChunkBytes)
	}
	return chunk
}

// OneChunk is how much the method is asked to move at a time, in bytes.
func (t Transfer) OneChunk() int64 { return int64(t.chunk()) }

// Chunks is in how many chunks the range is moved.
func (t Transfer) Chunks() int {
	chunk := int64(t.chunk())
	return int((t.Length + chunk - 1) / chunk)
}

func (t Transfer) ask(open *sink.Sink) agent.Transfer {
	return agent.Transfer{
		Method: t.Method.Name, Source: t.Source.Descriptor(), Sink: open.Descriptor(),
		Offset: t.Offset, Length: t.Length, SourceBytes: t.Source.Bytes,
		Chunk: t.chunk(), Meter: t.Meter, Trace: t.Trace,
	}
}

// Deliver moves the range while a reader checks every byte that arrives. The second result is what was wrong
// with them, the third a defect of the kit or of the machine.
func (t Transfer) Deliver() (outcome *agent.Outcome, bytes error, err error) {
	open, err := t.Sink.Open(world.connect)
	if err != nil {
		return nil, nil, err
	}
	defer open.Close()
	owed := max(0, min(t.Length, t.Source.Bytes-t.Offset))
	checker := t.Source.Payload.Checker(t.Offset, owed)
	deadline := time.Now().Add(agent.DefaultDeadline + 10*time.Second)
	drained := make(chan error, 1)
	reported := make(chan int64, 1)
	if !t.readsAfterwards() {
		go func() {
			drained <- open.Drain(checker, func() int64 { n := <-reported; reported <- n; return n }, deadline)
		}()
	}
	outcome, err = world.transfer(t.ask(open))
	if outcome != nil {
		reported <- max(0, outcome.Moved)
	} else {
		reported <- 0
	}
	finished := open.Finish()
	if t.readsAfterwards() {
		drained <- open.Drain(checker, func() int64 { return 0 }, deadline)
	}
	drainErr := <-drained
	if t.Sink.Lossy && errors.Is(drainErr, os.ErrDeadlineExceeded) {
		// Less has arrived than the method says: the checker knows how much.
		drainErr = nil
	}
	if err == nil {
		err = finished
	}
	if err == nil {
		err = drainErr
	}
	if err != nil {
		return outcome, nil, err
	}
	bytes = checker.Err()
	if bytes == nil && outcome.Err() == nil && outcome.Moved != owed {
		bytes = fmt.Errorf("the method reports %d bytes, the sink received %d", outcome.Moved, checker.Received())
	}
	return outcome, bytes, nil
}

// readsAfterwards: the end of a file is no wait, so a file is read when everything is in it.
func (t Transfer) readsAfterwards() bool { return t.Sink.Name == "file" }

// Probe moves the range, overwrites the source when everything has left, and only then reads: the second
// result says which pages in flight were the page cache's own. The range must fit into the sink unread.
func (t Transfer) Probe() (*agent.Outcome, aliasing.Pages, error) {
	var pages aliasing.Pages
	if t.Length > t.Sink.QueueBytes {
		return nil, pages, fmt.Errorf("%d bytes do not fit unread into sink %s, which takes %d", t.Length, t.Sink.Name, t.Sink.QueueBytes)
	}
	open, err := t.Sink.Open(world.connect)
	if err != nil {
		return nil, pages, err
	}
	defer open.Close()
	deadline := time.Now().Add(agent.DefaultDeadline + 10*time.Second)
	outcome, err := world.transfer(t.ask(open))
	if err != nil || outcome.Err() != nil {
		return outcome, pages, err
	}
	if err := open.AwaitSent(deadline); err != nil {
		return outcome, pages, err
	}
	probe, err := aliasing.Overwrite(t.Source, t.Offset, t.Length)
	if err != nil {
		return outcome, pages, err
	}
	if err := open.Finish(); err != nil {
		return outcome, pages, err
	}
	if err := open.Drain(probe, func() int64 { return outcome.Moved }, deadline); err != nil {
		return outcome, pages, err
	}
	pages, err = probe.Pages()
	if err == nil {
		err = pages.FirstTorn
	}
	if err != nil {
		err = &WrongBytes{err}
	}
	return outcome, pages, err
}

// WrongBytes says that what arrived is not what was asked for: the method's or the kernel's fault, not the kit's.
type WrongBytes struct{ Err error }

func (w *WrongBytes) Error() string { return w.Err.Error() }
func (w *WrongBytes) Unwrap() error { return w.Err }

// Abandon moves the range into a sink whose reader has left before the first byte.
func (t Transfer) Abandon() (*agent.Outcome, error) {
	open, err := t.Sink.Open(world.connect)
	if err != nil {
		return nil, err
	}
	defer open.Close()
	if err := open.CloseReader(); err != nil {
		return nil, err
	}
	return world.transfer(t.ask(open))
}

// FirstMessage moves the range, writes another message behind it, and says how many bytes the first message
// holds that the reader then gets.
func (t Transfer) FirstMessage() (outcome *agent.Outcome, bytes int64, err error) {
	open, err := t.Sink.Open(world.connect)
	if err != nil {
		return nil, 0, err
	}
	defer open.Close()
	outcome, err = world.transfer(t.ask(open))
	if err != nil || outcome.Err() != nil {
		return outcome, 0, err
	}
	if err := open.Finish(); err != nil {
		return outcome, 0, err
	}
	bytes, err = open.ReadMessage(time.Now().Add(agent.DefaultDeadline))
	return outcome, bytes, err
}
