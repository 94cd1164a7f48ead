package adversity

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
)

// folders are where a run's temporary files lie.
var folders = []Condition{
	{
		Name: "tmp-on-tmpfs", Says: "TMPDIR is on a tmpfs of its own", Of: []string{"tmp"}, Missing: ownNetwork,
		Pose: always(func(r *Run) { r.Machine.Covered = append(r.Machine.Covered, keeper.Cover{Folder: r.Temp}) }),
	},
	{
		Name: "tmp-on-disk", Says: "TMPDIR is on a disk", Of: []string{"tmp"}, Missing: func() error { _, err := onDisk(); return err },
		Pose: func(r *Run) (func() error, error) {
			folder, err := onDisk()
			if err == nil {
				r.Temp, err = os.MkdirTemp(folder, "zc-soak-")
			}
			if err != nil {
				return nil, err
			}
			own := r.Temp
			return func() error { return os.RemoveAll(own) }, os.Chmod(own, os.ModeSticky|0o777)
		},
	},
}

// onDisk is a folder for temporary files whose filesystem is not in memory.
func onDisk() (string, error) {
	var stat unix.Statfs_t
	tried := ""
	for _, folder := range []string{os.TempDir(), "/var/tmp"} {
		err := unix.Statfs(folder, &stat)
		if err == nil && stat.Type != unix.TMPFS_MAGIC && stat.Type != unix.RAMFS_MAGIC {
			return folder, nil
		}
		tried += fmt.Sprintf(" %s", folder)
	}
	return "", missing("a folder on a disk", "in memory, or not there:"+tried, "set TMPDIR to one")
}
