package spec

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/payload"
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

func (t Transfer) ask(into *receivers) agent.Transfer {
	ask := agent.Transfer{
		Method: t.Method.Name, Source: t.Source.Descriptor(), Sink: into.first.Descriptor(),
		Offset: t.Offset, Length: t.Length, SourceBytes: t.Source.Bytes,
		Chunk: t.chunk(), Meter: t.Meter, Trace: t.Trace,
	}
	if t.Source.Kind.Stream {
		ask.SourceBytes = -1
	}
	if into.second != nil {
		ask.Second = into.second.Descriptor()
	}
	return ask
}

// Deliver moves the range while a reader checks every byte that arrives. The second result is what was wrong
// with them, the third a defect of the kit or of the machine.
func (t Transfer) Deliver() (outcome *agent.Outcome, bytes error, err error) {
	into, err := t.open()
	if err != nil {
		return nil, nil, err
	}
	defer into.close()
	owed := max(0, min(t.Length, t.Source.Bytes-t.Offset))
	var checkers []*payload.Checker
	for range into.all() {
		checkers = append(checkers, t.Source.Payload.Checker(t.Offset, owed))
	}
	deadline := time.Now().Add(agent.Patience() + 10*time.Second)
	reported := make(chan int64, 1)
	moved := func() int64 { n := <-reported; reported <- n; return n }
	var drained func() error
	drain := func() func() error {
		return into.drain(func(i int) io.Writer { return checkers[i] }, moved, deadline)
	}
	if !t.Sink.AtRest() {
		drained = drain()
	}
	outcome, err = world.transfer(t.ask(into))
	if outcome != nil {
		reported <- max(0, outcome.Moved)
	} else {
		reported <- 0
	}
	finished := into.finish()
	if t.Sink.AtRest() {
		drained = drain()
	}
	drainErr := drained()
	if t.Sink.Lossy && errors.Is(drainErr, os.ErrDeadlineExceeded) {
		// Less has arrived than the method says: the checker knows how much.
		drainErr = nil
	}
	if err = cmp.Or(err, finished, drainErr); err != nil {
		return outcome, nil, err
	}
	if t.Sink.Swallows {
		if outcome.Err() == nil && outcome.Moved != owed {
			bytes = fmt.Errorf("the method reports %d bytes", outcome.Moved)
		}
		return outcome, bytes, nil
	}
	for _, checker := range checkers {
		bytes = cmp.Or(bytes, checker.Err())
	}
	if bytes == nil && outcome.Err() == nil && outcome.Moved != owed {
		bytes = fmt.Errorf("the method reports %d bytes, the sink received %d", outcome.Moved, checkers[0].Received())
	}
	return outcome, bytes, nil
}

// probe moves the range, overwrites the source when everything has left, and only then reads: the pages say which of
// those in flight were the page cache's own. The range must fit into the sink unread.
func (t Transfer) probe(m *Measurement) error {
	if t.Length > t.Sink.QueueBytes {
		return fmt.Errorf("%d bytes do not fit unread into sink %s, which takes %d", t.Length, t.Sink.Name, t.Sink.QueueBytes)
	}
	if t.Sink.NIC {
		return t.probeHeld(m)
	}
	into, err := t.open()
	if err != nil {
		return err
	}
	defer into.close()
	if err := into.omitChecksums(); err != nil {
		return err
	}
	deadline := time.Now().Add(agent.Patience() + 10*time.Second)
	m.Outcome, err = world.transfer(t.ask(into))
	if err != nil || m.Outcome.Err() != nil {
		return err
	}
	if err := into.awaitSent(deadline); err != nil {
		return err
	}
	first, err := aliasing.Overwrite(t.Source, t.Offset, t.Length)
	if err != nil {
		return err
	}
	if err := into.finish(); err != nil {
		return err
	}
	probes := []*aliasing.Probe{first, first.Again()}[:len(into.all())]
	drained := into.drain(func(i int) io.Writer { return probes[i] }, func() int64 { return m.Outcome.Moved }, deadline)
	if err := drained(); err != nil {
		return err
	}
	return m.judge(probes)
}

// judge counts the pages that have arrived, of all receivers.
func (m *Measurement) judge(probes []*aliasing.Probe) error {
	for _, probe := range probes {
		its, err := probe.Pages()
		if err == nil {
			err = its.FirstTorn
		}
		m.Pages = m.Pages.Plus(its)
		if err != nil {
			return &WrongBytes{err}
		}
	}
	return nil
}

// WrongBytes says that what arrived is not what was asked for: the method's or the kernel's fault, not the kit's.
type WrongBytes struct{ Err error }

func (w *WrongBytes) Error() string { return w.Err.Error() }
func (w *WrongBytes) Unwrap() error { return w.Err }

// Abandon moves the range into a sink whose reader has left before the first byte.
func (t Transfer) Abandon() (*agent.Outcome, error) {
	into, err := t.open()
	if err != nil {
		return nil, err
	}
	defer into.close()
	for _, each := range into.all() {
		if err := each.CloseReader(); err != nil {
			return nil, err
		}
	}
	return world.transfer(t.ask(into))
}

// FirstMessage moves the range, writes another message behind it, and says how many bytes the first message
// holds that the reader then gets.
func (t Transfer) FirstMessage() (outcome *agent.Outcome, bytes int64, err error) {
	into, err := t.open()
	if err != nil {
		return nil, 0, err
	}
	defer into.close()
	outcome, err = world.transfer(t.ask(into))
	if err != nil || outcome.Err() != nil {
		return outcome, 0, err
	}
	if err := into.finish(); err != nil {
		return outcome, 0, err
	}
	bytes, err = into.first.ReadMessage(time.Now().Add(agent.Patience()))
	return outcome, bytes, err
}
