package spec

import (
	"errors"
	"io"
	"time"

	"zerocopy-conformance/fixtures/sink"
)

// receivers are the open sinks of one transfer: one, and a second of the same kind for a method that has Two.
type receivers struct{ first, second *sink.Sink }

func (t Transfer) open() (*receivers, error) {
	first, err := t.Sink.Open(world.network(t.Sink))
	if err != nil || !t.Method.Two {
		return &receivers{first: first}, err
	}
	second, err := t.Sink.Open(world.network(t.Sink))
	if err != nil {
		first.Close()
		return nil, err
	}
	return &receivers{first, second}, nil
}

func (r *receivers) all() []*sink.Sink {
	if r.second == nil {
		return []*sink.Sink{r.first}
	}
	return []*sink.Sink{r.first, r.second}
}

// drain reads each sink into a writer of its own, at the same time. What it returns waits for their ends.
func (r *receivers) drain(into func(int) io.Writer, owed func() int64, deadline time.Time) (wait func() error) {
	sinks := r.all()
	ended := make(chan error, len(sinks))
	for i, each := range sinks {
		go func() { ended <- each.Drain(into(i), owed, deadline) }()
	}
	return func() (err error) {
		for range sinks {
			err = errors.Join(err, <-ended)
		}
		return err
	}
}

func (r *receivers) finish() (err error) {
	for _, each := range r.all() {
		err = errors.Join(err, each.Finish())
	}
	return err
}

func (r *receivers) awaitSent(deadline time.Time) (err error) {
	for _, each := range r.all() {
		err = errors.Join(err, each.AwaitSent(deadline))
	}
	return err
}

func (r *receivers) omitChecksums() (err error) {
	for _, each := range r.all() {
		err = errors.Join(err, each.OmitChecksums())
	}
	return err
}

func (r *receivers) close() {
	for _, each := range r.all() {
		each.Close()
	}
}
