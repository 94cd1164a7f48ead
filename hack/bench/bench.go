// Package bench says what the kit and the methods are worth in time: how fast each method is, and at what cost of
// processor time; what a case costs, and whether it costs more the more there are; how long the default run
// takes, and how much memory.
//
// Its numbers are this machine's at this moment, and no verdict hangs on any of them. What the machine does not
// allow is reported as not-checked, with the reason. What it makes goes away with it, also when it is interrupted:
// every function cleans up behind itself before it returns, and returns soon after its context has ended.
package bench

import (
	"fmt"
	"os"
	"path/filepath"

	"zerocopy-conformance/fixtures/kernel"
)

// gigabyte is what a GB is here, in bytes.
const gigabyte = 1e9

// size is a number of bytes as people say it.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// ModuleFolder is the folder of the module that a folder belongs to.
func ModuleFolder(here string) (string, error) {
	here, err := filepath.Abs(here)
	if err != nil {
		return "", err
	}
	for folder := here; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", &kernel.Unavailable{What: "the kit's source", Why: "there is no go.mod in " + here + " or above", Remedy: "run it in the kit's own folder"}
		}
	}
}
