package modules

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Resolve returns the files of the named modules and of all that they need, each once and after all it needs, as
// modules.dep names them: by the path below the folder. A name is a module's or an alias. An alias may have many
// answers, of which all are given, as modprobe(8) loads them all: one that drives what this processor does not have
// (crc32c_intel) refuses with ENODEV, which is no failure as long as another is loaded.
//
// What is built into the kernel needs no file. missing are the names that the kernel has neither as a file nor built
// in. A softdep that is missing is not told: the kernel's own makers call it soft, and old names stay in it for years.
//
// An error means that the folder is not what modules.dep says: files are gone from it.
func (t *Tree) Resolve(names ...string) (files []string, missing []string, err error) {
	w := walk{tree: t, seen: map[string]bool{}}
	for _, name := range names {
		found, err := w.load(name)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			missing = append(missing, name)
		}
	}
	return w.files, missing, nil
}

// walk goes from modules to what they need, deepest first.
type walk struct {
	tree  *Tree
	seen  map[string]bool
	files []string
}

// load adds whatever answers to a name, and says whether anything does.
func (w *walk) load(name string) (found bool, err error) {
	modules, found := w.tree.lookup(canonical(name))
	for _, module := range modules {
		if err := w.add(module); err != nil {
			return false, err
		}
	}
	return found, nil
}

func (w *walk) add(module string) error {
	// Marked before all that it needs: softdeps may go in a circle.
	if w.seen[module] {
		return nil
	}
	w.seen[module] = true
	for _, name := range w.tree.before[module] {
		if _, err := w.load(name); err != nil {
			return err
		}
	}
	for _, file := range slices.Backward(w.tree.needs[module]) {
		need := nameOf(file)
		if w.tree.files[need] != file {
			return fmt.Errorf("%s: modules.dep says that %s needs %s, of which it says nothing more: run depmod anew", w.tree.folder, module, file)
		}
		if err := w.add(need); err != nil {
			return err
		}
	}
	file := w.tree.files[module]
	if _, err := os.Stat(w.tree.path(file)); err != nil {
		return fmt.Errorf("modules.dep names a file that cannot be had: %w: extract the modules anew, or run depmod", err)
	}
	w.files = append(w.files, file)
	return nil
}

// lookup is the modules that answer to a name in its one spelling; none for what is built in.
func (t *Tree) lookup(name string) (modules []string, found bool) {
	if t.files[name] != "" {
		return []string{name}, true
	}
	if t.builtIn[name] {
		return nil, true
	}
	for _, alias := range t.aliases {
		if t.files[alias.module] != "" && matches(alias.pattern, name) && !slices.Contains(modules, alias.module) {
			modules = append(modules, alias.module)
		}
	}
	if len(modules) > 0 {
		return modules, true
	}
	return nil, slices.ContainsFunc(t.builtInAliases, func(pattern string) bool { return matches(pattern, name) })
}

// matches takes a pattern that cannot be read for one that nothing matches.
func matches(pattern, name string) bool {
	matched, err := path.Match(pattern, name)
	return matched && err == nil
}

func (t *Tree) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(t.folder, file)
}
