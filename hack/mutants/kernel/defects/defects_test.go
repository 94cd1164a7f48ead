package defects_test

import (
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/mutants/kernel/defects"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

func TestDefects(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/mutants/kernel/defects")
}

const (
	head = "Says: copies what it is to share\nViolates: COPIES-SHARED-TCP COST-*\nLabels: copies && tcp\n"
	diff = "--- a/net/ipv4/tcp.c\n+++ b/net/ipv4/tcp.c\n@@ -1 +1 @@\n-\tzc = 1;\n+\tzc = 0;\n"
)

var _ = Describe("A defect", func() {
	It("is read with what it says of itself", func() {
		d, err := defects.Parse("folder/tcp-copies.patch", []byte(head+"Environment: ZC_SINKS=tcp ZC_SIZES=4k\n\n"+diff))
		Expect(err).NotTo(HaveOccurred())
		Expect(d.Name).To(Equal("tcp-copies"))
		Expect(d.Says).To(Equal("copies what it is to share"))
		Expect(d.Owns("COST-CALLS")).To(BeTrue())
		Expect(d.Owns("COPIES-SHARED-UDP")).To(BeFalse())
		Expect(d.Files).To(Equal([]string{"net/ipv4/tcp.c"}))
		Expect(string(d.Diff)).To(Equal(diff))
		b := d.Batch()
		Expect(b.Filter).To(Equal("copies && tcp"))
		Expect(b.Environment).To(Equal([]string{"ZC_SINKS=tcp", "ZC_SIZES=4k"}))
		Expect(b.Mutants).To(HaveLen(1))
	})

	DescribeTable("is refused", func(file, text, says string) {
		_, err := defects.Parse(file, []byte(text))
		Expect(err).To(MatchError(And(HavePrefix(file+": "), ContainSubstring(says))))
	},
		Entry("of another kind of file", "a.diff", head+"\n"+diff, "is called NAME.patch"),
		Entry("with a name that means something", "sendfile~short.patch", head+"\n"+diff, `without blanks, colons and "~"`),
		Entry("without a diff", "a.patch", head, "an empty line and a diff are needed"),
		Entry("with a diff of nothing", "a.patch", head+"\nnothing\n", "the diff edits no file"),
		Entry("that does not say what is wrong", "a.patch", strings.Replace(head, "Says: ", "Tells: ", 1)+"\n"+diff, `the head has "Tells"; there are Says, Violates, Labels and Environment`),
		Entry("that violates nothing", "a.patch", "Says: x\nLabels: x\n\n"+diff, "the head has no Violates"),
		Entry("that says it twice", "a.patch", head+"Says: more\n\n"+diff, "Says stands there twice"),
		Entry("with a line that says nothing", "a.patch", head+"Labels\n\n"+diff, `line "Labels" of the head is no KEY: VALUE`),
		Entry("that makes a file another", "a.patch", head+"\n"+strings.Replace(diff, "+++ b/net/ipv4/tcp.c", "+++ b/net/ipv4/udp.c", 1), "a/PATH and the same b/PATH are needed"),
		Entry("that leaves the source", "a.patch", head+"\n"+strings.ReplaceAll(diff, "net/ipv4", "../net"), "within the source"),
	)
})

var _ = Describe("The defects", func() {
	It("are whole, and of different edits", func() {
		all, err := defects.All()
		Expect(err).NotTo(HaveOccurred())
		byDiff := map[string]string{}
		for _, d := range all {
			Expect(byDiff).NotTo(HaveKey(string(d.Diff)), d.Name)
			byDiff[string(d.Diff)] = d.Name
		}
	})

	It("are looked for by labels that there are", func() {
		all, err := defects.All()
		Expect(err).NotTo(HaveOccurred())
		for _, d := range all {
			Expect(spec.SelectFor(d.Labels)).To(Succeed(), d.Name)
		}
	})

	It("violate requirements that there are", func() {
		Expect(catalogue.Suites).NotTo(BeEmpty())
		all, err := defects.All()
		Expect(err).NotTo(HaveOccurred())
		for _, d := range all {
			for _, pattern := range d.Violates {
				one := d
				one.Violates = []string{pattern}
				Expect(spec.Requirements()).To(ContainElement(HaveField("ID", Satisfy(one.Owns))), "%s violates %s", d.Name, pattern)
			}
		}
	})
})
