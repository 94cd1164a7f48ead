package bench

import "zerocopy-conformance/fixtures/netns"

// Network is the veth pair between the kit's own network namespaces, made when first needed.
type Network struct {
	pair *netns.Pair
	// refused is why there is none: asked once, told to all.
	refused error
}

// Connect makes a connection across the pair, as a sink.Network.
func (n *Network) Connect(scatterGather bool) (sender, receiver int, err error) {
	if n.pair == nil && n.refused == nil {
		n.pair, n.refused = netns.Open()
	}
	if n.refused != nil {
		return -1, -1, n.refused
	}
	if err := n.pair.SetScatterGather(scatterGather); err != nil {
		return -1, -1, err
	}
	return n.pair.Connect(netns.ConnectOptions{NoDelay: true})
}

// Close takes the pair away.
func (n *Network) Close() error {
	if n.pair == nil {
		return nil
	}
	return n.pair.Close()
}
