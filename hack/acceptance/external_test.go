package acceptance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/program"
)

// askedBy is the requirement that a failure is to be of: the one that its text begins with, or the usual one.
func askedBy(says, usual string) string {
	if id, _, is := strings.Cut(says, ": "); is && strings.HasPrefix(id, "EXTERNAL-") {
		return id
	}
	return usual
}

var _ = Describe("A program that a user names", func() {
	tried := func(line string, variables ...string) *run {
		return suiteRun(suite("external"), append([]string{"ZC_SINKS=pipe", "ZC_PROGRAM=" + line}, variables...)...).do()
	}

	It("is told in a sentence by what it moves bytes, and is green where it claims nothing", func() {
		r := tried("dd if={file} bs=64k status=none")
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(MatchRegexp("`dd if={file} bs=64k status=none`: read \\+ write, 64 KiB at a time: 33 calls and 2 CPU copies a MiB; sendfile would do with \\d+ and [01] \\(into pipe\\)"))
	})

	It("is red by that sentence where it claims not to copy, and does", func() {
		r := tried("copies=0 dd if={file} bs=64k status=none")
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(And(ContainSubstring("owed:   copies=0"), ContainSubstring("seen:   `dd if={file} bs=64k status=none`: read + write, 64 KiB at a time: 33 calls and 2 CPU copies a MiB"),
			ContainSubstring("again:  ZC_PROGRAM='copies=0 dd if={file} bs=64k status=none' ZC_SINKS=pipe go tool ginkgo run --label-filter=EXTERNAL-CLAIM ./suites/external")))
	})

	DescribeTable("is red, with what is wrong with it, when it", func(line, says string) {
		r := suiteRun(suite("external"), "ZC_SINKS=pipe", "ZC_PATIENCE=3s", "ZC_PROGRAM="+line).with("--ginkgo.label-filter=" + askedBy(says, "EXTERNAL-BYTES")).do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring(says))
		Expect(r.output()).NotTo(ContainSubstring("kit-error"))
	},
		Entry("is not there", "no-such-program {file}", "no-such-program: no program of that name is on PATH"),
		Entry("fails", "dd if={file}x status=none", "exit code 1: "),
		Entry("is silent", "sh -c 'exit 0' {file}", "stream ends after 0 of 1 byte"),
		Entry("ends too soon", "head -c 100 {file}", "stream ends after 100 of 4097 bytes"),
		Entry("says too much", `sh -c 'cat "$0" "$0"' {file}`, "stream holds 1 byte more than the 1 owed"),
		Entry("hangs", "sh -c 'sleep 1000' {file}", "it has not ended after 3s, and was killed, sh in "),
		Entry("hangs when its reader has left", `sh -c 'cat "$0" || exec sleep 1000' {file}`, "EXTERNAL-ABANDONED: a program whose reader has left ends by itself"),
		Entry("leaves somebody behind", `sh -c 'cat "$0"; sleep 1000 >/dev/null 2>&1 &' {file}`, "it has left processes behind, which were killed: sleep"),
		Entry("wants a terminal", `sh -c 'exec < /dev/tty && cat "$0"' {file}`, "/dev/tty: No such device or address"),
		Entry("ignores what it is told", "sh -c 'echo hello' {file}", "stream holds 6 bytes more than the 0 owed"),
		Entry("is ended by a signal", "sh -c 'kill -KILL $$' {file}", "SIGKILL has ended it"),
	)

	DescribeTable("is refused before anything is run where", func(variable, value, says string) {
		Expect(refused(suiteRun(suite("external"), variable+"="+value), variable)).To(ContainSubstring(says))
	},
		Entry("it has no source", "ZC_PROGRAM", "cat", "its command line has neither {file}"),
		Entry("it has a placeholder that there is not", "ZC_PROGRAM", "cat {path}", "{path} is no placeholder; there are: {file}, "),
		Entry("it claims what cannot be claimed", "ZC_PROGRAM", "switches=2 cat {file}", `"switches=2" is no claim; there are: copies=N`),
		Entry("its list is not there", "ZC_PROGRAMS", "/no/such/list", "no such file or directory"),
	)

	It("may be one of a list, of which each is tried", func() {
		list := filepath.Join(GinkgoT().TempDir(), "list")
		Expect(os.WriteFile(list, []byte("# two\nthe-cat cat {file}\nthe-dd calls<=33 dd if={file} bs=64k status=none\n"), 0o600)).To(Succeed())
		r := suiteRun(suite("external"), "ZC_SINKS=pipe", "ZC_PROGRAMS="+list).do()
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(And(MatchRegexp(`the-cat +pipe +\S`), MatchRegexp(`the-dd +pipe +read \+ write +64 KiB +33 +2\n`)))
	})

	It("of the gallery is named as it has to be, and need not be there", func() {
		GinkgoT().Setenv(program.Variable, "")
		GinkgoT().Setenv(program.ListVariable, filepath.Join(tree(), "hack", "gallery", "programs"))
		all, err := program.Named()
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveEach(HaveField("Optional", true)))
	})

	It("that nobody names is the machine's own cat(1)", func() {
		if _, err := exec.LookPath("cat"); err != nil {
			Skip("not-checked: " + err.Error())
		}
		r := suiteRun(suite("external"), "ZC_SINKS=pipe").do()
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(ContainSubstring("`cat {file}`: "))
	})

	It("is not-checked into sinks that no program can be given, and the run is red", func() {
		r := suiteRun(suite("external"), "ZC_SINKS=udp").do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring("ZC_SINKS names none of them (to have it checked: have it name some of unix-stream, tcp, veth-sg, veth-nosg, pipe, file)"))
	})
})
