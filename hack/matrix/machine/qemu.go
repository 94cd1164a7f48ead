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

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/program"
)

// QEMU runs a kernel of x86-64 by software emulation.
type QEMU struct {
	// Image is the kernel (bzImage).
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
	path, err := program.Find("qemu-system-x86_64", "qemu-system-x86")
	if err != nil {
		return err
	}
	boot.furnish()
	boot.Job.Own, boot.Job.Port, boot.Job.Line = true, portName, "/dev/ttyS1"
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
		// Always by software: so it is the same on every machine, and takes no privilege. Five levels of page tables
		// would be walked by software, too.
		"-accel", "tcg,thread=multi", "-cpu", "max,la57=off",
		"-smp", fmt.Sprint(boot.CPUs), "-m", fmt.Sprintf("%dM", boot.MemoryMiB),
		"-kernel", q.Image, "-initrd", initramfs, "-append", strings.Join(kernelArguments, " "),
		"-serial", "stdio",
		// The same pipe twice: the guest uses the one that it has a driver for.
		"-chardev", "file,id=port,path=/proc/self/fd/3", "-chardev", "file,id=line,path=/proc/self/fd/3",
		"-serial", "chardev:line",
		"-device", "virtio-serial-pci,max_ports=2", "-device", "virtserialport,chardev=port,name=" + portName,
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

// kernelArguments are the guest kernel's (Documentation/admin-guide/kernel-parameters.txt). A panic ends the guest. An
// emulated processor leaks nothing by speculation, its time stamp counters are one and the same, and each time that its
// timer is set anew costs more than a tick: a kernel that does not know these spends half of the run on defences, on asking
// a timer device for the time, and on setting it.
var kernelArguments = []string{
	"console=ttyS0", "quiet", "panic=-1", "mitigations=off", "tsc=reliable", "clocksource=tsc", "highres=off", "nohz=off",
	"random.trust_cpu=on",
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
