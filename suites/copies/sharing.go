package copies

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

// queuesPages says of each sink since which kernel it queues the very pages that it is handed, by each of three means.
// An empty version is owed by no kernel: what is seen there is recorded. A dash: no method uses that means there.
//
// Where pages are not queued, somebody has to copy them: UNIX sockets that keep messages linearise them, a file has
// pages of its own, TLS encrypts into others, a device without scatter/gather takes one piece, and the loopback and veth
// devices copy what MSG_ZEROCOPY has lent them before another socket can hold it. A network interface takes it as it is,
// but MSG_ZEROCOPY is a hint. Of one without scatter/gather 5.10 says that it was not copied (completions_zerocopied).
var queuesPages = []struct{ sink, sendfile, splice, zerocopy string }{
	{"unix-stream", "4.2", "4.2", "-"},
	{"unix-dgram", "", "", "-"},
	{"unix-seqpacket", "", "", "-"},
	{"tcp", "2.6.33", "2.6.33", ""},
	{"tcp6", "2.6.33", "2.6.33", ""},
	{"ktls", "", "", "-"},
	{"ktls-user", "", "", "-"},
	// 5.10 shares as well, 6.1 copies.
	{"udp", "6.12", "6.12", ""},
	{"udp-cork", "6.12", "6.12", "-"},
	{"vsock", "", "", "-"},
	{"veth-sg", "2.6.33", "2.6.33", ""},
	{"veth-nosg", "", "", ""},
	{"nic-sg", "2.6.33", "2.6.33", ""},
	{"nic-nosg", "", "", ""},
	{"pipe", "5.12", "2.6.33", "-"},
	{"fifo", "5.12", "2.6.33", "-"},
	{"file", "", "", "-"},
}

// The means by which a method hands over pages.
const (
	bySendfile = iota
	bySplice
	byZerocopy
)

// means is which of them a method uses, as far as the calls tell that it claims.
func means(claim impl.Claim) int {
	calls := append(slices.Collect(maps.Keys(claim.Calls)), claim.Waits...)
	switch {
	case slices.Contains(calls, "sendfile"):
		return bySendfile
	case slices.Contains(calls, "mmap") && !slices.Contains(calls, "splice"):
		// It sends from a mapping of the source, which it asks the kernel not to copy.
		return byZerocopy
	}
	return bySplice
}

var (
	copied = spec.Require(spec.Requirement{ID: "COPIES-COPIED", Text: "a method that does not claim to share never hands over the page cache's own pages: what it has moved stays as it was when the source changes", Source: "write(2)", Since: "2.6.33"})
	gather = spec.Require(spec.Requirement{ID: "COPIES-GATHER", Text: "with scatter/gather on the device takes the page cache's pages, with scatter/gather off they are copied: in one run, the same payload", Source: "sendfile(2) NOTES; netdev features: NETIF_F_SG", Since: "2.6.33"})
)

// shared are the requirements on methods that share, by the sink's name and the means.
var shared = func() map[string][3]spec.Requirement {
	all := map[string][3]spec.Requirement{}
	for _, promise := range queuesPages {
		kind, err := sink.Lookup(promise.sink)
		if err != nil {
			panic(err)
		}
		var of [3]spec.Requirement
		for by, each := range []struct{ word, how, page, since string }{
			{"SHARED", "sendfile(2)", "sendfile(2) NOTES", promise.sendfile},
			{"SPLICED", "splice(2)", "splice(2) NOTES", promise.splice},
			{"LENT", "MSG_ZEROCOPY", "Documentation/networking/msg_zerocopy.rst", promise.zerocopy},
		} {
			if each.since != "-" {
				of[by] = spec.Require(spec.Requirement{
					ID:   "COPIES-" + each.word + "-" + strings.ToUpper(kind.Name),
					Text: fmt.Sprintf("a method that claims to share, and does it by %s, hands %s the page cache's own pages", each.how, kind.Doc), Source: each.page, Since: each.since,
				})
			}
		}
		all[promise.sink] = of
	}
	return all
}()

// sharing declares the spec on copies inside the kernel, and puts the place's row into the ledger.
func sharing(on spec.On) {
	requirement, owed := copied, aliasing.Copied
	if on.Method.Claim.Shares {
		requirement, owed = shared[on.Sink.Name][means(on.Method.Claim)], aliasing.Shared
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

// withoutGather names, for each sink that gathers, the same device as it does not.
var withoutGather = map[string]string{"veth-sg": "veth-nosg", "nic-sg": "nic-nosg"}

// pairOf are a sink that gathers and the same device as it does not.
func pairOf(with sink.Kind) (gathers, linear sink.Kind) {
	without, err := sink.Lookup(withoutGather[with.Name])
	if err != nil {
		panic(err)
	}
	return with, without
}

// gathering declares the spec that sends one payload twice: over a device with scatter/gather, and over the
// same without.
func gathering(on spec.On) {
	if !on.Method.Claim.Shares || means(on.Method.Claim) == byZerocopy && !on.Sink.NIC {
		// A veth device copies what was lent, whatever it can gather.
		return
	}
	with, without := pairOf(on.Sink)
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
	})
}
