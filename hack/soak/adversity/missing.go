package adversity

import (
	"fmt"
	"os/exec"
)

// missing is why a condition cannot be posed, and what would let it.
func missing(what, why, remedy string) error {
	return fmt.Errorf("%s is not available: %s (to have it posed: %s)", what, why, remedy)
}

// program says why a program of the distribution cannot be had.
func program(name, ofPackage string) func() error {
	return func() error {
		if _, err := exec.LookPath(name); err != nil {
			return missing(name, "it is not in PATH", "install "+ofPackage)
		}
		return nil
	}
}

// first is the first of the reasons.
func first(reasons ...func() error) func() error {
	return func() error {
		for _, reason := range reasons {
			if err := reason(); err != nil {
				return err
			}
		}
		return nil
	}
}
