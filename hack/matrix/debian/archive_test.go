package debian_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/debian"
)

func TestDebian(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/matrix/debian")
}

// patience is the deadline of what must not take for ever.
const patience = 100 * time.Second

// built are packages that were made for an earlier spec, by all that is in them.
var built = map[string][]byte{}

// archive is a mirror of the spec's own with the suites bookworm and sid, and what is in them, of one architecture.
type archive struct {
	folder, architecture string
	// list is bookworm's, unreleased sid's.
	list, unreleased string
}

// newArchive skips the spec on a machine without the programs of a Debian.
func newArchive() *archive {
	GinkgoHelper()
	for _, program := range []string{"apt-get", "dpkg-deb", "/usr/sbin/depmod"} {
		if _, err := exec.LookPath(program); err != nil {
			Skip("not-checked: " + err.Error())
		}
	}
	DeferCleanup(debian.Trust())
	return &archive{folder: GinkgoT().TempDir(), architecture: "amd64"}
}

// site is the mirror, as Open takes it.
func (a *archive) site() string { return "file:" + a.folder }

// add puts a package into the archive, with files and their contents.
func (a *archive) add(name, version, depends string, files map[string]string) {
	GinkgoHelper()
	control := fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: nobody <nobody@localhost>\nDescription: none\n", name, version, a.architecture)
	if depends != "" {
		control += "Depends: " + depends + "\n"
	}
	key := fmt.Sprint(control, files)
	if built[key] == nil {
		built[key] = build(control, files)
	}
	deb := built[key]
	file := fmt.Sprintf("pool/%s_%s_%s.deb", name, version, a.architecture)
	Expect(os.MkdirAll(filepath.Join(a.folder, "pool"), 0o755)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(a.folder, file), deb, 0o644)).To(Succeed())
	a.list += fmt.Sprintf("%sFilename: %s\nSize: %d\nSHA256: %x\n\n", control, file, len(deb), sha256.Sum256(deb))
	a.publish()
}

// addUnreleased adds a package that only sid has.
func (a *archive) addUnreleased(name, version string, files map[string]string) {
	GinkgoHelper()
	released := a.list
	a.add(name, version, "", files)
	a.unreleased += strings.TrimPrefix(a.list, released)
	a.list = released
	a.publish()
}

func build(control string, files map[string]string) []byte {
	GinkgoHelper()
	tree := GinkgoT().TempDir()
	put := func(name, text string) {
		path := filepath.Join(tree, name)
		Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
	}
	put("DEBIAN/control", control)
	for name, text := range files {
		put(name, text)
	}
	deb := filepath.Join(GinkgoT().TempDir(), "deb")
	output, err := exec.Command("dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, deb).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", output)
	contents, err := os.ReadFile(deb)
	Expect(err).NotTo(HaveOccurred())
	return contents
}

// publish makes the lists say what is in the archive.
func (a *archive) publish() {
	GinkgoHelper()
	for suite, list := range map[string]string{"bookworm": a.list, "sid": a.unreleased} {
		if list != "" {
			a.publishIn(suite, list)
		}
	}
}

func (a *archive) publishIn(suite, list string) {
	GinkgoHelper()
	folder, index := filepath.Join(a.folder, "dists", suite), "main/binary-"+a.architecture+"/Packages"
	Expect(os.MkdirAll(filepath.Dir(filepath.Join(folder, index)), 0o755)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(folder, index), []byte(list), 0o644)).To(Succeed())
	release := fmt.Sprintf("Origin: spec\nSuite: %[1]s\nCodename: %[1]s\nDate: %[2]s\nArchitectures: %[6]s\nComponents: main\nSHA256:\n %[3]x %[4]d %[5]s\n",
		suite, time.Now().UTC().Format(time.RFC1123), sha256.Sum256([]byte(list)), len(list), index, a.architecture)
	Expect(os.WriteFile(filepath.Join(folder, "Release"), []byte(release), 0o644)).To(Succeed())
}

// remove takes a package out of the archive, but not off the lists that were fetched before.
func (a *archive) remove(name string) {
	GinkgoHelper()
	kept := ""
	for record := range strings.SplitSeq(strings.TrimSpace(a.list), "\n\n") {
		if !strings.HasPrefix(record, "Package: "+name+"\n") {
			kept += record + "\n\n"
		}
	}
	Expect(kept).NotTo(Equal(a.list))
	a.list = kept
	a.publish()
	files, err := filepath.Glob(filepath.Join(a.folder, "pool", name+"_*"))
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		Expect(os.Remove(file)).To(Succeed())
	}
}

// kernel adds a kernel of one package, as they were until 6.18.
func (a *archive) kernel(release, version string) {
	GinkgoHelper()
	a.add("linux-image-"+release, version, "kmod", map[string]string{
		"boot/vmlinuz-" + release:                       "image " + version,
		"boot/config-" + release:                        "CONFIG_X=y\n",
		"lib/modules/" + release + "/kernel/README":     "no module\n",
		"lib/modules/" + release + "/modules.builtin":   "kernel/x.ko\n",
		"lib/modules/" + release + "/modules.order":     "",
		"usr/share/doc/linux-image-" + release + "/doc": version,
	})
}

// close takes the whole archive away.
func (a *archive) close() {
	GinkgoHelper()
	Expect(os.RemoveAll(a.folder)).To(Succeed())
}

func open(cache, mirror string) *debian.Store {
	GinkgoHelper()
	s, err := debian.Open(cache, "amd64", mirror, "")
	Expect(err).NotTo(HaveOccurred())
	return s
}

func deadline() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	DeferCleanup(cancel)
	return ctx
}
