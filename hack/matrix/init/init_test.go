package main_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
)

// suite is a job's suite that is a shell script.
func suite(name, script string) (job.Suite, []byte) {
	return job.Suite{Name: name, Program: "/suites/" + name}, []byte("#!/bin/sh\n" + script)
}

// done has init do a job on this machine.
func done(j job.Job, scripts map[string][]byte) *guest.Words {
	GinkgoHelper()
	return doneIn(GinkgoT().TempDir(), j, scripts)
}

func doneIn(folder string, j job.Job, scripts map[string][]byte) *guest.Words {
	GinkgoHelper()
	boot := machine.Boot{Folder: folder, Job: j}
	boot.Root.Add("/init", program, 0o755)
	for name, script := range scripts {
		boot.Root.AddBytes("/suites/"+name, script, 0o755)
	}
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := machine.Host{}.Run(context.Background(), boot, write, GinkgoWriter)
		write.Close()
		ended <- err
	}()
	words, err := guest.Hear(read, func(string, bool) {})
	Expect(err).NotTo(HaveOccurred())
	Expect(<-ended).To(Succeed())
	return words
}

// ran is what init says of one script.
func ran(script string, patience time.Duration) (job.Ended, string) {
	GinkgoHelper()
	folder := GinkgoT().TempDir()
	temp := GinkgoT().TempDir()
	GinkgoT().Setenv("TMPDIR", temp)
	s, text := suite("one", script)
	words := doneIn(folder, job.Job{Suites: []job.Suite{s}, AtOnce: 1, SuitePatience: patience}, map[string][]byte{"one": text})
	Expect(os.ReadDir(temp)).To(BeEmpty(), "left behind")
	return words.Ended["one"], words.Output["one"].String()
}

var _ = Describe("init", func() {
	It("says what a suite printed, and its exit code", func() {
		how, output := ran("echo out; echo err >&2; exit 7", time.Minute)
		Expect(how.Exit).To(Equal(7))
		Expect(how.Why).To(BeEmpty())
		Expect(output).To(Equal("out\nerr\n"))
	})

	It("says by which signal a suite ended", func() {
		how, _ := ran("kill -9 $$", time.Minute)
		Expect(how.Exit).To(Equal(-1))
		Expect(how.Why).To(Equal("signal: killed"))
	})

	It("ends a suite that takes too long, though it will not", func() {
		how, _ := ran("trap '' QUIT; while :; do sleep 1000 & wait; done", 100*time.Millisecond)
		Expect(how.Why).To(Equal("it did not end within 100ms, and was ended"))
	})

	It("names a suite whose report is not there", func() {
		s, text := suite("one", "exit 0")
		s.Report = true
		words := done(job.Job{Suites: []job.Suite{s}}, map[string][]byte{"one": text})
		Expect(words.Ended["one"].Why).To(ContainSubstring("it ended with exit code 0 and left no report"))
	})

	It("names a suite whose program is not there, and goes on", func() {
		absent, _ := suite("absent", "")
		s, text := suite("one", "echo $0 ran")
		words := done(job.Job{Suites: []job.Suite{absent, s}}, map[string][]byte{"one": text})
		Expect(words.Ended["absent"].Why).To(ContainSubstring("no such file or directory"))
		Expect(words.Output["one"].String()).To(ContainSubstring("ran"))
	})

	It("runs as many suites at a time as it is told, and begins them in order", func() {
		// Each waits for the other: one after the other they would never end.
		folder := GinkgoT().TempDir()
		meet := func(mine, other string) string {
			return "cd " + folder + "; mkfifo " + mine + " 2>/dev/null; mkfifo " + other + " 2>/dev/null; echo here >" + other + " & read line <" + mine + "; wait"
		}
		a, first := suite("a", meet("a", "b"))
		b, second := suite("b", meet("b", "a"))
		words := done(job.Job{Suites: []job.Suite{a, b}, AtOnce: 2, SuitePatience: 30 * time.Second}, map[string][]byte{"a": first, "b": second})
		Expect(words.Ended).To(HaveEach(HaveField("Why", "")))
		Expect(words.Ended).To(HaveLen(2))
		words = done(job.Job{Suites: []job.Suite{b, a}, AtOnce: 1}, map[string][]byte{"a": []byte("#!/bin/sh\n"), "b": []byte("#!/bin/sh\n")})
		Expect(words.Began).To(Equal([]string{"b", "a"}))
	})

	It("gives a suite the job's environment, its own, and the deviations", func() {
		GinkgoT().Setenv("THEIRS", "theirs")
		s, text := suite("one", `echo "$THEIRS $ALL $OWN $ZC_DEVIATIONS"`)
		s.Environment = []string{"OWN=own"}
		words := done(job.Job{Suites: []job.Suite{s}, Environment: []string{"ALL=all"}, Deviations: "/deviations"}, map[string][]byte{"one": text})
		Expect(words.Output["one"].String()).To(MatchRegexp(`^theirs all own /.*/root/deviations\n$`))
	})

	It("leaves a suite out whose network interfaces are not there, and lends those that are", func() {
		s, text := suite("one", `echo "$ZC_NICS"`)
		s.Cards = []string{"02:00:00:00:00:00", "02:00:00:00:00:01"}
		words := done(job.Job{Suites: []job.Suite{s}}, map[string][]byte{"one": text})
		Expect(words.Ended["one"].LeftOut).To(Equal("there is no network interface with the address 02:00:00:00:00:00"))
		// Every machine has lo, whose address is this.
		s.Cards = []string{"00:00:00:00:00:00"}
		words = done(job.Job{Suites: []job.Suite{s}}, map[string][]byte{"one": text})
		Expect(words.Output["one"].String()).To(Equal("lo\n"))
	})

	It("refuses what is no job", func() {
		for _, text := range []string{"", "{"} {
			path := filepath.Join(GinkgoT().TempDir(), "job.json")
			Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
			_, err := job.Read(path)
			Expect(err).To(MatchError(ContainSubstring(path + " is no job")))
		}
	})
})
