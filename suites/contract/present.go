package contract

import (
	"fmt"
	"strings"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/suites/spec"
)

// presences are the requirements that interfaces are there at all, by their names. Whatever else is owed of one that
// is missing cannot be checked, and is not said to fail over and over.
var presences = func() map[string]spec.Requirement {
	all := map[string]spec.Requirement{}
	for _, i := range probe.All() {
		name, _, _ := strings.Cut(i.Name, "(")
		id := "PRESENT-" + strings.ToUpper(strings.ReplaceAll(name, "_", "-"))
		spec.KnowLabels(i.Name)
		all[i.Name] = spec.Require(spec.Requirement{ID: id, Text: "the kernel has " + i.Name, Source: i.Page, Since: i.Since})
	}
	return all
}()

// isPresent declares the spec on one of them.
func isPresent(i probe.Interface) {
	spec.Promise(presences[i.Name], "contract", i.Name, "", func(c *spec.Case) {
		answer, why := i.Ask()
		if answer == kernel.CannotTell {
			c.CannotCheck(why)
		}
		c.Transfers++
		if answer == kernel.No {
			c.Deviates(fmt.Sprintf("%s answers as the call that it is", i.Call), why.Why, "")
		}
	})
}
