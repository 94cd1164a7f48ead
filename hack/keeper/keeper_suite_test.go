package keeper_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
)

func TestMain(m *testing.M) {
	keeper.Enter()
	if _, litters := os.LookupEnv(litterVariable); litters {
		os.Exit(litter())
	}
	os.Exit(m.Run())
}

func TestKeeper(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/keeper")
}

// litterVariable makes this program one that leaves things behind: the negative control of the keeper. Its value
// is what the process that stays does nothing but hold.
const litterVariable = "KEEPER_LITTER"

func litter() int {
	if os.Getenv(litterVariable) == "stay" {
		// For longer than anybody waits: the keeper has to end it.
		time.Sleep(time.Hour)
	}
	if err := leaveThings(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// leaveThings leaves a process, and where it may, a network namespace: held by no process, but by a mount.
func leaveThings() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	stays := exec.Command(program)
	stays.Env = append(os.Environ(), litterVariable+"=stay")
	if err := stays.Start(); err != nil {
		return err
	}
	file := filepath.Join(os.TempDir(), "namespace")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	if os.Getenv(litterVariable) != "namespace" {
		return nil
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	return os.NewSyscallError("mount", unix.Mount("/proc/thread-self/ns/net", file, "", unix.MS_BIND, ""))
}

// kept runs a command under a keeper, with a TMPDIR and notes of its own, and says what it has left.
func kept(k keeper.Keeper, environment ...string) keeper.Left {
	GinkgoHelper()
	temp := GinkgoT().TempDir()
	k.Notes, k.Folders = GinkgoT().TempDir(), []string{temp}
	command, err := k.Cmd()
	Expect(err).NotTo(HaveOccurred())
	command.Env = append(append(command.Env, "TMPDIR="+temp), environment...)
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	left, err := keeper.Remains(k.Notes)
	Expect(err).NotTo(HaveOccurred())
	return left
}

var _ = Describe("What is left is found", func() {
	leaving := func(what string, room keeper.Room) keeper.Left {
		GinkgoHelper()
		program, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		return kept(keeper.Keeper{Command: []string{program}, Grace: 100 * time.Millisecond, Room: room}, litterVariable+"="+what)
	}

	It("by a process, a file", func() {
		remains := leaving("file", keeper.Open)
		Expect(remains.Processes).To(HaveLen(1))
		Expect(remains.Files).To(ConsistOf(HaveSuffix("/namespace")))
		Expect(remains.All()).To(ConsistOf(HavePrefix("process "), HavePrefix("file ")))
	})

	It("by a room, also a mount and a network namespace that no process is in", func() {
		if why := keeper.OwnRefused(); why != nil {
			Skip("not-checked: there is no room here: " + why.Error())
		}
		remains := leaving("namespace", keeper.Own)
		Expect(remains.Processes).To(HaveLen(1))
		Expect(remains.Files).To(ConsistOf(HaveSuffix("/namespace")))
		Expect(remains.Mounts).To(ConsistOf(ContainSubstring("/namespace")))
		Expect(remains.Namespaces).To(HaveLen(1))
	})

	It("by root's room, the mount that holds a network namespace", func() {
		if why := keeper.RootsRefused(); why != nil {
			Skip("not-checked: run it as root: " + why.Error())
		}
		remains := leaving("namespace", keeper.Roots)
		Expect(remains.Processes).To(HaveLen(1))
		Expect(remains.Mounts).To(ConsistOf(ContainSubstring("/namespace")))
	})
})

var _ = Describe("A network of its own", func() {
	It("has a loopback that is up, and settings that are nobody else's", func() {
		room := keeper.Own
		if keeper.RootsRefused() == nil {
			room = keeper.Roots
		}
		if why := keeper.OwnRefused(); room == keeper.Own && why != nil {
			Skip("not-checked: there is no room here: " + why.Error())
		}
		const setting = "/proc/sys/net/ipv4/tcp_wmem"
		before, err := os.ReadFile(setting)
		Expect(err).NotTo(HaveOccurred())
		look := `test "$(cat ` + setting + `)" = "$(printf '4096\t4097\t4098')" && grep -q 127.0.0.1 /proc/net/fib_trie`
		Expect(kept(keeper.Keeper{
			Command: []string{"sh", "-c", look}, Room: room, Network: true,
			Machine: keeper.Machine{Settings: map[string]string{"net/ipv4/tcp_wmem": "4096 4097 4098"}},
		})).To(BeZero())
		Expect(os.ReadFile(setting)).To(Equal(before))
	})
})

var _ = It("A keeper is refused to a program that would not know it for one", func() {
	DeferCleanup(keeper.Unentered())
	_, err := keeper.Keeper{}.Cmd()
	Expect(err).To(MatchError(ContainSubstring("Enter was never called")))
})
