package sonobuoy_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/judge"
	"zerocopy-conformance/hack/sonobuoy"
)

// itemOf is an item of Sonobuoy's, as the tests read it.
type itemOf struct {
	Name, Status string
	Details      map[string]any
	Items        []itemOf
}

// sonobuoys are the results that are handed over.
func sonobuoys(r sonobuoy.Result) itemOf {
	GinkgoHelper()
	w, folder := worker()
	Expect(w.Report(r, nil)).To(Succeed())
	var root itemOf
	Expect(json.Unmarshal(handedOver(folder)["sonobuoy_results.yaml"], &root)).To(Succeed())
	return root
}

var _ = Describe("The plugin", func() {
	It("hands over the results with the files beside them, once", func() {
		w, folder := worker()
		Expect(w.Reported()).To(BeFalse())
		Expect(w.Report(sonobuoy.Result{Report: answered(report.Pass), Words: "6.12.1: conformant"}, map[string][]byte{"report.json": []byte("{}"), "junit.xml": []byte("<a/>")})).To(Succeed())
		Expect(w.Reported()).To(BeTrue())
		files := handedOver(folder)
		Expect(slices.Sorted(maps.Keys(files))).To(Equal([]string{"junit.xml", "report.json", "sonobuoy_results.yaml"}))
		Expect(files["junit.xml"]).To(BeEquivalentTo("<a/>"))
		left, err := filepath.Glob(filepath.Join(folder, ".*"))
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(BeEmpty())
	})

	It("says of each requirement what is owed, what was seen and how to see it again", func() {
		root := sonobuoys(sonobuoy.Result{Report: answered(report.Verdicts...), Words: "…\n6.12.1: the kit broke\n", Code: judge.Broke})
		Expect(root.Items).To(HaveLen(1 + len(report.Verdicts)))
		for i, status := range []string{"passed", "failed", "skipped", "skipped", "skipped", "failed"} {
			verdict := string(report.Verdicts[i])
			Expect(root.Items[i+1]).To(Equal(itemOf{Name: "OF-" + verdict, Status: status, Details: map[string]any{
				"verdict": verdict, "owed": "it is so", "source": "page(2)", "since": "5.3", "seen": "owed: 1\nseen: 2", "again": "run it", "places": map[string]any{verdict: 3.},
			}}))
		}
		Expect(root.Details).To(HaveKeyWithValue("kernel", "6.12.1"))
	})

	DescribeTable("has the run as a whole counted, as one that", func(r sonobuoy.Result, status, name string) {
		root := sonobuoys(r)
		Expect(root.Status).To(Equal(status))
		Expect(root.Items[0]).To(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{"Name": Equal(name), "Status": Equal(status)}))
	},
		Entry("conforms", sonobuoy.Result{Report: answered(report.Pass), Code: judge.Conformant, Words: "x\n6.12.1: conformant\n"}, "passed", "verdict: 6.12.1: conformant"),
		Entry("deviates", sonobuoy.Result{Report: answered(report.Fail), Code: judge.Deviates, Words: "6.12.1: deviates"}, "failed", "verdict: 6.12.1: deviates"),
		Entry("could check nothing", sonobuoy.Result{Report: answered(report.NotChecked), Code: judge.Unchecked, Words: "not enough"}, "unknown", "verdict: not enough"),
		Entry("broke", sonobuoy.Result{Report: answered(report.KitError), Code: judge.Broke, Words: "broke"}, "failed", "verdict: broke"),
		Entry("came to no end", sonobuoy.Result{Failure: errors.New("no\nroom"), Code: judge.Broke}, "failed", "the run came to no end: no room"),
	)

	It("is not one where Sonobuoy has not started it", func() {
		for value, says := range map[string]string{"": "SONOBUOY_RESULTS_DIR is not set", "/no/such": "no such file or directory", os.Args[0]: "is no folder"} {
			GinkgoT().Setenv(sonobuoy.ResultsVariable, value)
			_, err := sonobuoy.Open()
			Expect(err).To(MatchError(ContainSubstring(says)))
		}
	})

	It("writes nothing outside of the node's folder", func() {
		w, folder := worker()
		Expect(w.Report(sonobuoy.Result{Report: answered()}, map[string][]byte{"../x": nil})).To(MatchError(ContainSubstring("is no name of a file")))
		Expect(os.ReadDir(folder)).To(BeEmpty())
	})
})

