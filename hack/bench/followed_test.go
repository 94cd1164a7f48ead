package bench_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/web"
	"zerocopy-conformance/hack/bench"
)

// serveVariable makes this program a server at an address, of the folder that it is started in; by read and write where
// plainVariable is set.
const (
	serveVariable = "BENCH_TEST_SERVE"
	plainVariable = "BENCH_TEST_PLAIN"
)

// plain hides from net/http that it writes to a connection.
type plain struct{ http.ResponseWriter }

func serve(address string) {
	files := http.FileServer(http.Dir("."))
	_ = http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if os.Getenv(plainVariable) != "" {
			w = plain{w}
		}
		files.ServeHTTP(w, r)
	}))
	os.Exit(1)
}

// ownServer is this program as a server of Go's, which answers by sendfile(2).
func ownServer() bench.Server {
	GinkgoHelper()
	port, err := web.FreePort()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(port.Close)
	own, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	at := netip.MustParseAddrPort(fmt.Sprintf("127.0.0.1:%d", port.Number))
	return bench.Server{
		Name: "Go's http.FileServer", Line: []string{own}, Environment: append(os.Environ(), serveVariable+"="+at.String()),
		Folder: GinkgoT().TempDir(), Server: web.Server{Address: at, Host: "here"},
	}
}

var _ = Describe("A server that is followed", func() {
	It("is timed beside one that is not", func(ctx SpecContext) {
		followed, experiment, err := bench.MeasureFollowed(ctx, ownServer(), 1<<20, 2)
		Expect(err).NotTo(HaveOccurred())
		if followed.NotChecked != "" {
			Skip("not-checked: " + followed.NotChecked)
		}
		Expect(followed.Rounds).To(Equal(2))
		Expect(followed.AloneSeconds).To(BeNumerically(">", 0))
		Expect(followed.FollowedSeconds).To(BeNumerically(">", 0))
		Expect(experiment.Get("an answer").Durations).To(HaveLen(2))
		Expect(experiment.Get("an answer that is followed").Durations).To(HaveLen(2))
	})

	It("is not timed where it answers otherwise than by sendfile, or not at all", func(ctx SpecContext) {
		s := ownServer()
		s.Environment = append(s.Environment, plainVariable+"=1")
		_, _, err := bench.MeasureFollowed(ctx, s, 1<<20, 1)
		Expect(err).To(MatchError(ContainSubstring(`it is no answer by sendfile: "read + write"`)))
		s.Line = []string{"/no/such/server"}
		_, _, err = bench.MeasureFollowed(ctx, s, 1, 1)
		Expect(err).To(MatchError(ContainSubstring("no such file or directory")))
	})

	It("is no longer timed when it is interrupted", func(ctx SpecContext) {
		interrupted, interrupt := context.WithCancel(ctx)
		interrupt()
		_, _, err := bench.MeasureFollowed(interrupted, ownServer(), 1, 1)
		Expect(err).To(MatchError(context.Canceled))
	})
})
