package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/xmit"
	"zerocopy-conformance/suites/spec"
)

var driver = spec.Require(spec.Requirement{
	ID: "COPIES-GATHER-DRIVER", Text: "at the driver's door the payload is in fragments for the device to gather where scatter/gather is on, and in linear frames where it is off",
	Source: "tracepoint net:net_dev_start_xmit; netdev features: NETIF_F_SG", Since: "3.14",
})

// witnessed declares the spec that asks a second witness what the device is handed: with scatter/gather, and
// without. It says gathered or linear, and not whose the fragments are: that, the aliasing probe says.
func witnessed(on spec.On) {
	with, without := pairOf(on.Sink)
	spec.It(driver, "copies", on, func(c *spec.Case) {
		on.Sink = with
		gathered := frames(c, on)
		on.Sink = without
		linear := frames(c, on)
		if gathered.FragmentBytes < probedBytes || linear.FragmentBytes != 0 || linear.LinearBytes < probedBytes {
			c.Deviates(fmt.Sprintf("%d bytes in fragments with scatter/gather, none without", probedBytes),
				fmt.Sprintf("%d of %d bytes, and %d of %d", gathered.FragmentBytes, gathered.Bytes, linear.FragmentBytes, linear.Bytes), where)
		}
	}, ginkgo.Label(spec.Root))
}

// frames is what the device was handed of one transfer.
func frames(c *spec.Case, on spec.On) xmit.Traffic {
	ginkgo.GinkgoHelper()
	file := c.Open(on, probedBytes)
	var m *spec.Measurement
	traffic, err := spec.AtDoor(on.Sink, func() (err error) {
		m, err = measureFile(on, file, false)
		return err
	})
	judged(c, m, err)
	// The filler's frames are like the payload's, or this would have less than its fragments.
	if on.Sink.ScatterGather {
		traffic.FragmentBytes -= m.FillerBytes
	} else {
		traffic.LinearBytes -= m.FillerBytes
	}
	return traffic
}
