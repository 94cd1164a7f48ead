// Package program finds the programs that the matrix leaves its work to, and says of one that is not there which of
// Debian's packages has it.
package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// folders have programs that are on no ordinary user's PATH.
var folders = []string{"/usr/sbin", "/sbin", "/usr/lib/apt", "/usr/libexec/apt"}

// MissingError says that a program is not on this machine. It is an exec.ErrNotFound.
type MissingError struct {
	// Program is its name, and Package Debian's that it comes in.
	Program, Package string
}

func (m *MissingError) Error() string {
	return fmt.Sprintf("%s: not found; it comes in the package %s (apt-get install %s)", m.Program, m.Package, m.Package)
}

// Unwrap has it told by errors.Is.
func (m *MissingError) Unwrap() error { return exec.ErrNotFound }

// Find finds a program on PATH, or where those are that need not be on it. A *MissingError says that it is not there.
func Find(program, fromPackage string) (path string, err error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, folder := range folders {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", &MissingError{program, fromPackage}
}
