package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/kernel"
)

// roomForRegisters is the oldest User-Mode Linux that may have room for the registers of a processor with AMX. 6.1 has not
// (HOST_FP_SIZE of its arch/x86/um/user-offsets.c), and its first process ends by a signal, which is a panic. 6.12 has where
// it is built as hack/mutants/kernel builds it; younger ones ask the host for the size.
const roomForRegisters = "6.12"

// numbers are what a release begins with.
var numbers = regexp.MustCompile(`^\d+\.\d+(\.\d+)?`)

// Fits says why a program of User-Mode Linux cannot run processes on this machine's processor, nil where it can.
func (u UML) Fits() error {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || !slices.Contains(strings.Fields(string(text)), "amx_tile") {
		return nil
	}
	said, err := exec.Command(u.Program, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", u.Program, err)
	}
	return fits(strings.TrimSpace(string(said)))
}

// fits is the same of a version, on a processor with AMX.
func fits(version string) error {
	its, err := kernel.ParseVersion(numbers.FindString(version))
	if err != nil {
		return fmt.Errorf("User-Mode Linux %s: %w", version, err)
	}
	if first, err := kernel.ParseVersion(roomForRegisters); err != nil || its.Compare(first) >= 0 {
		return err
	}
	return errors.New("User-Mode Linux " + version + " has no room for the registers of a processor with AMX (amx_tile in /proc/cpuinfo): take one " +
		"that has, newer than " + roomForRegisters + " as a rule, or boot this machine with clearcpuid=amx_tile")
}
