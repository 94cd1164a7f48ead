package acceptance_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/web"
)

// ownServer is a command line that has this program serve in one of the ways.
func ownServer(way, address, folder string) string {
	GinkgoHelper()
	return fmt.Sprintf("'%s' %s '%s' %s %s", ownPath(), serveArgument, way, address, folder)
}

func ownPath() string {
	GinkgoHelper()
	own, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	return own
}

// fileserver is the gallery's server of Go.
func fileserver() string {
	GinkgoHelper()
	return once("the gallery's server", func() (string, error) {
		program := filepath.Join(workshop, "fileserver")
		build := exec.Command("go", "build", "-o", program, "./hack/gallery/fileserver")
		build.Dir = tree()
		said, err := build.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return program, err
	})
}

// runningServer is one that a user has started: where it answers, its folder, and its number.
func runningServer(way string) (address, root string, pid int) {
	GinkgoHelper()
	port, err := web.FreePort()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(port.Close)
	root = GinkgoT().TempDir()
	address = fmt.Sprintf("127.0.0.1:%d", port.Number)
	command := exec.Command(ownPath(), serveArgument, way, address, root)
	Expect(command.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return address, root, command.Process.Pid
}

var _ = Describe("A server that a user names", func() {
	tried := func(variables ...string) *run {
		return suiteRun(suite("external"), append([]string{"ZC_SINKS=tcp"}, variables...)...).do()
	}

	It("is told in a sentence by what it answers, and by something else where a reader is wrapped", func() {
		for wrap, says := range map[string]string{
			"nothing": `: sendfile, read \+ write, [\d]+ (bytes|KiB) at a time: \d+ calls and 0 CPU copies a MiB`,
			"reader":  `: read \+ write, 32 KiB at a time: 66 calls and 2 CPU copies a MiB; sendfile would do with \d+ and 0`,
			"writer":  `: read \+ write, 32 KiB at a time: 65 calls and 2 CPU copies a MiB; sendfile would do with \d+ and 0`,
		} {
			r := tried("ZC_PROGRAM=" + fileserver() + " -listen 127.0.0.1:{port} -wrap " + wrap + " {root}")
			Expect(r.code()).To(BeZero(), r.output())
			Expect(r.output()).To(MatchRegexp("-wrap %s {root}`%s", wrap, says))
		}
	})

	It("is red by that sentence where it claims not to copy, and does", func() {
		r := tried("ZC_PROGRAM=copies=0 method=sendfile " + fileserver() + " -listen 127.0.0.1:{port} -wrap writer {root}")
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(And(ContainSubstring("owed:   copies=0"), MatchRegexp("seen:   `.*fileserver -listen 127.0.0.1:{port} -wrap writer {root}`: read \\+ write")))
	})

	It("may be one that runs already, and goes on running", func() {
		address, root, pid := runningServer("right")
		r := tried("ZC_URL=http://"+address+"/", "ZC_ROOT="+root, fmt.Sprintf("ZC_PID=copies=0 %d", pid))
		if r.code() != 0 && os.Getuid() != 0 {
			// Some machines let nobody trace what he has not started.
			Expect(r.output()).To(ContainSubstring("kernel.yama.ptrace_scope is "))
			return
		}
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(MatchRegexp(`process %d, %s.*: sendfile`, pid, regexp.QuoteMeta(filepath.Base(os.Args[0]))))
		Expect(os.ReadDir(root)).To(BeEmpty(), "what was put there is gone")
		Expect(os.WriteFile(filepath.Join(root, "x"), []byte("still there"), 0o644)).To(Succeed())
		answer, err := http.Get("http://" + address + "/x")
		Expect(err).NotTo(HaveOccurred())
		defer answer.Body.Close()
		Expect(io.ReadAll(answer.Body)).To(BeEquivalentTo("still there"))
	})

	It("may answer by HTTPS, and is seen to encrypt what it has read", func() {
		port, err := web.FreePort()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(port.Close)
		root, address := GinkgoT().TempDir(), fmt.Sprintf("127.0.0.1:%d", port.Number)
		r := tried("ZC_URL=https://"+address+"/", "ZC_ROOT="+root, "ZC_COMMAND="+ownServer("encrypted", address, root))
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(MatchRegexp("`: read \\+ encrypt \\+ write, .* at a time: \\d+ calls and 2(.0\\d)? CPU copies a MiB"))
	})

	It("may be started at an address, and with a folder, of the user's own", func() {
		port, err := web.FreePort()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(port.Close)
		root, address := GinkgoT().TempDir(), fmt.Sprintf("127.0.0.1:%d", port.Number)
		r := tried("ZC_URL=http://"+address+"/file.bin", "ZC_ROOT="+root, "ZC_COMMAND="+ownServer("right", address, root))
		Expect(r.code()).To(BeZero(), r.output())
		Expect(os.ReadDir(root)).To(BeEmpty())

		By("but never writes to a file that is there")
		Expect(os.WriteFile(filepath.Join(root, "file.bin"), []byte("mine"), 0o644)).To(Succeed())
		r = tried("ZC_URL=http://"+address+"/file.bin", "ZC_ROOT="+root, "ZC_COMMAND="+ownServer("right", address, root))
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring("file.bin is there already, and the kit writes to no file that it has not made"))
		Expect(os.ReadFile(filepath.Join(root, "file.bin"))).To(BeEquivalentTo("mine"))
	})

	It("that goes into the background is tried all the same, and ended", func() {
		r := tried(`ZC_PROGRAM=sh -c '"$0" serve right "$1" "$2" & exit 0' ` + ownPath() + " 127.0.0.1:{port} {root}")
		Expect(r.code()).To(BeZero(), r.output())
	})

	It("of which nobody knows how long its answers are is said to be not-checked for sharing", func() {
		r := tried("ZC_PROGRAM=" + ownServer("in chunks", "127.0.0.1:{port}", "{root}"))
		Expect(r.code()).To(BeZero(), r.output())
	})

	DescribeTable("is red, with what is wrong with it and what to do, when it answers", func(way, says string) {
		r := suiteRun(suite("external"), "ZC_SINKS=tcp", "ZC_PATIENCE=3s", "ZC_PROGRAM="+ownServer(way, "127.0.0.1:{port}", "{root}")).
			with("--ginkgo.label-filter=" + askedBy(says, "EXTERNAL-SERVED")).do()
		Expect(r.code()).NotTo(BeZero())
		Expect(r.output()).To(ContainSubstring(says))
		Expect(r.output()).NotTo(ContainSubstring("kit-error"))
	},
		Entry(nil, "missing", "it answers 404 Not Found: the file is in "),
		Entry(nil, "forbidden", "it answers 403 Forbidden: the file in "),
		Entry(nil, "elsewhere", `it answers 301 Moved Permanently, to "/there/`),
		Entry(nil, "encoded", "it answers in the encoding br, and was asked for the bytes as they are"),
		Entry(nil, "too little", "it does not answer to the end: unexpected EOF"),
		Entry(nil, "something else", "byte 4096: owed payload offset 4096, holds payload offset 0"),
		Entry(nil, "another part", "a file of 4097 bytes, asked for from 1365 to 4096"),
		Entry(nil, "only once", "that is enough"),
		Entry(nil, "never", "it does not answer to the end: the server's answer: i/o timeout"),
		Entry(nil, "no more when somebody leaves", "EXTERNAL-DESERTED: a server whose client has left in the middle of an answer answers the next"),
		Entry(nil, "nobody", "it does not answer at 127.0.0.1:"),
		Entry(nil, "not at all", "it has ended before it has answered: exit code 2: no configuration"),
	)

	DescribeTable("is refused before anything is run where", func(variable, value, says string, others ...string) {
		Expect(refused(suiteRun(suite("external"), append(others, variable+"="+value)...), variable)).To(ContainSubstring(says))
	},
		Entry("its URL is no loopback's", "ZC_URL", "http://192.0.2.1/", `"192.0.2.1" is none of this machine's loopback addresses`),
		Entry("its URL is no HTTP's", "ZC_URL", "ftp://127.0.0.1/", "begins neither with http:// nor with https://"),
		Entry("its folder is not there", "ZC_ROOT", "/no/such/folder", `"/no/such/folder" is no folder`, "ZC_URL=http://127.0.0.1:1/"),
		Entry("it has a folder and no URL", "ZC_ROOT", "/tmp", "ZC_ROOT is of a server that answers at ZC_URL"),
		Entry("nobody knows whose it is", "ZC_URL", "http://127.0.0.1:1/", "whose is it? ZC_COMMAND='nginx …' has it started, ZC_PID=1234 is a process that runs already", "ZC_ROOT=/tmp"),
		Entry("its process is not there", "ZC_PID", "4194305", "there is no process 4194305", "ZC_URL=http://127.0.0.1:1/", "ZC_ROOT=/tmp"),
		Entry("its process is none", "ZC_PID", "nginx", `"nginx" is no process's number`, "ZC_URL=http://127.0.0.1:1/", "ZC_ROOT=/tmp"),
		Entry("its process is what has started the kit", "ZC_PID", fmt.Sprint(os.Getpid()), "is the kit itself, or what has started it", "ZC_URL=http://127.0.0.1:1/", "ZC_ROOT=/tmp"),
		Entry("it has no port", "ZC_PROGRAM", "nginx -c {conf:no-such.conf}", "{conf:no-such.conf}: open "),
		Entry("it is told a file", "ZC_PROGRAM", "x {port} {file}", "{file} is of programs that move one file and end"),
	)
})

