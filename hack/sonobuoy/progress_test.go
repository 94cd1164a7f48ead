package sonobuoy_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/sonobuoy"
)

var _ = Describe("How far a run is", func() {
	It("goes to the worker: the first at once, and the last when it ends", func() {
		var told []map[string]any
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			one := map[string]any{"method": r.Method, "path": r.URL.Path}
			Expect(json.NewDecoder(r.Body).Decode(&one)).To(Succeed())
			told = append(told, one)
		}))
		DeferCleanup(server.Close)
		where, err := url.Parse(server.URL)
		Expect(err).NotTo(HaveOccurred())
		GinkgoT().Setenv(sonobuoy.ProgressVariable, where.Port())
		w, _ := worker()
		var log bytes.Buffer
		teller := w.Teller(&log)
		for n := range 1000 {
			teller.Tell(sonobuoy.Progress{Message: "copies runs", Total: 1000, Completed: n + 1})
		}
		teller.Tell(sonobuoy.Progress{Message: "safety runs", Total: 1000, Completed: 1000, Failures: []string{"it is not"}})
		teller.End()
		teller.End()
		Expect(log.String()).To(BeEmpty())
		Expect(told[0]).To(Equal(map[string]any{"method": "POST", "path": "/progress", "msg": "copies runs", "total": 1000., "completed": 1.}))
		Expect(told[len(told)-1]).To(Equal(map[string]any{"method": "POST", "path": "/progress", "msg": "safety runs", "total": 1000., "completed": 1000., "failures": []any{"it is not"}}))
		Expect(len(told)).To(BeNumerically("<", 500), "each spec was told")
	})

	DescribeTable("that cannot be told is no failure, and told once", func(port func() string, says string) {
		GinkgoT().Setenv(sonobuoy.ProgressVariable, port())
		w, _ := worker()
		var log bytes.Buffer
		teller := w.Teller(&log)
		teller.Tell(sonobuoy.Progress{})
		teller.Tell(sonobuoy.Progress{})
		teller.End()
		Expect(bytes.Count(log.Bytes(), []byte("progress could not be told"))).To(Equal(1))
		Expect(log.String()).To(ContainSubstring(says))
	},
		Entry("where nobody listens", func() string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			Expect(err).NotTo(HaveOccurred())
			Expect(l.Close()).To(Succeed())
			return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		}, "connection refused"),
		Entry("where the port is not named", func() string { return "" }, "SONOBUOY_PROGRESS_PORT is not set"),
		// Sonobuoy 0.57.3 answers so to every DaemonSet: its aggregator's path for them has no leading slash, and is none.
		Entry("where the aggregator has no such path", func() string {
			server := httptest.NewServer(http.NotFoundHandler())
			DeferCleanup(server.Close)
			where, err := url.Parse(server.URL)
			Expect(err).NotTo(HaveOccurred())
			return where.Port()
		}, "the worker answers 404 Not Found"),
	)
})
