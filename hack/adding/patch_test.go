package adding_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// part is what a patch does to one file.
type part struct{ path, text string }

var target = regexp.MustCompile(`(?m)^\+\+\+ b/(.+)$`)

// partsOf takes an example's patch apart.
func partsOf(example string) (all []part) {
	GinkgoHelper()
	text, err := os.ReadFile(example + ".patch")
	Expect(err).NotTo(HaveOccurred())
	// What stands before the first is the commit's subject.
	for _, each := range strings.Split(string(text), "\ndiff --git ")[1:] {
		path := target.FindStringSubmatch(each)
		Expect(path).NotTo(BeNil(), "%s.patch: no line +++ b/… behind diff --git %s", example, each)
		all = append(all, part{path[1], "diff --git " + strings.TrimSuffix(each, "\n") + "\n"})
	}
	Expect(all).NotTo(BeEmpty(), "%s.patch has no line that begins with diff --git", example)
	return all
}

// appliers are the programs that apply a patch of standard input in the working directory. Neither looks for where it might
// fit: what has moved is found, what has changed is not.
var appliers = [][]string{
	{"git", "apply", "--whitespace=nowarn", "-"},
	{"patch", "-p1", "--batch", "--fuzz=0", "--no-backup-if-mismatch"},
}

// patched is a copy of the tree with an example's patch, without what that does to some files.
func patched(example string, without ...string) (root string) {
	GinkgoHelper()
	root = treeCopy()
	var text strings.Builder
	left := 0
	for _, each := range partsOf(example) {
		if len(without) > 0 && each.path == without[0] {
			left++
			continue
		}
		text.WriteString(each.text)
	}
	Expect(left).To(Equal(len(without)), "%s.patch does nothing to %v", example, without)
	for _, applier := range appliers {
		if _, err := exec.LookPath(applier[0]); err == nil {
			fits(example, applier, root, text.String())
			return root
		}
	}
	Skip("not-checked: neither git nor patch is here to apply a patch with")
	return ""
}

// remake says what to do with a patch that no longer fits.
const remake = `hack/adding/%[1]s.patch no longer applies to the tree by %[2]s. To remake it, in a tree without changes:
  git apply --3way hack/adding/%[1]s.patch    # and mend what it says conflicts
  git add -A && { head -n 2 hack/adding/%[1]s.patch; git diff -U1 --cached; } > ../%[1]s.patch
  git reset --hard && mv ../%[1]s.patch hack/adding/`

// fits applies an example's patch, or a part of it.
func fits(example string, applier []string, root, text string) {
	GinkgoHelper()
	if err := apply(applier, root, text); err != nil {
		Fail(fmt.Sprintf(remake, example, applier[0]) + "\n" + err.Error())
	}
}

// apply applies a patch in a folder, which git is not to take for a part of a repository that it lies in: it would pass over
// all files of the patch, without a word.
func apply(applier []string, root, text string) error {
	command := exec.Command(applier[0], applier[1:]...)
	command.Dir, command.Stdin = root, strings.NewReader(text)
	command.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(root), "LC_ALL=C")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", applier[0], err, said)
	}
	return nil
}
