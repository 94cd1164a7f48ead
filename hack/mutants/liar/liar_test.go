package liar_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/reexec"
)

// tracersOf are the processes that lie to one.
func tracersOf(pid int) (all []string) {
	GinkgoHelper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	Expect(err).NotTo(HaveOccurred())
	for _, folder := range folders {
		variables, _ := os.ReadFile(folder + "/environ")
		if strings.Contains(string(variables), fmt.Sprintf("ZC_LIAR=%d\x00", pid)) {
			all = append(all, folder)
		}
	}
	return all
}

func kill(pid string) {
	GinkgoHelper()
	number, err := strconv.Atoi(pid)
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.Kill(number, unix.SIGKILL)).To(Succeed())
}

var _ = Describe("A liar", func() {
	for _, name := range slices.Sorted(maps.Keys(scenes)) {
		It("gives "+name, func() {
			Expect(played(lied(name))).To(Equal(scenes[name].finds))
		})
	}

	It("lies every time", func() {
		child := lied("another argument")
		for range 3 {
			Expect(played(child)).To(Equal(scenes["another argument"].finds))
		}
	})

	It("is one process, which is neither the child's parent nor the kit, and holds no descriptor of theirs", func() {
		child := lied("nothing")
		played(child)
		tracers := tracersOf(child.PID())
		Expect(tracers).To(HaveLen(1))
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", child.PID()))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(status)).To(ContainSubstring("TracerPid:\t" + filepath.Base(tracers[0]) + "\n"))
		Expect(string(status)).To(ContainSubstring(fmt.Sprintf("PPid:\t%d\n", os.Getpid())))
		theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/3", child.PID()))
		Expect(err).NotTo(HaveOccurred())
		held, err := filepath.Glob(tracers[0] + "/fd/*")
		Expect(err).NotTo(HaveOccurred())
		for _, fd := range held {
			target, err := os.Readlink(fd)
			Expect(err).NotTo(HaveOccurred())
			Expect(target).NotTo(Equal(theirs), fd)
		}
	})

	for how, end := range map[string]func(*reexec.Child) error{"leaves": (*reexec.Child).Close, "is killed": (*reexec.Child).Kill} {
		for _, scene := range []string{"nothing", "standing still"} {
			It(fmt.Sprintf("ends when its child %s, after %s", how, scene), func() {
				child := lied(scene)
				played(child)
				pid := child.PID()
				Expect(end(child)).To(Succeed())
				Eventually(func() []string { return tracersOf(pid) }, 10*time.Second, 5*time.Millisecond).Should(BeEmpty())
			})
		}
	}

	It("takes its child along when it is killed: the truth must not be taken for the lie", func() {
		child := lied("nothing")
		played(child)
		tracers := tracersOf(child.PID())
		Expect(tracers).To(HaveLen(1))
		kill(filepath.Base(tracers[0]))
		Eventually(child.Ended(), 10*time.Second).Should(BeClosed())
		Expect(child.Obituary()).To(ContainSubstring("signal: killed"))
	})
})
