package spec

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/netns"
	"zerocopy-conformance/fixtures/sink"
)

// nicsVariable is how a user lends the kit two network interfaces, by their names: the first sends.
const nicsVariable = "ZC_NICS"

// noNICs is why the sinks over network interfaces cannot be checked where the user lends none.
var noNICs = &kernel.Unavailable{
	What:   "a network device that the kit may take",
	Remedy: nicsVariable + "=A,B: two interfaces wired to each other, as root",
}

// nics are the two that the user lends, both empty where he lends none.
func nics() (sender, receiver string, err error) {
	value := os.Getenv(nicsVariable)
	if strings.TrimSpace(value) == "" {
		return "", "", nil
	}
	names := strings.Split(value, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	if len(names) != 2 || slices.Contains(names, "") {
		return "", "", fmt.Errorf("%s=%q: two interfaces are needed, wired to each other, such as eth1,eth2", nicsVariable, value)
	}
	return names[0], names[1], nil
}

// checkNICs says why the interfaces that the user lends must not be taken.
func checkNICs() error {
	sender, receiver, err := nics()
	if err == nil && sender != "" {
		if err = netns.MayLend(sender, receiver); err != nil {
			err = fmt.Errorf("%s: %w", nicsVariable, err)
		}
	}
	return err
}

// openNICs makes a pair of the interfaces that the user lends.
func openNICs() (*netns.Pair, error) {
	// A malformed value was reported before any spec was built.
	sender, receiver, _ := nics()
	if sender == "" {
		return nil, noNICs
	}
	return netns.OpenLent(sender, receiver)
}

// NICsWanted: the user lends interfaces, or has asked for what cannot be checked without.
func NICsWanted() bool {
	if os.Getenv(nicsVariable) != "" || nicsAsked || mustCheck([]string{NIC}) != "" || asksForNICs(ginkgo.GinkgoLabelFilter()) {
		return true
	}
	return slices.ContainsFunc(strings.Split(os.Getenv(sinksVariable), ","), func(word string) bool { return isNIC(strings.TrimSpace(word)) })
}

// nicsAsked: the program has asked, for another run than its own.
var nicsAsked bool

// asksForNICs: the filter names the kind, one of the sinks, or a requirement that only these are held to.
func asksForNICs(filter string) bool {
	return slices.ContainsFunc(words(filter), func(word string) bool {
		return word == NIC || isNIC(word) || isRequirement(word) && strings.Contains(word, "-NIC")
	})
}

func isNIC(name string) bool {
	kind, err := sink.Lookup(name)
	return err == nil && kind.NIC
}
