package main

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/soak/adversity"
	"zerocopy-conformance/hack/soak/tally"
)

// Judged is what a soak says of a run that was ended by a SIGINT, ended with exit code 1, had printed this and written this
// as its report. The folder is the run's, and empty.
func Judged(folder, output, report string) (tally.Result, error) {
	r := &ended{run: &adversity.Run{Folder: folder, Stop: unix.SIGINT}, signalled: true, code: 1, output: output}
	if err := os.Mkdir(filepath.Join(folder, "out"), 0o755); err != nil {
		return tally.Result{}, err
	}
	if err := os.WriteFile(r.report(), []byte(report), 0o644); err != nil {
		return tally.Result{}, err
	}
	return r.judge(), nil
}
