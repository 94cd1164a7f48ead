package program_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"zerocopy-conformance/hack/matrix/program"
)

func TestAProgramIsFoundOnPath(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "zc-program"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	if path, err := program.Find("zc-program", "a-package"); err != nil || path != filepath.Join(folder, "zc-program") {
		t.Fatalf("found %q, %v", path, err)
	}
}

func TestAProgramThatIsNotThereIsNamedWithItsPackage(t *testing.T) {
	_, err := program.Find("zc-no-such-program", "a-package")
	const said = "zc-no-such-program: not found; it comes in the package a-package (apt-get install a-package)"
	if err == nil || err.Error() != said || !errors.Is(err, exec.ErrNotFound) {
		t.Fatalf("said %v", err)
	}
}
