// Package guest runs the suites on one kernel and makes of it a column of the matrix.
//
// It promises that a column is either whole or says why it is not: a guest that panics, hangs, runs out of memory, reboots
// or is cut off in the middle is named by that, with the last of its console, and never becomes a shorter column.
package guest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/matrix/tree"
	"zerocopy-conformance/hack/report"
)

// Kernel is a kernel with all that it takes to run the suites on it.
type Kernel struct {
	// Name is how the user asks for it.
	Name    string
	Machine machine.Machine
	// Modules are added to the guest's root folder, and loaded in this order.
	Modules []tree.File
	// Cards are the machine's network interfaces.
	Cards    []machine.Card
	Settings []job.Setting
	// Deviations is the file that lists what this kernel is known to fail; it need not exist.
	Deviations string
	// CPUs are its processors, on each of which a suite runs at a time.
	CPUs, MemoryMiB int
}

// Run is what is run on every kernel.
type Run struct {
	Init string
	// Suites are run in this order, each with Environment, and then OnCards on each pair of network interfaces that the
	// kernel's machine has.
	Suites, OnCards []job.Suite
	Environment     []string
	// Results is the folder for each kernel's reports, logs and console.
	Results string
	// SuitePatience is how long a suite may take, and Patience the whole guest.
	SuitePatience, Patience time.Duration
}

var (
	errHung          = errors.New("it did not end in time")
	errNobodyListens = errors.New("nobody listens any more")
)

// Column runs the suites on the kernel, and tells how far it is. Only a context that is done makes the column void.
func (r Run) Column(ctx context.Context, k Kernel, tell Tell) (table.Column, error) {
	column := table.Column{Kernel: k.Name}
	began := time.Now()
	words, console, err := r.boot(ctx, k, tell)
	if ctx.Err() != nil {
		return column, context.Cause(ctx)
	}
	column.Seconds = time.Since(began).Seconds()
	if words != nil && words.Hello != nil && words.Hello.Booted {
		column.BootSeconds = words.Heard.Sub(began).Seconds()
	}
	gathered, failures := gather(words)
	column.Report = gathered
	if reasons := broken(r.suites(k), words, console.text(), err, failures); len(reasons) > 0 {
		column.Broken, column.Console = strings.Join(reasons, "; "), console.last()
	}
	return column, r.keep(k, column.Report, words, console)
}

// boot starts the guest and hears it to its end.
func (r Run) boot(ctx context.Context, k Kernel, tell Tell) (*Words, *console, error) {
	seen := &console{}
	folder, err := os.MkdirTemp("", "zc-guest-")
	if err != nil {
		return nil, seen, err
	}
	defer os.RemoveAll(folder)
	boot := machine.Boot{Folder: folder, CPUs: max(1, k.CPUs), MemoryMiB: k.MemoryMiB}
	boot.Root.Folders = []string{"/var/tmp"}
	boot.Root.Add("/init", r.Init, 0o755)
	boot.Job = job.Job{
		AtOnce: max(1, k.CPUs), SuitePatience: r.SuitePatience, Settings: k.Settings,
		Environment: r.Environment,
	}
	for _, s := range r.suites(k) {
		inside := s
		inside.Program = "/suites/" + filepath.Base(s.Program)
		if !has(boot.Root, inside.Program) {
			boot.Root.Add(inside.Program, s.Program, 0o755)
		}
		boot.Job.Suites = append(boot.Job.Suites, inside)
	}
	for _, module := range k.Modules {
		boot.Root.Files = append(boot.Root.Files, module)
		boot.Job.Modules = append(boot.Job.Modules, module.Name)
	}
	switch text, err := os.ReadFile(k.Deviations); {
	case err == nil:
		boot.Root.AddBytes("/deviations", text, 0o644)
		boot.Job.Deviations = "/deviations"
	case !errors.Is(err, fs.ErrNotExist):
		return nil, seen, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.Patience, errHung)
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := k.Machine.Run(limited, boot, write, seen)
		write.Close()
		ended <- err
	}()
	words, err := Hear(read, tell)
	// A guest that talks nonsense may go on with that; nobody listens any more.
	read.CloseWithError(errNobodyListens)
	if err != nil && ctx.Err() == nil && !atItsEnd(err) {
		cancel()
	}
	return words, seen, errors.Join(err, <-ended)
}

// suites are all that run on a kernel.
func (r Run) suites(k Kernel) []job.Suite {
	all := slices.Clone(r.Suites)
	for _, card := range k.Cards {
		for _, s := range r.OnCards {
			s.Name, s.Cards = s.Name+" on "+card.Name, card.Ends[:]
			all = append(all, s)
		}
	}
	return all
}

func has(root tree.Tree, name string) bool {
	for _, f := range root.Files {
		if f.Name == name {
			return true
		}
	}
	return false
}

// gather makes the kit's report of what the suites have reported. What failed in a suite without being a requirement's
// failure is returned beside it.
func gather(words *Words) (*report.Report, []string) {
	if words == nil {
		return nil, nil
	}
	var all []types.Report
	for _, name := range words.Began {
		all = append(all, words.Reports[name]...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	gathered, err := report.Gather(all)
	if err != nil {
		return nil, []string{err.Error()}
	}
	return gathered, suiteFailures(words)
}

// keep writes what was heard and seen into the kernel's folder of results.
func (r Run) keep(k Kernel, gathered *report.Report, words *Words, seen *console) error {
	folder := filepath.Join(r.Results, FolderName(k.Name))
	// What an earlier run has left is not this one's.
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	errs := []error{os.WriteFile(filepath.Join(folder, "console.txt"), []byte(seen.text()), 0o644)}
	if gathered != nil {
		errs = append(errs, gathered.Write(filepath.Join(folder, "report.json")))
	}
	if words != nil {
		var all []types.Report
		for name, output := range words.Output {
			errs = append(errs, os.WriteFile(filepath.Join(folder, FolderName(name)+".txt"), output.Bytes(), 0o644))
			all = append(all, words.Reports[name]...)
		}
		text, err := json.Marshal(all)
		errs = append(errs, err, os.WriteFile(filepath.Join(folder, "ginkgo.json"), text, 0o644))
	}
	return errors.Join(errs...)
}

// FolderName is a kernel's name as the name of a folder.
func FolderName(kernel string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune("/:, =\\", c) || c < ' ' {
			return '-'
		}
		return c
	}, kernel)
}
