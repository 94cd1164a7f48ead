package acceptance_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// suites are the kit's.
var suites = append([]string{"contract", "safety"}, ofTransfers...)

// ofTransfers are those whose specs are about a method, a source and a sink each.
var ofTransfers = []string{"integrity", "cost", "copies", "textbook"}

// suite is the program of the kit's suite of that name.
func suite(name string) string {
	GinkgoHelper()
	return once("suite "+name, func() (string, error) {
		// In a folder of its own: the ginkgo command tells suites apart by their folders.
		return compile(filepath.Join(workshop, name, name+".test"), tree(), "./suites/"+name)
	})
}

// outsider is a module that requires the kit and nothing else: its folder. It is built without the network, from
// what building the kit has left in the module cache.
func outsider() string {
	GinkgoHelper()
	return once("the outsider's module", func() (string, error) {
		folder := filepath.Join(workshop, "outsider")
		return folder, writeOutsider(folder)
	})
}

// outsiders is the program of one package of the outsider's module, by its folder.
func outsiders(pkg string) string {
	GinkgoHelper()
	folder := outsider()
	return once("the outsider's "+pkg, func() (string, error) {
		return compile(filepath.Join(workshop, "outsider-"+filepath.Base(pkg)+".test"), folder, pkg, offline...)
	})
}

func compile(program, folder, pkg string, environment ...string) (string, error) {
	command := exec.Command("go", "test", "-c", "-o", program, pkg)
	command.Dir, command.Env = folder, append(os.Environ(), environment...)
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go test -c %s in %s: %w: %s", pkg, folder, err, out)
	}
	return program, nil
}

// offline is the environment in which the outsider's module is built.
var offline = []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}

// tree is the root of the kit's module.
func tree() string {
	GinkgoHelper()
	root, err := filepath.Abs("../..")
	Expect(err).NotTo(HaveOccurred())
	return root
}

// made keeps what was built, so that it is built once in a run.
var made = map[string]func() (string, error){}

func once(what string, build func() (string, error)) string {
	GinkgoHelper()
	if err := canBuild(); err != nil {
		Skip("not-checked: nothing can be built here: " + err.Error())
	}
	if made[what] == nil {
		made[what] = sync.OnceValues(build)
	}
	path, err := made[what]()
	Expect(err).NotTo(HaveOccurred(), what)
	return path
}

// canBuild says why the go command cannot work here: there may be none, or no place for its cache.
var canBuild = sync.OnceValue(func() error {
	if out, err := exec.Command("go", "list", "-deps", "zerocopy-conformance/suites/...").CombinedOutput(); err != nil {
		return fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
})

func writeOutsider(folder string) error {
	if err := os.CopyFS(folder, os.DirFS("testdata/outsider")); err != nil {
		return err
	}
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		return err
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		return err
	}
	listing, err := listingOf(string(readme), "A method of your own")
	if err != nil {
		return err
	}
	files := map[string]string{"go.mod": fmt.Sprintf(outsiderModule, tree()), "go.sum": string(sums), "mine_test.go": aroundListing + listing}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const outsiderModule = `module outsider

go 1.26.0

require zerocopy-conformance v0.0.0

replace zerocopy-conformance => %s
`

// aroundListing is what a reader of the README has to add to its listing.
const aroundListing = `package outsider_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2"

	"outsider/mine"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/integrity"
	"zerocopy-conformance/suites/spec"
)

`

// listingOf is the Go listing under one heading of a Markdown text: its lines are indented by four blanks.
func listingOf(markdown, heading string) (string, error) {
	_, section, found := strings.Cut(markdown, "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	lines := regexp.MustCompile(`(?m)^    func (?:.*\n)(?:    .*\n|\n)*`).FindString(section)
	if !found || lines == "" {
		return "", errors.New("README.md has no listing of a function under the heading " + heading)
	}
	return regexp.MustCompile(`(?m)^    `).ReplaceAllString(lines, ""), nil
}
