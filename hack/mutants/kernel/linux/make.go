package linux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"zerocopy-conformance/hack/matrix/program"
	"zerocopy-conformance/hack/mutants/kernel/defects"
)

// needed are the programs that a kernel is made by, and the packages that they come in.
var needed = map[string]string{
	"gcc": "gcc", "ld": "binutils", "strip": "binutils", "make": "make", "flex": "flex", "bison": "bison", "bc": "bc", "patch": "patch",
	"tar": "tar", "xz": "xz-utils",
}

// check says what is missing to make a kernel.
func check(ctx context.Context) error {
	var missing []error
	for name, pkg := range needed {
		if _, err := program.Find(name, pkg); err != nil {
			missing = append(missing, err)
		}
	}
	if len(missing) > 0 {
		return errors.Join(missing...)
	}
	// The program is static. gcc answers with the bare name what it does not find.
	said, err := exec.CommandContext(ctx, "gcc", "-print-file-name=libc.a").Output()
	if err == nil && strings.TrimSpace(string(said)) == "libc.a" {
		err = errors.New("libc.a: not found; it comes in the package libc6-dev (apt-get install libc6-dev)")
	}
	return err
}

func (t *Tree) objects() string { return filepath.Join(t.folder, "objects") }

// make makes a kernel's program at a path, whole or not at all. The caller has the lock.
func (t *Tree) make(ctx context.Context, d defects.Defect, path string) (err error) {
	if err := check(ctx); err != nil {
		return err
	}
	if err := t.unpack(ctx); err != nil {
		return err
	}
	if err := t.configure(ctx); err != nil {
		return err
	}
	if err := t.uncover(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.uncover()) }()
	if err := t.cover(ctx, d); err != nil {
		return err
	}
	if err := t.kbuild(ctx, fmt.Sprintf("-j%d", runtime.NumCPU()), "linux"); err != nil {
		return err
	}
	unfinished := path + ".unfinished"
	if err := t.run(ctx, nil, "strip", "-o", unfinished, filepath.Join(t.objects(), "linux")); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// configure makes the kernel's configuration, if there is none: the default one, and ours behind it. Of two lines that
// set the same, Kconfig takes the second.
func (t *Tree) configure(ctx context.Context) error {
	file := filepath.Join(t.objects(), ".config")
	if exists(file) {
		return nil
	}
	if err := os.MkdirAll(t.objects(), 0o755); err != nil {
		return err
	}
	t.say("Linux " + t.Version + " is compiled as User-Mode Linux, once: that takes minutes")
	defaults, err := os.ReadFile(filepath.Join(t.source(), "arch/um/configs/x86_64_defconfig"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(defaults, config...), 0o644); err != nil {
		return err
	}
	err = t.kbuild(ctx, "olddefconfig")
	if err == nil {
		err = has(file)
	}
	if err != nil {
		// It would be taken for a whole one.
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

// has says which lines of our configuration a kernel's does not have: Kconfig drops without a word what depends on
// something that is not set, and sets what something else needs.
func has(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	set := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, is := strings.Cut(strings.TrimSpace(line), "="); is && value != "n" {
			set[name] = value
		}
	}
	for line := range strings.Lines(config) {
		name, value, is := strings.Cut(strings.TrimSpace(line), "=")
		if !is {
			continue
		}
		if value == "n" {
			value = ""
		}
		if set[name] != value {
			return fmt.Errorf("the configuration has %s=%s, not %s: see what it depends on, and what needs it", name, set[name], strings.TrimSpace(line))
		}
	}
	return nil
}

// covered is the file that lists what lies over the source: also of a process that was killed.
func (t *Tree) covered() string { return filepath.Join(t.folder, "covered") }

// cover lays the edited files of a defect over the source.
func (t *Tree) cover(ctx context.Context, d defects.Defect) error {
	if len(d.Files) == 0 {
		return nil
	}
	if err := os.WriteFile(t.covered(), []byte(strings.Join(d.Files, "\n")), 0o644); err != nil {
		return err
	}
	for _, name := range d.Files {
		text, err := os.ReadFile(filepath.Join(t.source(), name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(t.objects(), name), text, 0o644); err != nil {
			return err
		}
	}
	return t.patch(ctx, t.objects(), d.Diff)
}

// uncover takes away what lies over the source. What was compiled of it is compiled anew by the next make, whose command
// names another file.
func (t *Tree) uncover() error {
	names, err := os.ReadFile(t.covered())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(names)) {
		if err := os.Remove(filepath.Join(t.objects(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Remove(t.covered())
}

// patch applies a diff, whose context has to be there to the letter, wherever in the file it is.
func (t *Tree) patch(ctx context.Context, folder string, diff []byte) error {
	return t.run(ctx, bytes.NewReader(diff), "patch", "--strip=1", "--fuzz=0", "--batch", "--forward", "--no-backup-if-mismatch", "--reject-file=-", "--directory="+folder)
}

// kbuild has the kernel's own make do something. What it is made by and when must not be in the program: it is known by
// what it is made of.
func (t *Tree) kbuild(ctx context.Context, arguments ...string) error {
	return t.run(ctx, nil, "make", append([]string{"-C", t.source(), "ARCH=um", "O=" + t.objects(), "KBUILD_BUILD_USER=kit", "KBUILD_BUILD_HOST=kit",
		"KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_VERSION=1"}, arguments...)...)
}

// leavingPatience is how long make may take to throw away what it has begun.
const leavingPatience = 10 * time.Second

// run runs a program to its end. The error has the last that it said.
func (t *Tree) run(ctx context.Context, input io.Reader, name string, arguments ...string) error {
	path, err := program.Find(name, needed[name])
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, path, arguments...)
	command.Stdin = input
	command.Env = environment()
	// A make that is told to end removes the object that is half written. It and its compilers are told, in a group of
	// their own, also when this process is gone.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = leavingPatience
	said, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", name, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("%s: %w: %s", name, err, last(said))
	}
	return nil
}

// environment is this process's own, without what a make that has started it says to makes of its own.
func environment() (all []string) {
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, "MAKE") && !strings.HasPrefix(each, "MFLAGS=") {
			all = append(all, each)
		}
	}
	return append(all, "LC_ALL=C")
}

// last is the last of what a program said: where make names what went wrong.
func last(said []byte) string {
	const most = 15
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
