package lies

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// deviceLies are told to the process that has the network of the kit's own, and asks it for its counters.
var deviceLies = family{
	name: "device", filter: "COPIES-DMA-OUT", transfers: true, told: []string{"netns-holder"}, patience: shortestPatience,
	lies: []lie{
		tell("tx_bytes-zero", "says that no byte was handed to a device", []string{"COPIES-DMA-OUT"},
			calls{[]uintptr{unix.SYS_RECVFROM}, func(c *liar.Call) bool { return moved(c) }}.exit(zeroSent)),
	},
}

// zeroSent takes tx_bytes out of an answer to RTM_GETLINK (rtnetlink(7)).
func zeroSent(c *liar.Call) {
	text := make([]byte, c.Result)
	if !c.Read(c.Arguments[1], text) {
		return
	}
	messages, err := syscall.ParseNetlinkMessage(text)
	if err != nil {
		return
	}
	for _, m := range messages {
		if m.Header.Type != unix.RTM_NEWLINK {
			continue
		}
		attributes, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			continue
		}
		for _, a := range attributes {
			// struct rtnl_link_stats64 has it fourth. The attribute's value is a part of the text.
			if a.Attr.Type == unix.IFLA_STATS64 && len(a.Value) >= 4*8 {
				binary.NativeEndian.PutUint64(a.Value[3*8:], 0)
			}
		}
	}
	c.Write(c.Arguments[1], text)
}
