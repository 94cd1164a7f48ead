package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"

	"zerocopy-conformance/suites/spec"
)

// printVersion says which kit this is: by the requirements that it knows, and by its own bytes, as SHA256SUMS has them.
func printVersion(w io.Writer) error {
	own, err := os.Open(ownPath())
	if err != nil {
		return fmt.Errorf("this program's own bytes: %w", err)
	}
	defer own.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, own); err != nil {
		return err
	}
	fmt.Fprintf(w, "requirements: %d, set %s\nsha256: %x\nbuilt by %s for %s/%s\n", len(spec.Requirements()), requirementSet(), sum.Sum(nil), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// requirementSet names the requirements that this kit holds kernels to: two kits that have the same name for them ask the
// same.
func requirementSet() string {
	sum := sha256.New()
	for _, r := range spec.Requirements() {
		fmt.Fprintf(sum, "%q\n", []string{r.ID, r.Text, r.Source, r.Since})
	}
	return fmt.Sprintf("%x", sum.Sum(nil))[:12]
}
