package adding_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"zerocopy-conformance/hack/keeper"
)

// patience is how long a command may take before it counts as stuck. It is no measure of speed.
const patience = 5 * time.Minute

// tree is the root of the kit's module.
func tree() string {
	GinkgoHelper()
	root, err := filepath.Abs("../..")
	Expect(err).NotTo(HaveOccurred())
	return root
}

// treeCopy copies the tree, for the running spec, without what .gitignore leaves out.
func treeCopy() (root string) {
	GinkgoHelper()
	root = filepath.Join(GinkgoT().TempDir(), "tree")
	err := filepath.WalkDir(tree(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(tree(), path)
		if err != nil {
			return err
		}
		switch to := filepath.Join(root, name); {
		case name == ".git" || name == "reports":
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.Mkdir(to, 0o755)
		case strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".out"):
			return nil
		default:
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(to, text, 0o644)
		}
	})
	Expect(err).NotTo(HaveOccurred())
	return root
}

// shell runs a line in a copy of the tree, and finds that nothing is left of it. It says how that ended, and what was printed.
func shell(root, line string) (code int, said string) {
	GinkgoHelper()
	own := GinkgoT().TempDir()
	k := keeper.Keeper{Command: []string{"sh", "-c", line}, Notes: own, Grace: 20 * time.Second, Room: room()}
	at := root
	if k.Room != keeper.Open {
		at = tree()
		k.Covered = []keeper.Cover{{Folder: at, By: root}}
	} else {
		// In a folder that is another each time nothing would be found in the cache that is compiled for its folder.
		flags, err := exec.Command("go", "env", "GOFLAGS").Output()
		Expect(err).NotTo(HaveOccurred())
		k.Command[2] = "export GOFLAGS='" + strings.TrimSpace(string(flags)) + " -trimpath'; " + line
	}
	command, err := k.Cmd()
	Expect(err).NotTo(HaveOccurred())
	command.Dir = at
	session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { session.Kill().Wait(patience) })
	Eventually(session, patience).Should(gexec.Exit())
	said = string(session.Out.Contents()) + string(session.Err.Contents())
	Expect(session.ExitCode()).NotTo(Equal(keeper.Broke), said)
	remains, err := keeper.Remains(own)
	Expect(err).NotTo(HaveOccurred(), said)
	Expect(remains).To(BeZero(), "left behind by %s", line)
	return session.ExitCode(), said
}

// room is where a copy can lie over the tree, if there is such a place.
func room() keeper.Room {
	switch {
	case keeper.OwnRefused() == nil:
		return keeper.Own
	case keeper.RootsRefused() == nil:
		return keeper.Roots
	}
	return keeper.Open
}

// edit puts one text in the place of another, which stands once in a file of a copy.
func edit(root, name, old, new string) {
	GinkgoHelper()
	path := filepath.Join(root, name)
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	Expect(strings.Count(string(text), old)).To(Equal(1), "%q in %s", old, name)
	Expect(os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644)).To(Succeed())
}