var _ = Describe("Sonobuoy's archive", func() {
	const nodes = "plugins/" + sonobuoy.Plugin + "/"
	handed := func(r sonobuoy.Result) []byte {
		GinkgoHelper()
		w, folder := worker()
		Expect(w.Report(r, nil)).To(Succeed())
		return handedOver(folder)["sonobuoy_results.yaml"]
	}
	written := func(r *report.Report) []byte {
		GinkgoHelper()
		text, err := json.Marshal(r)
		Expect(err).NotTo(HaveOccurred())
		return text
	}

	It("is a column for each node, also for one that has not reported", func() {
		whole := answered(report.Pass)
		columns, err := sonobuoy.Read(archive(map[string][]byte{
			nodes + "results/b/report.json":             written(whole),
			nodes + "results/b/sonobuoy_results.yaml":   handed(sonobuoy.Result{Report: whole}),
			nodes + "results/a/sonobuoy_results.yaml":   handed(sonobuoy.Result{Failure: errors.New("no room")}),
			nodes + "errors/c/error.json":               []byte(`{"error": "timeout waiting for results", "pod": {}}`),
			nodes + "sonobuoy_results.yaml":             []byte("name: x"),
			"plugins/e2e/results/d/report.json":         []byte("{}"),
			"resources/ns/sonobuoy/core_v1_pods.json":   []byte("{}"),
			nodes + "results/b/deeper/down/report.json": []byte("{}"),
		}))
		Expect(err).NotTo(HaveOccurred())
		Expect(columns).To(Equal([]report.Column{{Name: "a", Broken: "no room"}, {Name: "b", Report: whole}, {Name: "c", Broken: "Sonobuoy has no results of it: timeout waiting for results"}}))
	})

	DescribeTable("that is none is refused, with what is wrong:", func(says string, files map[string][]byte) {
		_, err := sonobuoy.Read(archive(files))
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("of another plugin", "holds no node's results under plugins/zerocopy-conformance", map[string][]byte{"plugins/e2e/results/global/e2e.log": nil}),
		Entry("of another version of the kit", "node a: report.json is no report of this version of the kit: key environment is missing", map[string][]byte{nodes + "results/a/report.json": []byte("{}")}),
		Entry("with a report that is cut short", "node a: report.json is no JSON", map[string][]byte{nodes + "results/a/report.json": []byte(`{"kernel": `)}),
		Entry("with another's results", "node a: sonobuoy_results.yaml: ", map[string][]byte{nodes + "results/a/sonobuoy_results.yaml": []byte("name: x")}),
		Entry("with results of nothing", "it has no item", map[string][]byte{nodes + "results/a/sonobuoy_results.yaml": []byte("{}")}),
		Entry("with a report that nobody has written", "has 67108865 bytes, and 67108864 are the most", map[string][]byte{nodes + "results/a/report.json": make([]byte, 64<<20+1)}),
		Entry("with an error that says nothing", "key error is missing", map[string][]byte{nodes + "errors/a/error.json": []byte("{}")}),
	)

	It("that is cut short or no archive is refused", func() {
		path := archive(map[string][]byte{nodes + "results/a/report.json": written(answered(report.Pass))})
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		for _, bad := range [][]byte{text[:len(text)/2], []byte("{}"), nil} {
			Expect(os.WriteFile(path, bad, 0o600)).To(Succeed())
			_, err = sonobuoy.Read(path)
			Expect(err).To(MatchError(ContainSubstring("the archive that sonobuoy retrieve brings is expected")))
		}
		_, err = sonobuoy.Read("/no/such.tar.gz")
		Expect(err).To(MatchError(os.ErrNotExist))
	})
})
