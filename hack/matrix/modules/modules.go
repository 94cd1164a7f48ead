// Package modules says which module files a kernel needs for given modules, in the order in which they are loaded.
//
// It reads what depmod(8) has written about a folder lib/modules/RELEASE, and follows it as modprobe(8) does: names with
// "-" and "_" are one, a name may be an alias, and what a module depends on is loaded before it, as is what its
// "softdep … pre:" names (modprobe.d(5)): libcrc32c links to no other module, and refuses to load where nobody has
// registered crc32c. It loads nothing, and needs no module tools of this machine.
package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Tree is a folder of modules, as depmod has described it.
type Tree struct {
	folder string
	// files and needs are by the module's name: the file, and the files it depends on, the first to load last.
	files map[string]string
	needs map[string][]string
	// before is what softdeps want loaded before a module, by its name.
	before  map[string][]string
	aliases []alias
	builtIn map[string]bool
	// builtInAliases are further names of what is built in.
	builtInAliases []string
}

// alias is a pattern, of the kind of a shell, and the module that answers to it.
type alias struct{ pattern, module string }

// Read reads the folder lib/modules/RELEASE: modules.dep, and as far as they exist modules.softdep, modules.alias,
// modules.builtin and modules.builtin.modinfo. The error of a folder without modules.dep says how it is made.
func Read(folder string) (*Tree, error) {
	t := &Tree{folder: folder, files: map[string]string{}, needs: map[string][]string{}, before: map[string][]string{}, builtIn: map[string]bool{}}
	for _, table := range []struct {
		name string
		line func(string) error
	}{
		{"modules.dep", t.dependency},
		{"modules.softdep", t.softdep},
		{"modules.alias", t.alias},
		{"modules.builtin", t.builtin},
		{"modules.builtin.modinfo", t.modinfo},
	} {
		text, err := os.ReadFile(filepath.Join(folder, table.name))
		switch {
		case errors.Is(err, fs.ErrNotExist) && table.name == "modules.dep":
			release := filepath.Base(folder)
			return nil, fmt.Errorf("%s: no modules.dep: the folder must be lib/modules/RELEASE as depmod leaves it: depmod -b ROOT %s, with ROOT the folder above lib/modules", folder, release)
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		// Only the records of modules.builtin.modinfo end in a zero byte; those of the others are lines.
		for number, line := range strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == 0 }) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			if err := table.line(line); err != nil {
				return nil, fmt.Errorf("%s: record %d: %w", filepath.Join(folder, table.name), number+1, err)
			}
		}
	}
	return t, nil
}

// dependency reads "kernel/net/tls/tls.ko.xz: kernel/…/other.ko.xz …".
func (t *Tree) dependency(line string) error {
	file, needs, found := strings.Cut(line, ":")
	if !found {
		return fmt.Errorf("%q is not of the form FILE: FILES", line)
	}
	t.files[nameOf(file)], t.needs[nameOf(file)] = file, strings.Fields(needs)
	return nil
}

// softdep reads "softdep NAME pre: NAMES post: NAMES". What comes after a module is no need of its.
func (t *Tree) softdep(line string) error {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "softdep" {
		return fmt.Errorf("%q is not of the form softdep NAME pre: NAMES", line)
	}
	module, list := canonical(words[1]), ""
	for _, word := range words[2:] {
		if strings.HasSuffix(word, ":") {
			list = word
		} else if list == "pre:" {
			t.before[module] = append(t.before[module], word)
		}
	}
	return nil
}

// alias reads "alias PATTERN NAME". A pattern may have blanks: some drivers give their card's name in words.
func (t *Tree) alias(line string) error {
	words := strings.Fields(line)
	last := len(words) - 1
	if last < 2 || words[0] != "alias" {
		return fmt.Errorf("%q is not of the form alias PATTERN NAME", line)
	}
	t.aliases = append(t.aliases, alias{canonical(strings.Join(words[1:last], " ")), canonical(words[last])})
	return nil
}

// builtin reads "kernel/fs/ext4/ext4.ko".
func (t *Tree) builtin(line string) error {
	t.builtIn[nameOf(line)] = true
	return nil
}

// modinfo reads "NAME.alias=PATTERN", and passes over all else that is said of a module.
func (t *Tree) modinfo(record string) error {
	key, value, _ := strings.Cut(record, "=")
	if strings.HasSuffix(key, ".alias") {
		t.builtInAliases = append(t.builtInAliases, canonical(value))
	}
	return nil
}

// nameOf is the name of the module in a file: "kernel/arch/x86/crypto/crc32c-intel.ko.xz" has crc32c_intel.
func nameOf(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return canonical(name)
}

// canonical is the one spelling of a name.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }
