package sonobuoy_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/sonobuoy"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func TestSonobuoy(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/sonobuoy")
}

// answered is a report with a requirement for each of some verdicts.
func answered(verdicts ...report.Verdict) *report.Report {
	r := &report.Report{Ledger: []ledger.Row{}, Requirements: []report.Requirement{}, Summary: map[report.Verdict]int{}}
	r.Kernel.Release, r.Environment.Sandbox = "6.12.1", []string{}
	for _, v := range verdicts {
		r.Requirements = append(r.Requirements, report.Requirement{
			Requirement: spec.Requirement{ID: "OF-" + string(v), Text: "it is so", Source: "page(2)", Since: "5.3"},
			Verdict:     v, Reason: "owed: 1\nseen: 2", Cases: map[report.Verdict]int{v: 3}, NotChecked: map[string]int{}, Reproduce: "run it",
		})
		r.Summary[v]++
	}
	return r
}

// worker is one whose folder is a new one.
func worker() (w *sonobuoy.Worker, folder string) {
	GinkgoHelper()
	folder = GinkgoT().TempDir()
	GinkgoT().Setenv(sonobuoy.ResultsVariable, folder)
	w, err := sonobuoy.Open()
	Expect(err).NotTo(HaveOccurred())
	return w, folder
}

// handedOver are the files that the worker is told of.
func handedOver(folder string) map[string][]byte {
	GinkgoHelper()
	path, err := os.ReadFile(filepath.Join(folder, "done"))
	Expect(err).NotTo(HaveOccurred())
	packed, err := os.ReadFile(string(path))
	Expect(err).NotTo(HaveOccurred())
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	Expect(err).NotTo(HaveOccurred())
	files := map[string][]byte{}
	for archive := tar.NewReader(zip); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		Expect(err).NotTo(HaveOccurred())
		files[header.Name], err = io.ReadAll(archive)
		Expect(err).NotTo(HaveOccurred())
	}
}

// archive is what sonobuoy retrieve brings: files by their paths.
func archive(files map[string][]byte) string {
	GinkgoHelper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	all := tar.NewWriter(zip)
	for name, text := range files {
		Expect(all.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))})).To(Succeed())
		_, err := all.Write(text)
		Expect(err).NotTo(HaveOccurred())
	}
	Expect(all.Close()).To(Succeed())
	Expect(zip.Close()).To(Succeed())
	path := filepath.Join(GinkgoT().TempDir(), "sonobuoy.tar.gz")
	Expect(os.WriteFile(path, packed.Bytes(), 0o600)).To(Succeed())
	return path
}
