package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var (
	cold     = spec.Require(spec.Requirement{ID: "COPIES-DISK-COLD", Text: "a cold source is read from the disk once, whole", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"})
	warm     = spec.Require(spec.Requirement{ID: "COPIES-DISK-WARM", Text: "a warm source is not read from the disk at all", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"})
	toDevice = spec.Require(spec.Requirement{ID: "COPIES-DMA-OUT", Text: "the device is handed every byte of the payload", Source: "rtnetlink(7): IFLA_STATS64, tx_bytes", Since: "2.6.35"})
)

// disk declares the two specs on what a block device was asked for.
func disk(method impl.Method, from source.Kind) {
	if from.Name != "disk" {
		return
	}
	stream, _ := sink.Lookup("unix-stream")
	on := spec.On{Method: method, Sink: stream, Source: from}
	read := func(c *spec.Case, prepare func(*source.File) error, owed func(*source.File) int64, isCold bool) {
		file := c.Open(on, probedBytes)
		c.Check(prepare(file), where)
		m := measure(c, on, file, isCold)
		c.Check(m.Outcome.IOMissing, where)
		if seen := *m.Row.DMAInBytes; seen != owed(file) {
			c.Deviates(fmt.Sprintf("%d bytes read from the disk", owed(file)), fmt.Sprint(seen), where)
		}
	}
	spec.It(cold, "copies", on, func(c *spec.Case) {
		read(c, (*source.File).Chill, func(f *source.File) int64 { return f.Bytes }, true)
	}, ginkgo.Label("cold"))
	spec.It(warm, "copies", on, func(c *spec.Case) {
		read(c, (*source.File).Warm, func(*source.File) int64 { return 0 }, false)
	})
}

// handing declares the spec on what a network device was handed.
func handing(on spec.On) {
	if !on.Sink.Network {
		return
	}
	spec.It(toDevice, "copies", on, func(c *spec.Case) {
		m := measured(c, on)
		if seen := *m.Row.DMAOutBytes; seen < m.Row.Bytes {
			c.Deviates(fmt.Sprintf("%d bytes and their headers", m.Row.Bytes), fmt.Sprintf("tx_bytes moved by %d", seen), where)
		}
	}, ginkgo.Label("network"))
}
