package acceptance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
	"zerocopy-conformance/hack/report"
)

var _ = Describe("The command of a failure", func() {
	// failures are the failed cases of a run.
	failures := func(r *run) (all []judged) {
		GinkgoHelper()
		for _, j := range r.cases("") {
			if j.Verdict == report.Fail {
				all = append(all, j)
			}
		}
		Expect(all).NotTo(BeEmpty(), r.output())
		return all
	}
	// again runs what the failure says, in a shell at a module's root.
	again := func(failed judged, root string, m keeper.Machine, environment ...string) {
		GinkgoHelper()
		_, line, found := strings.Cut(failed.Text, "\n  again:  ")
		Expect(found).To(BeTrue(), "%v", failed)
		Expect(line).To(Equal(failed.Reproduce))
		r := task{command: []string{"sh", "-c", line}, folder: root, machine: m, environment: environment}.do()
		Expect(r.code()).NotTo(BeZero(), r.output())
		output := colour.ReplaceAllString(r.output(), "")
		Expect(output).To(MatchRegexp(`Ran 1 of \d+ Specs`), line)
		Expect(output).To(ContainSubstring(" 0 Passed | 1 Failed | "), line)
		for _, line := range strings.Split(failed.Text, "\n") {
			Expect(output).To(ContainSubstring(strings.TrimSpace(line)))
		}
	}

	It("runs just that case of an outsider's again, and fails again", func() {
		r := suiteRun(outsiders("./sabotage"), "ZC_METHODS=copying,page-shifted", "ZC_SOURCES=tmp,memfd", "ZC_SINKS=pipe,tcp,veth-sg", "ZC_SIZES=4097,20000", "ZC_OFFSETS=0,1").
			with("--ginkgo.label-filter=(INTEGRITY-RANGE && page-shifted) || COPIES-GATHER || COPIES-SHARED-TCP").do()
		all := failures(r)
		// Each takes a build: one of each requirement will do.
		tried := map[string]bool{}
		for _, failed := range all {
			if id := failed.Requirement.ID; !tried[id] {
				tried[id] = true
				Expect(failed.Reproduce).To(HavePrefix("ZC_METHODS=" + failed.Method + " "))
				Expect(failed.Reproduce).To(ContainSubstring(" go test outsider/sabotage "))
				again(failed, outsider(), keeper.Machine{}, offline...)
			}
		}
		Expect(tried).To(HaveLen(3))
	})

	It("runs just that case of the kit's own again, and fails again", func() {
		// On a kernel that refuses the call, which every kernel owes and nobody asks for first.
		noReadv := keeper.Machine{Refused: []uint32{unix.SYS_READV}}
		r := suiteRun(suite("cost"), "ZC_METHODS=read+write,readv+writev", "ZC_SOURCES=memfd,tmp", "ZC_SINKS=pipe,tcp").on(noReadv).do()
		all := failures(r)
		Expect(all).To(HaveEach(HaveField("Method", "readv+writev")))
		Expect(all[0].Reproduce).To(HaveSuffix(" go tool ginkgo run --label-filter=" + all[0].Requirement.ID + " ./suites/cost"))
		// The ginkgo command writes into the folders of the suites that it builds: it gets a copy. In the
		// tree's own place, where that can be had, the copy need not be compiled anew.
		root := treeCopy()
		if keeper.OwnRefused() == nil {
			noReadv.Covered = []keeper.Cover{{Folder: tree(), By: root}}
			root = tree()
		}
		again(all[0], root, noReadv)
	})

	It("names every variable that the user has set for the run", func() {
		set := []string{"ZC_CHUNK=4k", "ZC_OWES=6.1"}
		r := suiteRun(outsiders("./sabotage"), append(set, "ZC_METHODS=copying", "ZC_SOURCES=memfd", "ZC_SINKS=pipe")...).with("--ginkgo.label-filter=COST-CALLS").do()
		for _, failed := range failures(r) {
			for _, variable := range set {
				Expect(failed.Reproduce).To(ContainSubstring(variable + " "))
			}
		}
	})
})

// colour is what a terminal takes for one.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// treeCopy is a copy of the kit's module.
func treeCopy() string {
	GinkgoHelper()
	return once("a copy of the tree", func() (string, error) {
		root := filepath.Join(workshop, "tree")
		for _, folder := range []string{"fixtures", "hack", "impl", "suites"} {
			if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join(tree(), folder))); err != nil {
				return "", err
			}
		}
		for _, name := range []string{"go.mod", "go.sum", "Makefile"} {
			text, err := os.ReadFile(filepath.Join(tree(), name))
			if err == nil {
				err = os.WriteFile(filepath.Join(root, name), text, 0o644)
			}
			if err != nil {
				return "", err
			}
		}
		return root, nil
	})
}
