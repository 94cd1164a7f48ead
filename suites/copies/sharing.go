package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

// queuesPages says of each sink since which kernel it queues the very pages that sendfile(2) hands it, and what
// the sentence is called. An empty version is owed by no kernel: what is seen there is recorded.
var queuesPages = []struct{ sink, id, since string }{
	{"unix-stream", "COPIES-SHARED-UNIX-STREAM", "4.2"},
	{"unix-dgram", "COPIES-SHARED-UNIX-DGRAM", ""},
	{"unix-seqpacket", "COPIES-SHARED-UNIX-SEQPACKET", ""},
	{"tcp", "COPIES-SHARED-TCP", "2.6.33"},
	{"tcp6", "COPIES-SHARED-TCP6", "2.6.33"},
	{"udp", "COPIES-SHARED-UDP", "6.12"},
	{"pipe", "COPIES-SHARED-PIPE", "5.12"},
	{"file", "COPIES-SHARED-FILE", ""},
	{"veth-sg", "COPIES-SHARED-VETH-SG", "2.6.33"},
	{"veth-nosg", "COPIES-SHARED-VETH-NOSG", ""},
}

var (
	copied = spec.Require(spec.Requirement{ID: "COPIES-COPIED", Text: "a method that does not claim to share never hands over the page cache's own pages: what it has moved stays as it was when the source changes", Source: "write(2)", Since: "2.6.33"})
	gather = spec.Require(spec.Requirement{ID: "COPIES-GATHER", Text: "with scatter/gather on the device takes the page cache's pages, with scatter/gather off they are copied: in one run, the same payload", Source: "sendfile(2) NOTES; netdev features: NETIF_F_SG", Since: "2.6.33"})
)

// shared are the requirements on methods that share, by the sink's name.
var shared = func() map[string]spec.Requirement {
	all := map[string]spec.Requirement{}
	for _, promise := range queuesPages {
		kind, err := sink.Lookup(promise.sink)
		if err != nil {
			panic(err)
		}
		all[promise.sink] = spec.Require(spec.Requirement{
			ID: promise.id, Text: "a method that claims to share hands " + kind.Doc + " the page cache's own pages", Source: "sendfile(2) NOTES", Since: promise.since,
		})
	}
	return all
}()

// sharing declares the spec on copies inside the kernel, and puts the place's row into the ledger.
func sharing(on spec.On) {
	requirement, owed := copied, aliasing.Copied
	if on.Method.Claim.Shares {
		requirement, owed = shared[on.Sink.Name], aliasing.Shared
	}
	spec.It(requirement, "copies", on, func(c *spec.Case) {
		m := measured(c, on)
		row := m.Row
		c.Record(&row)
		if on.Method.Claim.Shares {
			control(c, on)
		}
		if row.Aliasing != owed {
			c.Deviates(string(owed), fmt.Sprintf("%s: %d pages shared, %d copied", row.Aliasing, m.Pages.Shared, m.Pages.Copied), where)
		}
	})
}

// gathering declares the spec that sends one payload twice: over a device with scatter/gather, and over the
// same without.
func gathering(method impl.Method) {
	if !method.Claim.Shares {
		return
	}
	with, _ := sink.Lookup("veth-sg")
	without, _ := sink.Lookup("veth-nosg")
	from, _ := source.Lookup("tmp")
	on := spec.On{Method: method, Sink: with, Source: from}
	spec.It(gather, "copies", on, func(c *spec.Case) {
		file := c.Open(on, probedBytes)
		on.Sink = with
		gathered := measure(c, on, file, false)
		// The probe has overwritten the source: give it its payload back.
		c.Check(file.Payload.WriteFile(file, file.Bytes), where)
		on.Sink = without
		linear := measure(c, on, file, false)
		control(c, on)
		if gathered.Row.Aliasing != aliasing.Shared || linear.Row.Aliasing != aliasing.Copied {
			c.Deviates("shared with scatter/gather, copied without", fmt.Sprintf("%s and %s", gathered.Row.Aliasing, linear.Row.Aliasing), where)
		}
	}, ginkgo.Label("network"))
}