var _ = Describe("The gallery", func() {
	DescribeTable("tells apart", func(name, program, into, says string) {
		if _, err := exec.LookPath(program); err != nil {
			Skip("not-checked: " + err.Error() + " (to have it checked: install it)")
		}
		r := suiteRun(suite("external"), "ZC_SINKS="+into, "ZC_PROGRAMS="+filepath.Join(tree(), "hack", "gallery", "programs")).
			with(fmt.Sprintf("--ginkgo.label-filter=EXTERNAL-TECHNIQUE && %s", name)).do()
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(MatchRegexp("(?m)^ *`[^`]*`: " + says + `.* \(into ` + into + `\)$`))
	},
		Entry("dd", "dd", "dd", "tcp", `read \+ write, 64 KiB at a time: 33 calls and 2 CPU copies a MiB`),
		Entry("cat", "cat", "cat", "tcp", `\S.*: \d+ calls? and [02] CPU copies a MiB`),
		Entry("cp", "cp", "cp", "file", `\S.*: \d+ calls? and `),
		Entry("Python's os.sendfile", "python-sendfile", "/usr/bin/python3", "tcp", `sendfile, 1 MiB at a time: 2 calls and 0 CPU copies a MiB`),
		Entry("Python's server", "python-http", "/usr/bin/python3", "tcp", `read \+ sendto, 64 KiB at a time: 33 calls and 2 CPU copies a MiB`),
		Entry("nginx as it comes", "nginx", "nginx", "tcp", `pread64 \+ writev, 32 KiB at a time: \d+ calls and 2 CPU copies a MiB; sendfile would do`),
		Entry("nginx with sendfile", "nginx-sendfile", "nginx", "tcp", `sendfile, .* at a time: \d+ calls? and 0 CPU copies a MiB`),
		Entry("nginx past the page cache", "nginx-directio", "nginx", "tcp", `pread64 \+ writev, 32 KiB at a time: \d+ calls and [12] CPU cop`),
	)
})
