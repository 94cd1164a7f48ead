package liar_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/hack/mutants/liar"
)

// sceneVariable names, in the environment of a child, what is done there under which rules.
const sceneVariable = "ZC_LIAR_SCENE"

func TestMain(m *testing.M) {
	if name := os.Getenv(sceneVariable); name != "" {
		if err := liar.Tell(scenes[name].rules...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	reexec.Main()
	os.Exit(m.Run())
}

func TestLiar(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/mutants/liar")
}

const role = "liar-scene"

func init() {
	reexec.Register(role, func(conn *reexec.Conn) error {
		for {
			if _, err := conn.Receive(nil, time.Time{}); err != nil {
				return nil
			}
			if err := conn.Send(scenes[os.Getenv(sceneVariable)].play()); err != nil {
				return err
			}
		}
	})
}

// lied starts a child of that scene.
func lied(scene string) *reexec.Child {
	GinkgoHelper()
	if err := kernel.Ptrace(); err != nil {
		Skip("not-checked: " + err.Error())
	}
	if pidfd, err := unix.PidfdOpen(os.Getpid(), 0); err != nil {
		Skip("not-checked: pidfd_open: " + err.Error() + ": take Linux 5.6 or a later one")
	} else {
		unix.Close(pidfd)
	}
	child, err := reexec.Start(role, reexec.Options{Environment: []string{sceneVariable + "=" + scene}})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(child.Close()).To(Succeed()) })
	return child
}

// played is what the child's play came to.
func played(child *reexec.Child) (seen string) {
	GinkgoHelper()
	Expect(child.Send(struct{}{})).To(Succeed(), "%s", child.LastWords())
	_, err := child.Receive(&seen, time.Now().Add(20*time.Second))
	Expect(err).NotTo(HaveOccurred(), "%s", child.LastWords())
	return seen
}
