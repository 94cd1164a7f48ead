package copies

import (
	"fmt"
	"math"

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
	whenCold, whenWarm, owed := cold, warm, int64(0)
	if on.Method.Claim.Direct {
		whenWarm, owed = direct, probedBytes
	}
	if on.Method.Claim.Calls["io_uring_enter"] > 0 && on.Method.Claim.Calls["mmap"] == 0 {
		// A read that would wait is a worker's.
		whenCold = worker
	}
	spec.It(whenCold, "copies", on, func(c *spec.Case) { readOnce(c, on) }, ginkgo.Label("cold", spec.Disk))
	spec.It(whenWarm, "copies", on, func(c *spec.Case) {
		file := c.Open(on, probedBytes)
		letGo, err := file.Hold()
		c.Check(err, where)
		ginkgo.DeferCleanup(letGo)
		if seen := fetched(c, on, file, false); seen != owed {
			c.Deviates(fromDisk(owed), fmt.Sprint(seen), where)
		}
	}, ginkgo.Label(spec.Disk))
}

// coldTransfers is how many transfers of a cold source there may be until one has read it from the disk no more than once.
const coldTransfers = 10

// readOnce holds a method to read a cold source once, and whole.
//
// The hazard: the kernel is free to page out at any moment what was read a moment ago, and then reads it again. It can be
// kept from that where pages are in memory already, not where they are yet to come. So to have read more is a finding where
// every transfer has; to have read less is one at once.
func readOnce(c *spec.Case, on spec.On) {
	least := int64(math.MaxInt64)
	for range coldTransfers {
		file := c.Open(on, probedBytes)
		c.Check(file.Chill(), where)
		least = min(least, fetched(c, on, file, true))
		c.Check(file.Close(), "closing the source")
		if least <= probedBytes {
			break
		}
	}
	switch {
	case least < probedBytes:
		c.Deviates(fromDisk(probedBytes), fmt.Sprint(least), where)
	case least > probedBytes:
		c.Deviates(fromDisk(probedBytes), fmt.Sprintf("%d, the least of %d transfers", least, coldTransfers), where)
	}
}

// fetched is how many bytes a transfer of a whole file has had read from the disk.
func fetched(c *spec.Case, on spec.On, file *source.File, isCold bool) int64 {
	m := measure(c, on, file, isCold)
	c.Check(m.Outcome.IOMissing, where)
	return *m.Row.DMAInBytes
}

func fromDisk(bytes int64) string { return fmt.Sprintf("%d bytes read from the disk", bytes) }

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
