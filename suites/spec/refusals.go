package spec

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/source"
)

// refusals are the errors by which a call may decline a source before the first byte, and by which page it may: a
// source of that name, or one whose files lie on a filesystem of that name. Everywhere else it has to move the range.
var refusals = []struct {
	method string
	errno  unix.Errno
	of     []string
	page   string
}{
	{"copy_file_range", unix.EXDEV, elsewhere, "copy_file_range(2) ERRORS: EXDEV, between filesystems"},
	{"copy_file_range", unix.EINVAL, []string{"block"}, "copy_file_range(2) ERRORS: EINVAL, of what is no regular file"},
	{"go-copy-file", unix.EXDEV, elsewhere, "copy_file_range(2) ERRORS: EXDEV, between filesystems"},
	{"go-copy-file", unix.EINVAL, []string{"block"}, "copy_file_range(2) ERRORS: EINVAL, of what is no regular file"},
	{"direct+write", unix.EINVAL, withoutDirect, "open(2) ERRORS: EINVAL, of a filesystem without O_DIRECT"},
	{"direct+write", unix.EINVAL, []string{"block"}, "fcntl(2): F_SETFL, of a block device that was not opened O_DIRECT"},
	{"nowait+write", unix.EOPNOTSUPP, append([]string{"block"}, withoutDirect...), "readv(2): RWF_NOWAIT, of a filesystem without it"},
}

var (
	// elsewhere are the sources that need not lie on the sink's filesystem.
	elsewhere = []string{"tmpfs", "memfd", "memfd-sealed", "disk", "ext4", "xfs", "btrfs", "overlay"}
	// withoutDirect are filesystems of which some kernels read through the page cache only.
	withoutDirect = []string{"tmpfs", "ramfs", "memfd", "overlayfs"}
)

// mayRefuse says, where a page lets the case's method decline as it did, that it has; it is empty elsewhere.
func mayRefuse(c *Case, outcome *agent.Outcome) string {
	if outcome.Moved > 0 || outcome.Died != "" || outcome.Hung != "" {
		return ""
	}
	for _, r := range refusals {
		if r.method == c.Method && r.errno == outcome.Errno && (slices.Contains(r.of, c.Source) || slices.Contains(r.of, filesystemOf(c.Source))) {
			return fmt.Sprintf("%s declines this source with %s, as it may: %s", c.Method, unix.ErrnoName(r.errno), r.page)
		}
	}
	return ""
}

// filesystemOf is the filesystem that a source's files lie on, empty where that cannot be told.
func filesystemOf(name string) string {
	kind, err := source.Lookup(name)
	if err != nil {
		return ""
	}
	file, err := kind.Open(0)
	if err != nil {
		return ""
	}
	defer file.Close()
	return file.Filesystem
}
