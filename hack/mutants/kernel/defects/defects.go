// Package defects holds what a kernel could do wrong, as edits of its source: each a patch(1) of a few lines, whose head
// says what is wrong then, and who has to see it.
//
//	Says: copies what is spliced into a UNIX stream
//	Violates: COPIES-SHARED-UNIX-STREAM COPIES-SPLICED-UNIX-STREAM
//	Labels: /^COPIES-/ && unix-stream
//
//	--- a/net/unix/af_unix.c
//	+++ b/net/unix/af_unix.c
//	…
package defects

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"zerocopy-conformance/hack/mutants/mutant"
)

//go:embed *.patch
var patches embed.FS

// suffix is that of a defect's file, and is not in its name.
const suffix = ".patch"

// Defect is one edit. It is killed by a run of its own.
type Defect struct {
	mutant.Mutant
	// Labels is the filter of the specs that can reach it, and Environment, as NAME=value, what narrows them further.
	Labels      string
	Environment []string
	// Diff is what patch(1) takes, and Files are what it edits, by their path in the source.
	Diff  []byte
	Files []string
}

// Batch is the run that is to kill it.
func (d Defect) Batch() mutant.Batch {
	return mutant.Batch{Name: d.Name, Mutants: []mutant.Mutant{d.Mutant}, Filter: d.Labels, Environment: d.Environment}
}

// All are the defects, in the order of their names.
func All() (all []Defect, err error) {
	entries, err := patches.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, entry := range entries {
		text, err := patches.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		d, err := Parse(entry.Name(), text)
		if err != nil {
			wrong = append(wrong, err)
		}
		all = append(all, d)
	}
	return all, errors.Join(wrong...)
}

// Parse reads a defect's file. The error names the file, and says what it has and what is valid.
func Parse(file string, text []byte) (Defect, error) {
	refuse := func(format string, arguments ...any) (Defect, error) {
		return Defect{}, fmt.Errorf("%s: %s", file, fmt.Sprintf(format, arguments...))
	}
	name, found := strings.CutSuffix(path.Base(file), suffix)
	if !found || name == "" || strings.ContainsAny(name, mutant.Separator+": ") {
		return refuse("a defect's file is called NAME%s, without blanks, colons and %q", suffix, mutant.Separator)
	}
	head, diff, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return refuse("after the head an empty line and a diff are needed")
	}
	d := Defect{Mutant: mutant.Mutant{Name: name}, Diff: diff}
	seen := map[string]bool{}
	for line := range strings.Lines(string(head)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case value == "":
			return refuse("line %q of the head is no KEY: VALUE", strings.TrimSpace(line))
		case seen[key]:
			return refuse("%s stands there twice", key)
		}
		seen[key] = true
		switch key {
		case "Says":
			d.Says = value
		case "Violates":
			d.Violates = strings.Fields(value)
		case "Labels":
			d.Labels = value
		case "Environment":
			d.Environment = strings.Fields(value)
		default:
			return refuse("the head has %q; there are Says, Violates, Labels and Environment", key)
		}
	}
	for _, key := range []string{"Says", "Violates", "Labels"} {
		if !seen[key] {
			return refuse("the head has no %s", key)
		}
	}
	if err := d.edits(); err != nil {
		return refuse("%v", err)
	}
	return d, nil
}

// edits finds the files that the diff edits.
func (d *Defect) edits() error {
	before := ""
	for line := range strings.Lines(string(d.Diff)) {
		line = strings.TrimRight(line, "\n")
		if from, is := strings.CutPrefix(line, "--- "); is {
			before = strings.TrimPrefix(from, "a/")
			continue
		}
		after, is := strings.CutPrefix(line, "+++ ")
		if !is {
			continue
		}
		after, within := strings.CutPrefix(after, "b/")
		if !within || after != before || path.Clean("/"+after) != "/"+after {
			return fmt.Errorf("the diff edits %q: a/PATH and the same b/PATH are needed, within the source", line)
		}
		d.Files = append(d.Files, after)
	}
	if len(d.Files) == 0 {
		return errors.New("the diff edits no file: it is one as diff -u makes it")
	}
	return nil
}
