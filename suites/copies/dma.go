package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/suites/spec"
)

var (
	cold     = spec.Require(spec.Requirement{ID: "COPIES-DISK-COLD", Text: "a cold source is read from the disk once, whole", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"})
	warm     = spec.Require(spec.Requirement{ID: "COPIES-DISK-WARM", Text: "a warm source is not read from the disk at all", Source: "proc_pid_io(5): read_bytes", Since: "2.6.33"})
	direct   = spec.Require(spec.Requirement{ID: "COPIES-DISK-DIRECT", Text: "a source that is read past the page cache is read from the disk, warm or not", Source: "open(2): O_DIRECT; proc_pid_io(5): read_bytes", Since: "2.6.33"})
	worker   = spec.Require(spec.Requirement{ID: "COPIES-DISK-WORKER", Text: "a cold source that io_uring reads is read on the account of the thread that asked for it", Source: "io_uring_enter(2)"})
	toDevice = spec.Require(spec.Requirement{ID: "COPIES-DMA-OUT", Text: "the device is handed every byte of the payload", Source: "rtnetlink(7): IFLA_STATS64, tx_bytes", Since: "2.6.35"})
)

// disk declares the two specs on what a block device was asked for: of a sink that has none of its own.
func disk(on spec.On) {
	if on.Sink.AtRest() || on.Sink.Network {
		return
	}
	read := func(c *spec.Case, prepare func(*source.File) error, owed func(*source.File) int64, isCold bool) {
		file := c.Open(on, probedBytes)
		c.Check(prepare(file), where)
		m := measure(c, on, file, isCold)
		c.Check(m.Outcome.IOMissing, where)
		if seen := *m.Row.DMAInBytes; seen != owed(file) {
			c.Deviates(fmt.Sprintf("%d bytes read from the disk", owed(file)), fmt.Sprint(seen), where)
		}
	}
	whenCold, whenWarm := cold, warm
	all, none := func(f *source.File) int64 { return f.Bytes }, func(*source.File) int64 { return 0 }
	if on.Method.Claim.Direct {
		whenWarm, none = direct, all
	}
	if on.Method.Claim.Calls["io_uring_enter"] > 0 && on.Method.Claim.Calls["mmap"] == 0 {
		// A read that would wait is a worker's.
		whenCold = worker
	}
	spec.It(whenCold, "copies", on, func(c *spec.Case) { read(c, (*source.File).Chill, all, true) }, ginkgo.Label("cold", spec.Disk))
	spec.It(whenWarm, "copies", on, func(c *spec.Case) { read(c, (*source.File).Warm, none, false) }, ginkgo.Label(spec.Disk))
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
	})
}
