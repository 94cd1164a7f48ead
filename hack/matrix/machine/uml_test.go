package machine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/machine"
)

var _ = Describe("User-Mode Linux", func() {
	// ended is how a guest ends whose kernel is a script.
	ended := func(script string) (err error, console string) {
		GinkgoHelper()
		program := filepath.Join(GinkgoT().TempDir(), "linux")
		Expect(os.WriteFile(program, []byte("#!/bin/sh\ntest \"$1\" = --version && { echo 6.12; exit; }\n"+script), 0o755)).To(Succeed())
		var printed, words bytes.Buffer
		err = machine.UML{Program: program}.Run(context.Background(), machine.Boot{Folder: GinkgoT().TempDir()}, &words, &printed)
		return err, printed.String()
	}

	It("has ended in order when its kernel has powered off, whatever becomes of its process then", func() {
		err, console := ended("printf 'reboot: Po'; sleep 0.1; echo 'wer down'; kill -ABRT $$")
		Expect(err).NotTo(HaveOccurred())
		Expect(console).To(Equal("reboot: Power down\n"))
	})

	It("has not when its process ends before that", func() {
		err, _ := ended("echo 'Kernel panic - not syncing'; kill -ABRT $$")
		Expect(err).To(MatchError(ContainSubstring("signal: aborted")))
	})
})
