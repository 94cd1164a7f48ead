package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// diff prints what differs between two kernels of a matrix, or between two reports. That something does is no error.
func diff(_ context.Context, arguments []string) error {
	f := flags("diff")
	in := f.String("in", filepath.Join("reports", "matrix.json"), "the matrix whose kernels are compared")
	if err := parse(f, arguments); err != nil {
		return err
	}
	if f.NArg() != 2 {
		return misuse{fmt.Errorf("two kernels of a matrix, or the files of two reports, are needed; %d are named", f.NArg())}
	}
	a, err := reportOf(*in, f.Arg(0))
	if err != nil {
		return err
	}
	b, err := reportOf(*in, f.Arg(1))
	if err != nil {
		return err
	}
	return table.PrintDiff(os.Stdout, f.Arg(0), f.Arg(1), table.Diff(a, b))
}

// reportOf is the report that a name stands for: the file of one, or a kernel of the matrix.
func reportOf(matrix, name string) (*report.Report, error) {
	if strings.HasSuffix(name, ".json") {
		r, err := report.Read(name)
		if err != nil {
			return nil, misuse{err}
		}
		return r, nil
	}
	m, err := table.Read(matrix)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: make matrix makes it; a report is named by its file, report.json", err)
	}
	if err != nil {
		return nil, misuse{err}
	}
	r, err := m.Report(name)
	if err != nil {
		return nil, misuse{err}
	}
	return r, nil
}
