package debian_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// processesOf are those in whose environment a folder stands.
func processesOf(folder string) (all []string) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		// It may be gone by now.
		if environment, err := os.ReadFile(file); err == nil && bytes.Contains(environment, []byte(folder)) {
			all = append(all, file)
		}
	}
	return all
}

var _ = Describe("A fetch that was broken off", func() {
	It("leaves no process behind, and is gone on with", func() {
		a := newArchive()
		a.add("runsc", "1.0-1", "", map[string]string{"usr/bin/runsc": strings.Repeat("x", 4<<20)})
		ctx, breakOff := context.WithCancel(deadline())
		defer breakOff()
		cache, half := GinkgoT().TempDir(), make(chan struct{}, 1)
		var ranges atomic.Pointer[string]
		var fetches atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path := filepath.Join(a.folder, filepath.FromSlash(r.URL.Path))
			if !strings.HasSuffix(path, ".deb") || fetches.Add(1) > 1 {
				if given := r.Header.Get("Range"); strings.HasSuffix(path, ".deb") {
					ranges.Store(&given)
				}
				http.ServeFile(w, r, path)
				return
			}
			deb, err := os.ReadFile(path)
			info, statErr := os.Stat(path)
			if err != nil || statErr != nil {
				http.Error(w, "no file", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(deb)))
			w.Header().Set("Last-Modified", info.ModTime().UTC().Format(http.TimeFormat))
			w.Write(deb[:len(deb)/2])
			w.(http.Flusher).Flush()
			half <- struct{}{}
			<-r.Context().Done()
		}))
		DeferCleanup(server.Close)
		GinkgoT().Setenv("no_proxy", "127.0.0.1")
		s := open(cache, server.URL)
		go func() {
			defer GinkgoRecover()
			defer breakOff()
			Eventually(half).WithTimeout(patience).Should(Receive())
			// What apt has written of it is what it can go on from.
			Eventually(func() int64 {
				files, _ := filepath.Glob(filepath.Join(cache, "debs", "partial", "*"))
				if len(files) == 0 {
					return 0
				}
				info, err := os.Stat(files[0])
				if err != nil {
					return 0
				}
				return info.Size()
			}).WithTimeout(patience).WithPolling(time.Millisecond).Should(BeNumerically(">", 0))
		}()

		_, err := s.Program(ctx, "runsc", "", "usr/bin/runsc")
		Expect(err).To(MatchError(context.Canceled))
		Eventually(func() []string { return processesOf(cache) }).WithTimeout(patience).WithPolling(time.Millisecond).Should(BeEmpty())
		Expect(os.ReadDir(filepath.Join(cache, "trees"))).To(BeEmpty())

		p, err := s.Program(deadline(), "runsc", "", "usr/bin/runsc")
		Expect(err).NotTo(HaveOccurred())
		Expect(os.Stat(p.Path)).To(HaveField("Size()", int64(4<<20)))
		Expect(*ranges.Load()).To(MatchRegexp(`^bytes=[1-9]\d*-$`))
	})
})
