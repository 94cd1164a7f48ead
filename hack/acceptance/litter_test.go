package acceptance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

// litterVariable makes this program one that leaves things behind: the negative control of the keeper. Its value
// is what the process that stays does nothing but hold.
const litterVariable = "ZC_ACCEPTANCE_LITTER"

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

var _ = Describe("What is left is found", func() {
	leaving := func(what string, room bool) left {
		GinkgoHelper()
		program, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		r := task{command: []string{program}, environment: []string{litterVariable + "=" + what}, room: room, grace: 100 * time.Millisecond}.start()
		remains := r.remains()
		Expect(r.code()).To(BeZero(), r.output())
		return remains
	}

	It("by a process, a file", func() {
		remains := leaving("file", false)
		Expect(remains.Processes).To(HaveLen(1))
		Expect(remains.Files).To(ConsistOf(HaveSuffix("/namespace")))
	})

	It("by a room, also a mount and a network namespace that no process is in", func() {
		if why := roomRefused(); why != nil {
			Skip("not-checked: there is no room here: " + why.Error())
		}
		remains := leaving("namespace", true)
		Expect(remains.Processes).To(HaveLen(1))
		Expect(remains.Files).To(ConsistOf(HaveSuffix("/namespace")))
		Expect(remains.Mounts).To(ConsistOf(ContainSubstring("/namespace")))
		Expect(remains.Namespaces).To(HaveLen(1))
	})
})
