package flock_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/flock"
)

func TestFlock(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/matrix/flock")
}

var _ = Describe("A lock", func() {
	It("is one's alone, until it is given back", func() {
		path := filepath.Join(GinkgoT().TempDir(), "lock")
		unlock, err := flock.Lock(context.Background(), path)
		Expect(err).NotTo(HaveOccurred())
		brief, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_, err = flock.Lock(brief, path)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(err).To(MatchError(ContainSubstring("somebody else has the lock " + path)))
		unlock()
		unlock, err = flock.Lock(context.Background(), path)
		Expect(err).NotTo(HaveOccurred())
		unlock()
	})

	It("needs the folder of its file", func() {
		_, err := flock.Lock(context.Background(), filepath.Join(GinkgoT().TempDir(), "absent", "lock"))
		Expect(err).To(MatchError(ContainSubstring("no such file or directory")))
	})
})
