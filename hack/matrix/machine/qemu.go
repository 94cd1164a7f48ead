package machine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/program"
)

// QEMU runs a kernel by software emulation.
type QEMU struct {
	// Architecture is the kernel's, by Go's name.
	Architecture string
	// Image is the kernel: a bzImage, or an Image of arm64.
	Image string
	// Disks are the scratch disks of the guest, and Cards its pairs of network interfaces.
	Disks []Disk
	Cards []Card
}

// Card is a pair of network interfaces that are joined by a hub which nothing else is connected to.
type Card struct {
	// Name is what people call the kind of card, and Device what QEMU calls it.
	Name, Device string
	// Ends are the hardware addresses of both, by which the guest knows them.
	Ends [2]string
}

// portName is how the guest knows the virtio port for its words.
const portName = "zero-copy-conformance"

// Run implements Machine.
func (q QEMU) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	emulator, known := emulators[q.Architecture]
	if !known {
		return fmt.Errorf("no emulator is known for %q", q.Architecture)
	}
	path, err := program.Find(emulator.program, emulator.from)
	if err != nil {
		return err
	}
	// An emulated processor is that much slower: on a busy machine, it takes 20 s to encrypt a huge page of 32 MiB.
	boot.furnish(agent.PatienceVariable + "=1m")
	boot.Job.Own, boot.Job.Port, boot.Job.Line = true, portName, emulator.line
	images, err := boot.attach(ctx, q.Disks, func(i int) string { return fmt.Sprintf("vd%c", 'a'+i) })
	if err != nil {
		return err
	}
	initramfs, err := initramfs(&boot)
	if err != nil {
		return err
	}
	arguments := []string{
		// Nothing that was not asked for: no network, no display, no configuration of this user's.
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
		// Always by software: so it is the same on every machine, and takes no privilege.
		"-accel", "tcg,thread=multi",
		"-smp", fmt.Sprint(boot.CPUs), "-m", fmt.Sprintf("%dM", boot.MemoryMiB),
		"-kernel", q.Image, "-initrd", initramfs, "-append", strings.Join(emulator.kernel, " "),
		"-serial", "stdio",
		"-chardev", "file,id=port,path=/proc/self/fd/3",
		"-device", "virtio-serial-pci,max_ports=2", "-device", "virtserialport,chardev=port,name=" + portName,
	}
	arguments = append(arguments, emulator.arguments...)
	if emulator.line != "" {
		// The same pipe twice: the guest uses the one that it has a driver for.
		arguments = append(arguments, "-chardev", "file,id=line,path=/proc/self/fd/3", "-serial", "chardev:line")
	}
	for _, image := range images {
		arguments = append(arguments, "-drive", "file="+strings.ReplaceAll(image, ",", ",,")+",if=virtio,format=raw,cache=unsafe")
	}
	for i, card := range q.Cards {
		for j, address := range card.Ends {
			end := fmt.Sprintf("end%d%d", i, j)
			arguments = append(arguments, "-netdev", fmt.Sprintf("hubport,hubid=%d,id=%s", i, end),
				"-device", fmt.Sprintf("%s,netdev=%s,mac=%s,romfile=", card.Device, end, address))
		}
	}
	return run(ctx, console, words, exec.Command(path, arguments...), manner{descriptor3: true})
}

// initramfs writes the guest's root folder and its job into a file of the guest's folder.
func initramfs(boot *Boot) (path string, err error) {
	root := boot.Root
	root.Files = slices.Clone(root.Files)
	root.AddBytes(job.Path, boot.Job.Text(), 0o644)
	path = filepath.Join(boot.Folder, "initramfs")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	err = root.Initramfs(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return path, err
}
