// Package own_test is a suite that a soak is tried on: it passes, or does what the environment says.
package own_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

func TestOwn(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "own")
}

var _ = ginkgo.It("does what it is told", func(ctx ginkgo.SpecContext) {
	switch os.Getenv("OWN") {
	case "fails":
		ginkgo.Fail("this spec fails")
	case "litters":
		gomega.Expect(os.WriteFile(filepath.Join(os.TempDir(), "litter"), nil, 0o600)).To(gomega.Succeed())
	case "exits":
		os.Exit(3)
	case "leaves":
		gomega.Expect(exec.Command("sleep", "1000").Start()).To(gomega.Succeed())
	case "evicted":
		file, err := os.CreateTemp("", "")
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(os.Remove(file.Name())).To(gomega.Succeed())
		gomega.Expect(file.WriteString("bytes")).To(gomega.Equal(5))
		gomega.Expect(file.Sync()).To(gomega.Succeed())
		gomega.Eventually(ctx, func() bool { return cached(file) }).WithTimeout(time.Minute).WithPolling(10 * time.Millisecond).Should(gomega.BeFalse())
		// To open a pipe's end would give it a reader.
		reader, writer, err := os.Pipe()
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(reader.Close()).To(gomega.Succeed())
		for range 2000 {
			_, err := unix.Write(int(writer.Fd()), []byte("x"))
			gomega.Expect(err).To(gomega.MatchError(unix.EPIPE))
			time.Sleep(50 * time.Microsecond)
		}
	case "waits":
		<-ctx.Done()
	case "ignores":
		// It does not end, and leaves no report, unless it is killed.
		time.Sleep(time.Hour)
	}
})

// cached says whether a file's first page is in the page cache (mincore(2)). It is not read for it.
func cached(file *os.File) bool {
	mapping, err := unix.Mmap(int(file.Fd()), 0, 1, unix.PROT_READ, unix.MAP_SHARED)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	defer unix.Munmap(mapping)
	state := make([]byte, 1)
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapping[0])), 1, uintptr(unsafe.Pointer(&state[0])))
	gomega.Expect(errno).To(gomega.BeZero())
	return state[0]&1 == 1
}
