package forms

import (
	"fmt"
	"io"
	"strings"

	"zerocopy-conformance/hack/report"
)

// Annotations writes workflow commands of GitHub's: an error for each requirement that is not kept, a warning for each that
// the user's list excuses, and a notice for how many could not be checked.
func Annotations(w io.Writer, _ string, columns []report.Column) error {
	var text strings.Builder
	say := func(kind, title, message string) {
		fmt.Fprintf(&text, "::%s title=%s::%s\n", kind, inProperty.Replace(title), inMessage.Replace(message))
	}
	for _, c := range columns {
		if c.Broken != "" {
			say("error", c.Name, c.Broken)
		}
		unchecked := 0
		for _, r := range judged(c) {
			title := r.ID + " on " + c.Name
			switch r.Verdict {
			case report.Fail, report.KitError:
				say("error", title, r.Reason+"\nagain: "+r.Reproduce)
			case report.Deviation:
				say("warning", title, r.Reason)
			case report.NotChecked:
				unchecked++
			}
		}
		if unchecked > 0 {
			say("notice", c.Name, fmt.Sprintf("not checked: %d of %d requirements; the report says why", unchecked, len(judged(c))))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// What ends a command, or a property of it, is told by a number.
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
