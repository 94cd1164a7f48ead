package kernels

import (
	"fmt"
	"path/filepath"
	"strings"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/modules"
	"zerocopy-conformance/hack/matrix/tree"
)

// wanted are the kernel modules that the suites, and the guest's devices, can make use of. A guest has no modprobe: what
// is not loaded before the suites begin is not there. One that a kernel does not have leaves what needs it unchecked.
var wanted = []string{
	// The guest's devices: its disks, its port for words, its cards.
	"virtio_pci", "virtio_blk", "virtio_console", "virtio_net", "e1000",
	// Filesystems, and what they lie on.
	"ext4", "xfs", "btrfs", "overlay", "loop",
	// Networks.
	"ipv6", "veth", "tls", "vsock_loopback",
	// AF_ALG, and the ciphers of the TLS and AF_ALG specs.
	"algif_skcipher", "algif_aead", "aes_generic", "aesni_intel", "cbc", "ctr", "ecb", "gcm", "ccm", "ghash_generic", "chacha20poly1305",
	"authenc", "authencesn", "hmac", "sha1_generic", "sha256_generic", "sm4_generic",
	// The same by arm64's own instructions.
	"aes_arm64", "aes_ce_blk", "ghash_ce", "sha1_ce", "sha2_ce",
}

// disks are a guest's scratch disks. The temp directory is in memory; files on a disk are looked for in /var/tmp.
var disks = []machine.Disk{
	{Filesystem: "ext4", Folder: "/var/tmp"}, {Filesystem: "xfs", Folder: "/mnt/xfs"}, {Filesystem: "btrfs", Folder: "/mnt/btrfs"},
}

// cards are a guest's network interfaces, whose drivers make rings of descriptors for a device to follow.
var cards = []machine.Card{
	{Name: "e1000", Device: "e1000", Ends: [2]string{"02:7a:63:00:00:01", "02:7a:63:00:00:02"}},
	// A hub carries no checksums that are still to be made, without which this one gathers nothing.
	{Name: "virtio-net", Device: "virtio-net-pci", Ends: [2]string{"02:7a:63:00:01:01", "02:7a:63:00:01:02"}},
}

// settings are those of a kernel of one's own.
var settings = []job.Setting{{Name: "vm/nr_hugepages", Value: "8"}}

// emulated runs a kernel image under QEMU, with the wanted ones of its modules.
func emulated(image, folder string) (guest.Kernel, error) {
	architecture, err := machine.ArchitectureOf(image)
	if err != nil {
		return guest.Kernel{}, err
	}
	k := guest.Kernel{Machine: machine.QEMU{Architecture: architecture, Image: image, Disks: disks, Cards: cards}, Cards: cards, Settings: settings}
	k.Modules, err = load(folder)
	return k, err
}

// load are the wanted modules of a folder lib/modules/RELEASE, as files of a guest's root folder; none of no folder.
func load(folder string) (files []tree.File, err error) {
	if folder == "" {
		return nil, nil
	}
	all, err := modules.Read(folder)
	if err != nil {
		return nil, err
	}
	// What is missing is missing: the suites say what they could not check for want of it.
	paths, _, err := all.Resolve(wanted...)
	if err != nil {
		return nil, err
	}
	for i, path := range paths {
		contents, err := all.Contents(path)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(filepath.Base(path), ".ko")
		files = append(files, tree.File{Name: fmt.Sprintf("/modules/%03d-%s.ko", i, name), Bytes: contents, Mode: 0o644})
	}
	return files, nil
}
