package sonobuoy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
)

// Result is what became of a run on a node.
type Result struct {
	// Report is nil where there is none, and Failure is why.
	Report  *report.Report
	Failure error
	// Code is the run's exit code, as package judge has them, and Words what decided.
	Code  int
	Words string
}

// The statuses by which Sonobuoy sums up: one failed is failed, else one unknown is unknown, else all is passed.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	unknown = "unknown"
)

// item is Sonobuoy's format for results of plugins that call theirs manual. Only those without items of their own are
// counted, and their statuses make those above.
type item struct {
	Name    string         `json:"name"`
	Status  string         `json:"status"`
	Details map[string]any `json:"details,omitempty"`
	Items   []item         `json:"items,omitempty"`
}

// statuses are what the verdicts are for Sonobuoy, to whom one without a status is unknown.
var statuses = map[report.Verdict]string{
	report.Pass: passed, report.Fail: failed, report.KitError: failed,
	report.NotRequired: skipped, report.Deviation: skipped, report.NotChecked: skipped,
}

// yaml is the result as the file that Sonobuoy reads. JSON is YAML, of which the standard library has none.
func (r Result) yaml() ([]byte, error) {
	return json.MarshalIndent(r.item(), "", " ")
}

func (r Result) item() item {
	root := item{Name: Plugin, Items: []item{r.verdict()}}
	if r.Report == nil {
		root.Status = root.Items[0].Status
		return root
	}
	k := r.Report.Kernel
	root.Details = map[string]any{"kernel": k.Release, "version": k.Version, "platform": k.Platform, "machine": k.Machine}
	for _, requirement := range r.Report.Requirements {
		root.Items = append(root.Items, asItem(requirement))
	}
	root.Status = root.Items[0].Status
	return root
}

// verdict is the run as a whole, as one more item: Sonobuoy would call a node passed on which nothing could be checked.
func (r Result) verdict() item {
	i := item{Name: "verdict", Details: map[string]any{"exit-code": r.Code}}
	switch {
	case r.Failure != nil:
		i.Status, i.Name, i.Details["error"] = failed, "the run came to no end: "+oneLine(r.Failure.Error()), r.Failure.Error()
		return i
	case r.Code == judge.Conformant:
		i.Status = passed
	case r.Code == judge.Unchecked:
		i.Status = unknown
	default:
		i.Status = failed
	}
	i.Name, i.Details["output"] = "verdict: "+lastLine(r.Words), r.Words
	return i
}

func asItem(r report.Requirement) item {
	i := item{Name: r.ID, Status: statuses[r.Verdict], Details: map[string]any{
		"verdict": r.Verdict, "owed": r.Text, "source": r.Source, "again": r.Reproduce, "places": r.Cases,
	}}
	if r.Since != "" {
		i.Details["since"] = r.Since
	}
	if r.Reason != "" {
		i.Details["seen"] = r.Reason
	}
	if len(r.NotChecked) > 0 {
		i.Details["not-checked"] = r.NotChecked
	}
	return i
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// file is one to be handed over.
type file struct {
	name string
	text []byte
}

func sorted(files map[string][]byte) (all []file) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, file{name, files[name]})
	}
	return all
}

// String is for who reads a log.
func (r Result) String() string {
	if r.Failure != nil {
		return fmt.Sprintf("no report: %v", r.Failure)
	}
	return fmt.Sprintf("%d requirements, exit code %d", len(r.Report.Requirements), r.Code)
}
