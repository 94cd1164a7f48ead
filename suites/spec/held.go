package spec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
)

// probeHeld is Probe for a device that fetches what it sends by itself: once it has, to overwrite the source shows
// nothing. So the range is held back unsent, behind more than the reader has room for, and the source is overwritten
// while it waits. New bytes are pages of the source up to the driver's door, and there the device gathers them, or is
// handed a copy: the tracepoint tells.
//
// The method may still be at work meanwhile: one that lends its pages waits until they have been sent.
func (t Transfer) probeHeld(m *Measurement) error {
	handed, err := AtDoor(t.Sink, func() error { return t.hold(m) })
	if err != nil || m.Outcome.Err() != nil {
		return err
	}
	sent := m.FillerBytes + t.Length
	if t.Method.Two {
		sent += t.Length
	}
	m.Pages = m.Pages.Gathered(float64(handed.FragmentBytes) / float64(sent))
	return nil
}

func (t Transfer) hold(m *Measurement) error {
	into, err := t.open()
	if err != nil {
		return err
	}
	defer into.close()
	for _, each := range into.all() {
		if err := each.Hold(); err != nil {
			return err
		}
		m.FillerBytes += each.Filler()
	}
	deadline := time.Now().Add(agent.Patience() + 10*time.Second)
	ended, reading := make(chan struct{}), make(chan release, 1)
	go func() { reading <- t.release(into, ended, deadline) }()
	m.Outcome, err = world.transfer(t.ask(into))
	close(ended)
	r := <-reading
	if err != nil || m.Outcome.Err() != nil {
		return err
	}
	if r.err != nil {
		return r.err
	}
	if err := errors.Join(into.finish(), r.drained()); err != nil {
		return err
	}
	return m.judge(r.probes)
}

// release is what has become of a range that was held back.
type release struct {
	probes  []*aliasing.Probe
	drained func() error
	err     error
}

// release overwrites the source when all of the range is queued, and begins to read.
func (t Transfer) release(into *receivers, ended <-chan struct{}, deadline time.Time) (r release) {
	if r.err = t.awaitHeld(into, ended, deadline); r.err != nil {
		return r
	}
	first, err := aliasing.Overwrite(t.Source, t.Offset, t.Length)
	if err != nil {
		r.err = err
		return r
	}
	r.probes = []*aliasing.Probe{first, first.Again()}[:len(into.all())]
	r.drained = into.drain(func(i int) io.Writer { return r.probes[i] }, func() int64 { return t.Length }, deadline)
	return r
}

// awaitHeld waits until all of the range is queued, and makes sure that none of it was sent.
func (t Transfer) awaitHeld(into *receivers, ended <-chan struct{}, deadline time.Time) error {
	for over := false; ; {
		least := t.Length
		for _, each := range into.all() {
			written, unsent, err := each.Held()
			if err != nil {
				return err
			}
			if unsent < min(written, t.Length) {
				return fmt.Errorf("of %d bytes that were to be held back in sink %s only %d are unsent", written, t.Sink.Name, unsent)
			}
			least = min(least, written)
		}
		switch {
		case least == t.Length:
			return nil
		case over:
			return &WrongBytes{fmt.Errorf("%d of %d bytes were written", least, t.Length)}
		case time.Now().After(deadline):
			return fmt.Errorf("%d of %d bytes are queued in sink %s: %w", least, t.Length, t.Sink.Name, os.ErrDeadlineExceeded)
		}
		select {
		case <-ended:
			// Look once more: it may have written the rest in between.
			over = true
		case <-time.After(time.Millisecond):
			// Nobody tells of what is queued.
		}
	}
}
