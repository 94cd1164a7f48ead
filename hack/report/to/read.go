package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// read reads a report, or a matrix of them, whichever it is.
func read(path string) (title string, columns []report.Column, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	if len(text) == 0 {
		return "", nil, fmt.Errorf("%s is empty: is it of a run that was cut off? A report.json, or a matrix.json, is expected", path)
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

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
