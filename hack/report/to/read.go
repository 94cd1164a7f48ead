package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/bench"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/sonobuoy"
)

// read reads a report, or many: whichever the files are.
func read(paths []string) (title string, columns []report.Column, err error) {
	if len(paths) == 1 {
		return readOne(paths[0])
	}
	names := map[string]string{}
	for _, path := range paths {
		r, err := report.Read(path)
		if err != nil {
			return "", nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if names[name] != "" {
			return "", nil, fmt.Errorf("%s and %s are both called %s: of several files each has to be called as its node is", names[name], path, name)
		}
		names[name] = path
		columns = append(columns, report.Column{Name: name, Report: r})
	}
	return onNodes(columns), columns, nil
}

// onNodes is the title of what several nodes have answered.
func onNodes(columns []report.Column) string {
	return "Zero-copy I/O on " + plural(len(columns), "node")
}

// gzipped is how an archive begins (RFC 1952, 2.3.1).
var gzipped = []byte{0x1f, 0x8b}

func readOne(path string) (title string, columns []report.Column, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	if len(text) == 0 {
		return "", nil, fmt.Errorf("%s is empty: is it of a run that was cut off? A report.json, a matrix.json, or Sonobuoy's archive, is expected", path)
	}
	if bytes.HasPrefix(text, gzipped) {
		columns, err := sonobuoy.Read(path)
		return onNodes(columns), columns, err
	}
	var keys map[string]json.RawMessage
	var wrong *json.SyntaxError
	if err := json.Unmarshal(text, &keys); errors.As(err, &wrong) {
		return "", nil, fmt.Errorf("%s is no JSON, at byte %d of %d: %w", path, wrong.Offset, len(text), err)
	} else if err != nil {
		return "", nil, fmt.Errorf("%s: %w: a report.json, or a matrix.json, is expected: an object", path, err)
	}
	if _, is := keys["columns"]; is {
		m, err := table.Read(path)
		if err != nil {
			return "", nil, err
		}
		for _, c := range m.Labelled() {
			columns = append(columns, report.Column{Name: c.Label, Report: c.Report, Broken: c.Why})
		}
		return "Zero-copy I/O on " + plural(len(columns), "kernel"), columns, nil
	}
	r, err := report.Read(path)
	if err != nil {
		return "", nil, err
	}
	return "Zero-copy I/O on Linux " + r.Kernel.Release, []report.Column{{Name: r.Kernel.Release, Report: r}}, nil
}

// addSpeeds adds what a bench report says to the columns of its kernel. That there is none is an error: it would not be shown.
func addSpeeds(columns []report.Column, path string) error {
	if path == "" {
		return nil
	}
	timed, err := bench.Read(path)
	if err != nil {
		return err
	}
	var there []string
	added := false
	for i, c := range columns {
		if c.Report == nil {
			continue
		}
		if is, here := c.Report.Kernel, timed.Kernel; is.Release == here.Release && is.Version == here.Version && is.Machine == here.Machine {
			columns[i].Speeds, added = timed.Speeds(), true
		}
		there = append(there, c.Report.Kernel.Release)
	}
	if !added {
		return fmt.Errorf("%s is of kernel %s (%s); there are: %s", path, timed.Kernel.Release, timed.Kernel.Version, strings.Join(there, ", "))
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
