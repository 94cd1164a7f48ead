package guest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/wire"
	"zerocopy-conformance/suites/spec"
)

// lastWords are what a kernel prints when it ends, or ends a process, of its own accord.
var lastWords = regexp.MustCompile(`(?m)^.*(Kernel panic - not syncing.*|Out of memory: Killed process.*|BUG: .*|Oops: .*)$`)

// atItsEnd says that the guest fell silent by ending, not by talking nonsense.
func atItsEnd(err error) bool { return errors.Is(err, wire.ErrCut) }

// broken says why a column is not whole: a reason each, none for one that is.
func broken(suites []job.Suite, words *Words, console string, err error, failures []string) (reasons []string) {
	if err != nil {
		if said := lastWords.FindStringSubmatch(console); said != nil {
			reasons = append(reasons, "its kernel said: "+strings.TrimSpace(said[1]))
		}
		reasons = append(reasons, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if words == nil || words.Hello == nil {
		return reasons
	}
	for _, suite := range suites {
		how, ended := words.Ended[suite.Name]
		switch {
		case !slices.Contains(words.Began, suite.Name):
			reasons = append(reasons, suite.Name+" was not begun")
		case !ended:
			reasons = append(reasons, suite.Name+" was begun and has not ended")
		case how.LeftOut != "":
			// Without those interfaces there is nothing to ask.
		case how.Why != "":
			reasons = append(reasons, suite.Name+": "+how.Why)
		case how.Exit != 0 && !failed(words.Reports[suite.Name]):
			reasons = append(reasons, fmt.Sprintf("%s: exit code %d, but nothing failed", suite.Name, how.Exit))
		}
	}
	return append(reasons, failures...)
}

// failed: a spec or a node of the report failed.
func failed(reports []types.Report) bool {
	for _, r := range reports {
		if !r.SuiteSucceeded {
			return true
		}
	}
	return false
}

// suiteFailures are the failures of suites that are no spec's, and so no requirement's. That there was nothing to check
// is none: on this kernel that is the answer to each of the suite's requirements.
func suiteFailures(words *Words) (all []string) {
	for _, name := range words.Began {
		for _, r := range words.Reports[name] {
			for _, s := range r.SpecReports {
				if s.LeafNodeType == types.NodeTypeIt || !s.State.Is(types.SpecStateFailureStates) || strings.HasPrefix(s.Failure.Message, spec.NothingChecked) {
					continue
				}
				all = append(all, fmt.Sprintf("%s: %s: %s", name, s.LeafNodeType, strings.ReplaceAll(s.Failure.Message, "\n", "; ")))
			}
		}
	}
	return all
}

// console keeps what a guest's kernel and init print.
type console struct {
	mu   sync.Mutex
	seen []byte
}

// mostConsoleBytes is what is kept of it: a guest may print for ever.
const mostConsoleBytes = 8 << 20

func (c *console) Write(text []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, text...)
	if over := len(c.seen) - mostConsoleBytes; over > 0 {
		c.seen = slices.Delete(c.seen, 0, over)
	}
	return len(text), nil
}

// escapes are what firmware and kernels send to steer a terminal.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[A-Za-z]|c)`)

func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return escapes.ReplaceAllString(strings.ReplaceAll(string(c.seen), "\r", ""), "")
}

// last is its last lines.
func (c *console) last() string {
	lines := strings.Split(strings.TrimSpace(c.text()), "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "\n")
}
