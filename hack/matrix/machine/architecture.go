package machine

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// emulator is the QEMU of an architecture, and what a kernel of it is told there.
type emulator struct {
	// program comes in the package from.
	program, from string
	// arguments name the board and the processor.
	arguments []string
	// kernel are the kernel's arguments (Documentation/admin-guide/kernel-parameters.txt).
	kernel []string
	// line is the second serial line as the guest knows it, where the board has one.
	line string
}

// emulators are those that there are, by Go's names of the architectures. A panic ends the guest. An emulated processor leaks
// nothing by speculation, its clocks are one and the same, and each time that its timer is set anew costs more than a tick:
// a kernel that does not know these spends half of the run on defences, on asking a timer device for the time, and on setting
// it. Five levels of page tables would be walked by software, too, and pointers signed with a cipher.
var emulators = map[string]emulator{
	"amd64": {
		"qemu-system-x86_64", "qemu-system-x86", []string{"-cpu", "max,la57=off"},
		[]string{"console=ttyS0", "quiet", "panic=-1", "mitigations=off", "tsc=reliable", "clocksource=tsc", "highres=off", "nohz=off", "random.trust_cpu=on"},
		"/dev/ttyS1",
	},
	"arm64": {
		"qemu-system-aarch64", "qemu-system-arm", []string{"-machine", "virt", "-cpu", "max,pauth-impdef=on,lpa2=off"},
		[]string{"console=ttyAMA0", "quiet", "panic=-1", "mitigations=off", "highres=off", "nohz=off", "random.trust_cpu=on"},
		"",
	},
}

// The header of an arm64 Image (Documentation/arch/arm64/booting.rst), and of the program that a kernel is for EFI.
const (
	headerBytes = 4096
	armMagicAt  = 56
	armMagic    = "ARM\x64"
	efiMagic    = "MZ"
	efiHeaderAt = 0x3c
	efiArm      = 0xaa64
)

// ArchitectureOf is the architecture of a kernel image: arm64 where its header says so, also where gzip has packed it; else
// amd64, whose images are many.
func ArchitectureOf(image string) (string, error) {
	file, err := os.Open(image)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var from io.Reader = bufio.NewReader(file)
	if magic, err := from.(*bufio.Reader).Peek(2); err == nil && string(magic) == "\x1f\x8b" {
		if from, err = gzip.NewReader(from); err != nil {
			return "", fmt.Errorf("%s: %w", image, err)
		}
	}
	header := make([]byte, headerBytes)
	if n, err := io.ReadFull(from, header); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("%s after %d bytes: %w", image, n, err)
	}
	if bytes.HasPrefix(header[armMagicAt:], []byte(armMagic)) || efiMachine(header) == efiArm {
		return "arm64", nil
	}
	return "amd64", nil
}

// efiMachine is the machine that a PE/COFF header is for, and 0 where there is none.
func efiMachine(header []byte) uint16 {
	at := uint64(binary.LittleEndian.Uint32(header[efiHeaderAt:]))
	if !bytes.HasPrefix(header, []byte(efiMagic)) || at+6 > uint64(len(header)) || !bytes.HasPrefix(header[at:], []byte("PE\x00\x00")) {
		return 0
	}
	return binary.LittleEndian.Uint16(header[at+4:])
}
