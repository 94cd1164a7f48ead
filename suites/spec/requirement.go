package spec

import (
	"fmt"
	"sync"

	"zerocopy-conformance/fixtures/kernel"
)

// Requirement is one normative sentence that a kernel or a method is held to.
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Source is where the sentence comes from: a man page and section, or a kernel document.
	Source string `json:"source"`
	// Since is the first kernel version that owes it. Empty: none is held to it, and what is seen is recorded.
	Since string `json:"since"`
}

// owes is the version whose promises the kernel is held to. It is asked for once: it cannot change in a run.
var owes = sync.OnceValues(kernel.Owes)

// owed says whether the kernel is held to the requirement, and if not, why not. A kernel that does more than it
// owes passes all the same.
func (r Requirement) owed() (yes bool, why string) {
	if r.Since == "" {
		return false, "no kernel is held to it"
	}
	since, err := kernel.ParseVersion(r.Since)
	if err != nil {
		panic(fmt.Sprintf("requirement %s: since %v", r.ID, err))
	}
	// An unreadable release was reported before any spec was built.
	held, _ := owes()
	if held.Compare(since) >= 0 {
		return true, ""
	}
	return false, fmt.Sprintf("owed since Linux %s, and this kernel is held to %s", r.Since, held)
}
