// Package table is what many kernels answered, beside each other: requirement × kernel, ledger × kernel, and what
// changed between which.
//
// It promises that every kernel that was asked for has its column, also one that panicked, and is named in Red if
// anything about it is; that what is not known is a question mark, and never taken for an answer; and that
// differences come out of the reports, not out of a list. What the reports and the kernels' names hold is printed as
// visible text, whoever wrote it.
package table

import (
	"errors"
	"fmt"

	"zerocopy-conformance/hack/report"
)

// Matrix is the whole file, reports/matrix.json. Every key is always there; SCHEMA.md says what each one means.
type Matrix struct {
	Columns []Column `json:"columns"`
}

// Column is one kernel.
type Column struct {
	// Kernel is its name as it was asked for: "debian:6.1", "uml", "host", "file:/boot/vmlinuz".
	Kernel string `json:"kernel"`
	// Report is what the suites said, as far as they came; nil where nothing was said.
	Report *report.Report `json:"report"`
	// Broken is why the column is not whole: the kernel panicked, hung, a suite did not end. Empty where it is whole.
	Broken string `json:"broken"`
	// Console is the last of the console of a broken column.
	Console string `json:"console"`
	// BootSeconds are from the start to the first program, 0 where there was no boot; Seconds are all, from the
	// start to the end.
	BootSeconds float64 `json:"boot_seconds"`
	Seconds     float64 `json:"seconds"`
}

var errEmpty = errors.New("the matrix has no kernel: name at least one")

// Write puts the matrix into a file, whole or not at all, its columns in the order in which they are printed. A matrix
// without a kernel is an error.
func (m *Matrix) Write(path string) error {
	if len(m.Columns) == 0 {
		return errEmpty
	}
	var ordered Matrix
	for _, c := range m.columns() {
		ordered.Columns = append(ordered.Columns, c.Column)
	}
	return report.WriteFile(path, "matrix", ordered)
}

// Read reads a matrix. A file that lacks a key of the schema, or has one that the schema does not know, is refused with
// that key's path; so is one without a kernel.
func Read(path string) (*Matrix, error) {
	var m Matrix
	if err := report.ReadFile(path, "matrix", &m); err != nil {
		return nil, err
	}
	if len(m.Columns) == 0 {
		return nil, fmt.Errorf("%s: %w", path, errEmpty)
	}
	return &m, nil
}

// Report is what one kernel said, by its name as it was asked for or as the tables head its column. The error lists the
// names that there are, or says why that kernel said nothing.
func (m *Matrix) Report(kernel string) (*report.Report, error) {
	var names []string
	for _, c := range m.columns() {
		if kernel == c.Kernel || kernel == c.label {
			if c.Report == nil {
				return nil, fmt.Errorf("%s has no report: %s", kernel, c.broken())
			}
			return c.Report, nil
		}
		names = append(names, c.Kernel)
	}
	return nil, fmt.Errorf("%q is no kernel of this matrix; there are: %s", kernel, list(names))
}

// Labelled is a column by the name that heads it where it stands beside others, and which no other has.
type Labelled struct {
	Label string
	Column
	// Why is why it is not whole, empty where it is.
	Why string
}

// Labelled are the columns in the order in which they are printed.
func (m *Matrix) Labelled() (all []Labelled) {
	for _, c := range m.columns() {
		all = append(all, Labelled{c.label, c.Column, c.broken()})
	}
	return all
}
