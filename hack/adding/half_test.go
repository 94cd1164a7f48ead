package adding_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/mutants/lies"
	"zerocopy-conformance/hack/mutants/methods"
)

// half is what somebody has forgotten, or got wrong, and who says so.
type half struct {
	example string
	// without is the file that was not touched, empty where old became new in a file.
	without        string
	file, old, new string
	// since is the kernel that is held to what is wrong then, empty where all are.
	since string
	line  string
	says  []string
}

var _ = Describe("Half of it is red:", func() {
	DescribeTable("", func(h half) {
		var root string
		if h.without != "" {
			root = patched(h.example, h.without)
		} else {
			root = patched(h.example)
			edit(root, h.file, h.old, h.new)
		}
		if owes, err := kernel.Owes(); h.since != "" && err == nil {
			since, err := kernel.ParseVersion(h.since)
			Expect(err).NotTo(HaveOccurred())
			if owes.Compare(since) < 0 {
				Skip("not-checked: this kernel is not held to it (to have it checked: run on Linux " + h.since + " or newer)")
			}
		}
		code, said := shell(root, h.line)
		if strings.Contains(said, "of 1 specs, none was selected by the filters and could be run on this machine") {
			Skip("not-checked: " + said)
		}
		Expect(code).NotTo(BeZero(), said)
		for _, each := range h.says {
			Expect(said).To(ContainSubstring(each))
		}
	},
		Entry("a method that claims a copy too few", half{example: "method", file: "impl/read_sendmsg.go", old: "UserCopies: 2,", new: "UserCopies: 1,",
			line: "ZC_METHODS=read+sendmsg ZC_SINKS=unix-stream ZC_SOURCES=memfd go tool ginkgo run --no-color --label-filter=COPIES-USER ./suites/copies",
			says: []string{"COPIES-USER: each byte crosses", "seen:   2, calls map[read:1 sendmsg:1]"}}),
		Entry("a sink of which nothing is said who copies", half{example: "sink", without: "suites/copies/sharing.go",
			line: "ZC_SINKS=pipe-packet ZC_METHODS=sendfile go tool ginkgo run --no-color ./suites/copies",
			says: []string{"Invalid Empty Label", "suites/copies/sharing.go"}}),
		Entry("a sink that is in no list", half{example: "sink", without: "fixtures/sink/sink_test.go",
			line: "go test ./fixtures/sink -ginkgo.no-color -ginkgo.focus='is found by its name'",
			says: []string{"pipe-packet"}}),
		Entry("a requirement that owes something else", half{example: "requirement", file: "suites/contract/preadv2.go", old: `"fithird"`, new: `"firstthird"`, since: "6.9",
			line: "go tool ginkgo run --no-color --label-filter=PWRITEV2-NOAPPEND ./suites/contract",
			says: []string{"PWRITEV2-NOAPPEND: with RWF_NOAPPEND", "owed:   the file ", "(preadv2(2): RWF_NOAPPEND; since Linux 6.9)"}}),
		Entry("a kernel whose name stands in no row", half{example: "kernel", without: "hack/matrix/kernels/kernels.go",
			line: "go run ./hack/matrix run -labels=SENDFILE-OFFSET host-1cpu",
			says: []string{`unknown kernel "host-1cpu"; a kernel is one of`}}),
	)

	It("a patch of what is not there any more, whoever applies it", func() {
		var text strings.Builder
		for _, each := range partsOf("method") {
			text.WriteString(strings.Replace(each.text, " \t// By user memory.", " \t// By no memory.", 1))
		}
		for _, applier := range appliers {
			if _, err := exec.LookPath(applier[0]); err == nil {
				root := treeCopy()
				Expect(apply(applier, root, text.String())).To(MatchError(ContainSubstring("impl/registry.go")), applier[0])
			}
		}
	})
})

var _ = Describe("An applier", func() {
	for _, applier := range appliers {
		It("applies every patch, and leaves nothing beside it: "+applier[0], func() {
			if _, err := exec.LookPath(applier[0]); err != nil {
				Skip("not-checked: " + err.Error())
			}
			for _, e := range examples {
				root := treeCopy()
				var text strings.Builder
				for _, each := range partsOf(e.name) {
					text.WriteString(each.text)
				}
				fits(e.name, applier, root, text.String())
				Expect(filepath.Glob(filepath.Join(root, "*", "*", "*.orig"))).To(BeEmpty())
				if e.name == "method" {
					Expect(os.ReadFile(filepath.Join(root, "impl", "registry.go"))).To(ContainSubstring("ReadSendmsg"))
				}
			}
		})
	}
})

var _ = Describe("What the page asks make mutants for", func() {
	for _, e := range examples {
		It("are mutants, of a "+e.name, func() {
			var names []string
			for _, batch := range append(methods.Batches(), lies.Batches()...) {
				for _, m := range batch.Mutants {
					names = append(names, m.Name)
				}
			}
			for _, line := range commands(e.name) {
				only, is := strings.CutPrefix(line, "make mutants ONLY='")
				if !is {
					continue
				}
				pattern := regexp.MustCompile(strings.TrimSuffix(only, "'"))
				if e.name == "method" {
					// They are made of it when it is there.
					Expect(pattern.MatchString("read+sendmsg~one-bit-flipped")).To(BeTrue())
				} else {
					Expect(names).To(ContainElement(MatchRegexp(pattern.String())), line)
				}
			}
		})
	}
})
