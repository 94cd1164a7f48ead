package forms

import (
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf8"

	"zerocopy-conformance/hack/report"
)

// The elements of JUnit's XML that GitLab, Jenkins and GitHub's actions read alike.
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name       string      `xml:"name,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Properties *properties `xml:"properties"`
		Cases      []testCase  `xml:"testcase"`
	}
	properties struct {
		All []property `xml:"property"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Time    string   `xml:"time,attr"`
		Skipped *message `xml:"skipped"`
		Error   *message `xml:"error"`
		Failure *message `xml:"failure"`
		Out     string   `xml:"system-out,omitempty"`
	}
	message struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a test suite for each kernel, in it a case for each requirement, with the reason where it is skipped. The verdicts
// stand once more in the suite's properties, by the requirements' IDs: a case has no properties in the schema that Jenkins
// holds files to. What owes a requirement since when, and how to see it again, is the case's output. A kernel that is not
// whole has an error beside them.
func JUnit(w io.Writer, title string, columns []report.Column) error {
	all := suites{Name: clean(title)}
	for _, c := range columns {
		s := suite{Name: clean(c.Name)}
		if c.Report != nil {
			s.Properties = &properties{[]property{{"kernel", clean(c.Report.Kernel.Release)}, {"version", clean(c.Report.Kernel.Version)}, {"platform", clean(string(c.Report.Kernel.Platform))}, {"machine", clean(c.Report.Kernel.Machine)}}}
		}
		if c.Broken != "" {
			s.add(testCase{Name: "the kernel answers in full", Error: &message{Message: clean(c.Broken), Type: "broken"}})
		}
		for _, r := range judged(c) {
			s.add(asCase(r))
			s.Properties.All = append(s.Properties.All, property{r.ID, string(r.Verdict)})
		}
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *suite) add(c testCase) {
	c.Class, c.Time = s.Name, "0"
	s.Tests++
	for count, is := range map[*int]bool{&s.Failures: c.Failure != nil, &s.Errors: c.Error != nil, &s.Skipped: c.Skipped != nil} {
		if is {
			*count++
		}
	}
	s.Cases = append(s.Cases, c)
}

func asCase(r report.Requirement) testCase {
	c := testCase{Name: r.ID + ": " + clean(r.Text), Out: clean(owed(r) + "\nagain: " + r.Reproduce)}
	says := &message{Message: clean(oneLine(r.Reason)), Type: string(r.Verdict), Text: clean(r.Reason + "\n\nagain: " + r.Reproduce)}
	switch {
	case r.Verdict == report.KitError:
		c.Error = says
	case bad(r.Verdict):
		c.Failure = says
	case skipped(r.Verdict):
		// As text: an attribute is no part of the schema here.
		c.Skipped = &message{Text: string(r.Verdict) + ": " + clean(oneLine(r.Reason))}
	}
	return c
}

// owed says by what a requirement is owed.
func owed(r report.Requirement) string {
	if r.Since == "" {
		return r.Source + ": no kernel is held to it"
	}
	return r.Source + ", since Linux " + r.Since
}

// clean is a text without what XML has no way to say.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
}
