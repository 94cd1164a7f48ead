package spec

import (
	"errors"
	"sync/atomic"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/netns"
)

// World is what the specs of one process share: the agent and the network namespaces, made when first needed.
type World struct {
	Agent agent.Agent
	pair  *netns.Pair
	// interrupted says that the user wants the run to end: no transfer begins any more.
	interrupted atomic.Bool
	// ends are what else ends with the run, and at once when it is interrupted.
	ends []func() error
	// refused is why there are no namespaces: asked once, told to every spec that needs them.
	refused error
}

// world is made anew by each suite's process and closed at its end.
var world = &World{}

// Pair is the veth pair between the kit's own network namespaces.
func (w *World) Pair() (*netns.Pair, error) {
	if w.pair == nil && w.refused == nil {
		w.pair, w.refused = netns.Open()
	}
	return w.pair, w.refused
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

// SendingInterface is the name of the interface through which the network sinks send.
func SendingInterface() (string, error) {
	pair, err := world.Pair()
	if err != nil {
		return "", err
	}
	return pair.Interface(), nil
}

func (w *World) connect(scatterGather bool) (sender, receiver int, err error) {
	pair, err := w.Pair()
	if err != nil {
		return -1, -1, err
	}
	if err := pair.SetScatterGather(scatterGather); err != nil {
		return -1, -1, err
	}
	return pair.Connect(netns.ConnectOptions{NoDelay: true})
}

func (w *World) close() error {
	err := w.Agent.Close()
	for _, end := range w.ends {
		err = errors.Join(err, end())
	}
	if w.pair != nil {
		err = errors.Join(err, w.pair.Close())
		w.pair = nil
	}
	return err
}
