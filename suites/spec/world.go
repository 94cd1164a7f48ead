package spec

import (
	"errors"
	"sync/atomic"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/netns"
	"zerocopy-conformance/fixtures/sink"
)

// World is what the specs of one process share: the agent and the network namespaces, made when first needed.
type World struct {
	Agent      agent.Agent
	veth, nics link
	// interrupted says that the user wants the run to end: no transfer begins any more.
	interrupted atomic.Bool
	// ends are what else ends with the run, and at once when it is interrupted.
	ends []func() error
}

// link is a pair between two network namespaces, opened when it is first needed.
type link struct {
	open func() (*netns.Pair, error)
	pair *netns.Pair
	// refused is why there is none: asked once, told to every spec that needs it.
	refused error
}

// world is made anew by each suite's process and closed at its end.
var world = &World{veth: link{open: netns.Open}, nics: link{open: openNICs}}

// Pair is the pair that a network sink of that kind sends over.
func (w *World) Pair(kind sink.Kind) (*netns.Pair, error) {
	l := &w.veth
	if kind.NIC {
		l = &w.nics
	}
	if l.pair == nil && l.refused == nil {
		l.pair, l.refused = l.open()
	}
	return l.pair, l.refused
}

func (w *World) transfer(t agent.Transfer) (*agent.Outcome, error) {
	if w.interrupted.Load() {
		return nil, errors.New("the run was interrupted")
	}
	return w.Agent.Transfer(t)
}

// interrupt ends the transfer under way, with its agent, and lets none begin.
func (w *World) interrupt() {
	w.interrupted.Store(true)
	_ = w.Agent.Close()
	for _, end := range w.ends {
		_ = end()
	}
}

// AtEnd has something ended with the run. It is ended at once when the run is interrupted, from another goroutine and
// whatever it is doing: it must come to no harm by that, or by being ended twice.
func AtEnd(end func() error) { world.ends = append(world.ends, end) }

// OpenSink makes a sink of that kind, over the kit's own network where it needs one.
func OpenSink(kind sink.Kind) (*sink.Sink, error) { return kind.Open(world.network(kind)) }

// Namespaces are the kit's own, with the device as a sink of that kind, which is Network, has it.
func Namespaces(kind sink.Kind) (*netns.Pair, error) { return world.namespaces(kind) }

func (w *World) namespaces(kind sink.Kind) (*netns.Pair, error) {
	pair, err := w.Pair(kind)
	if err == nil {
		err = pair.SetScatterGather(kind.ScatterGather)
	}
	return pair, err
}

// network makes the connections of a sink of that kind.
func (w *World) network(kind sink.Kind) sink.Network {
	return func(bool) (sender, receiver int, err error) {
		pair, err := w.namespaces(kind)
		if err != nil {
			return -1, -1, err
		}
		return pair.Connect(netns.ConnectOptions{NoDelay: true})
	}
}

func (w *World) close() error {
	err := w.Agent.Close()
	for _, end := range w.ends {
		err = errors.Join(err, end())
	}
	for _, l := range []*link{&w.veth, &w.nics} {
		if l.pair != nil {
			err = errors.Join(err, l.pair.Close())
			l.pair = nil
		}
	}
	return err
}
