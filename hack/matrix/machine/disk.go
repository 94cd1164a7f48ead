package machine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/program"
)

// Disk is a scratch disk with a filesystem that is made before the guest starts: what the guest reads from it comes from
// a device.
type Disk struct {
	// Filesystem is its type, and Folder where the guest mounts it.
	Filesystem, Folder string
}

// diskMiB is a disk's size, a sparse file: what mkfs.xfs takes at least is 300 MiB.
const diskMiB = 512

// makers are the programs that make filesystems, and the packages that they come in.
var makers = map[string]struct {
	command []string
	from    string
}{
	"ext4":  {[]string{"mkfs.ext4", "-q", "-F"}, "e2fsprogs"},
	"xfs":   {[]string{"mkfs.xfs", "-q", "-f"}, "xfsprogs"},
	"btrfs": {[]string{"mkfs.btrfs", "-q", "-f"}, "btrfs-progs"},
}

// Make makes the disk as a file in a folder.
func (d Disk) Make(ctx context.Context, folder string) (image string, err error) {
	maker, known := makers[d.Filesystem]
	if !known {
		return "", fmt.Errorf("no program is known that makes a %s", d.Filesystem)
	}
	path, err := program.Find(maker.command[0], maker.from)
	if err != nil {
		return "", err
	}
	image = filepath.Join(folder, d.Filesystem+".img")
	file, err := os.OpenFile(image, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	err = file.Truncate(diskMiB << 20)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", err
	}
	said, err := exec.CommandContext(ctx, path, append(maker.command[1:len(maker.command):len(maker.command)], image)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", maker.command[0], err, strings.TrimSpace(string(said)))
	}
	return image, nil
}

// attach makes disks in the guest's folder, whose job it is to mount each by its device's name.
func (b *Boot) attach(ctx context.Context, disks []Disk, name func(i int) string) (images []string, err error) {
	for i, disk := range disks {
		image, err := disk.Make(ctx, b.Folder)
		if err != nil {
			return nil, err
		}
		images = append(images, image)
		b.Job.Disks = append(b.Job.Disks, job.Disk{Device: "/dev/" + name(i), Folder: disk.Folder, Filesystem: disk.Filesystem})
	}
	return images, nil
}
