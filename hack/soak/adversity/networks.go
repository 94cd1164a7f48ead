package adversity

import (
	"os"

	"zerocopy-conformance/hack/keeper"
)

// networks are what a network namespace of the run's own has for itself. Of socket buffers that is TCP's: what UNIX and UDP
// sockets have, net.core.wmem_default and rmem_default, is one setting of the whole machine, and is left alone.
var networks = []Condition{{
	Name: "small-sockets", Says: "TCP's buffers have a page at first and four at most (net.ipv4.tcp_wmem, tcp_rmem, in a network namespace of its own)",
	Missing: ownNetwork,
	Pose: always(func(r *Run) {
		r.Network = true
		r.Machine.Settings = map[string]string{"net/ipv4/tcp_wmem": "4096 4096 16384", "net/ipv4/tcp_rmem": "4096 4096 16384"}
	}),
}}

func ownNetwork() error {
	room := keeper.OwnRefused
	if os.Geteuid() == 0 {
		room = keeper.RootsRefused
	}
	if err := room(); err != nil {
		return missing("a network namespace", err.Error(), "run it as root, or allow user namespaces")
	}
	return nil
}
