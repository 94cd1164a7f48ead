package spec

import (
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
)

// Kinds of specs are labels that say what a spec needs of the machine. A user selects by them, and says by
// ZC_REQUIRE which of them must not be left unchecked.
const (
	Network = "network" // a pair of network namespaces of the kit's own
	Disk    = "disk"    // a folder on a filesystem that a block device backs
	Mount   = "mount"   // a filesystem of the kit's own
	Trace   = "trace"   // system-call tracing by ptrace
	Root    = "root"    // privileges that an ordinary user cannot have
	IOUring = "io_uring"
	TLS     = "tls"     // kernel TLS
	VSOCK   = "vsock"   // vsock loopback
	HugeTLB = "hugetlb" // free huge pages
	NIC     = "nic"     // two network interfaces wired to each other, that the user lends
)

// The variables by which a user says what must be checked, and that slow specs are to run.
const (
	requireVariable = "ZC_REQUIRE"
	slowVariable    = "ZC_SLOW"
)

// everyKind is what ZC_REQUIRE may name. "all" stands for whatever cannot be checked, for whatever reason.
var everyKind = []string{Network, Disk, Mount, Trace, Root, IOUring, TLS, VSOCK, HugeTLB, NIC, "slow", "all"}

// requiredKinds are those that the user's variable names.
func requiredKinds() (kinds []string, err error) {
	if strings.Trim(os.Getenv(requireVariable), ", ") == "" {
		return nil, nil
	}
	return choose(requireVariable, everyKind, func(kind string) string { return kind })
}

// mustCheck is the first of a spec's labels of which the user has said that it must be checked, empty if none is.
func mustCheck(labels []string) string {
	required, _ := requiredKinds()
	for _, kind := range required {
		if kind == "all" || slices.Contains(labels, kind) {
			return kind
		}
	}
	return ""
}

// LeftOut is why a slow spec is not checked by default.
const LeftOut = "slow, and left out of a run that does not ask for it (to have it checked: set " + slowVariable + "=1)"

// SlowWanted: the user has asked for slow specs, by either variable or by a filter that selects them.
func SlowWanted() bool {
	if os.Getenv(slowVariable) != "" || mustCheck([]string{"slow"}) != "" {
		return true
	}
	return asksForSlow(ginkgo.GinkgoLabelFilter())
}

func asksForSlow(filter string) bool {
	return slices.Contains(words(strings.ReplaceAll(strings.ReplaceAll(filter, " ", ""), "!slow", "")), "slow")
}
