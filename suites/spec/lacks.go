package spec

import (
	"errors"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
)

// Lacks tells an error that says that this machine is short of something from one that is a defect: nil for the
// latter.
func Lacks(err error) *kernel.Unavailable {
	if missing := kernel.AsUnavailable(err); missing != nil {
		return missing
	}
	switch {
	case errors.Is(err, unix.EMFILE):
		return &kernel.Unavailable{What: "a free descriptor", Why: unix.EMFILE.Error(), Remedy: "raise the limit: ulimit -n 64"}
	case errors.Is(err, unix.ENFILE):
		return &kernel.Unavailable{What: "a free descriptor", Why: unix.ENFILE.Error(), Remedy: "raise sysctl fs.file-max"}
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return &kernel.Unavailable{What: "room for a file", Why: unix.ENOSPC.Error(), Remedy: "free some space, or set TMPDIR to a folder that has it"}
	case errors.Is(err, unix.ENOENT):
		// What the fixtures open by name is in /proc.
		return kernel.AsUnavailable(kernel.Proc())
	}
	return nil
}
