package keeper

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Left is what a command has left when it has ended. All of it is empty after a run of the kit.
type Left struct {
	Processes  []string `json:",omitempty"`
	Files      []string `json:",omitempty"`
	Mounts     []string `json:",omitempty"`
	Interfaces []string `json:",omitempty"`
	Namespaces []string `json:",omitempty"`
}

// All is all of it, each with its kind before it.
func (l Left) All() (all []string) {
	for _, kind := range []struct {
		name string
		of   []string
	}{{"process", l.Processes}, {"file", l.Files}, {"mount", l.Mounts}, {"interface", l.Interfaces}, {"namespace", l.Namespaces}} {
		for _, one := range kind.of {
			all = append(all, kind.name+" "+one)
		}
	}
	return all
}

// look lists what commands may leave.
func (k Keeper) look() (now Left) {
	for _, folder := range k.Folders {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			now.Files = append(now.Files, filepath.Join(folder, entry.Name()))
		}
	}
	if text, err := os.ReadFile("/proc/self/mountinfo"); err == nil && k.Room != Open {
		now.Mounts = strings.Split(string(text), "\n")
	}
	entries, _ := os.ReadDir("/sys/class/net")
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "zc") {
			now.Interfaces = append(now.Interfaces, entry.Name())
		}
	}
	return now
}

// more is what is there now and was not before. Namespaces get some time: the kernel takes them apart in its own.
func (k Keeper) more(before Left) Left {
	beyond := func(now, before []string) []string {
		return slices.DeleteFunc(now, func(s string) bool { return slices.Contains(before, s) })
	}
	now := k.look()
	now.Files, now.Mounts, now.Interfaces = beyond(now.Files, before.Files), beyond(now.Mounts, before.Mounts), beyond(now.Interfaces, before.Interfaces)
	for deadline := time.Now().Add(k.Grace); ; time.Sleep(time.Millisecond) {
		if now.Namespaces = k.namespaces(); len(now.Namespaces) == 0 || time.Now().After(deadline) {
			return now
		}
	}
}

// namespaces says whether a network namespace of the command's is left. The room's user namespace counts those
// that were made in it, whatever holds them: when it is allowed a single one, a new one can be made only if there
// is none. Without a user namespace of its own that would be the whole machine's setting; there, when no process is left
// a namespace could be held by nothing but a mount, and mounts are counted.
func (k Keeper) namespaces() []string {
	const limit = "/proc/sys/user/max_net_namespaces"
	if k.Room != Own || k.Network || len(k.Settings) > 0 {
		return nil
	}
	if os.WriteFile(limit, []byte("1"), 0) != nil {
		return nil
	}
	refused := make(chan error)
	go func() {
		// The thread, and with it the namespace, ends with this function: it is never unlocked.
		runtime.LockOSThread()
		refused <- unix.Unshare(unix.CLONE_NEWNET)
	}()
	if err := <-refused; err != nil {
		return []string{"a network namespace: a new one is refused: " + err.Error()}
	}
	return nil
}
