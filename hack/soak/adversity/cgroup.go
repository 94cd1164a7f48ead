package adversity

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// controller is what of a control group limits a run: its name and its file in the unified hierarchy (cgroup-v2.rst), and
// in the one of its own that older machines have (cgroup-v1).
type controller struct{ name, file, old, oldFile string }

// groups is where a group with a controller can be made.
type groups struct {
	parent  string
	unified bool
}

// groupPrefix begins the name of every group of a soak's; its process ID comes next.
const groupPrefix = "zc-soak-"

// controlled is the condition of a run in a group of its own, whose limit is what value says.
func controlled(name, says string, c controller, value func(unified bool) (string, error)) Condition {
	return Condition{
		Name: name, Says: says, Missing: func() error { _, err := c.place(); return err },
		Pose: func(r *Run) (func() error, error) {
			at, err := c.place()
			if err != nil {
				return nil, err
			}
			limit, err := value(at.unified)
			if err != nil {
				return nil, err
			}
			at.sweep()
			group, err := at.make()
			if err != nil {
				return nil, err
			}
			remove := func() error { return os.Remove(group) }
			if err := os.WriteFile(filepath.Join(group, c.fileIn(at)), []byte(limit), 0); err != nil {
				return nil, errors.Join(err, remove())
			}
			// The shell enters the group and becomes the run. No user but this one may enter it: that comes later in the line.
			r.Prefix = append(r.Prefix, "sh", "-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(group, "cgroup.procs"))
			return remove, nil
		},
	}
}

func (c controller) fileIn(at groups) string {
	if at.unified {
		return c.file
	}
	return c.oldFile
}

// place looks for where a group can be made: below this process's own, or, in the unified hierarchy, where a group that
// has processes can have none with controllers, beside it.
func (c controller) place() (groups, error) {
	own, mounts, err := ownGroups()
	if err != nil {
		return groups{}, missing("a control group", err.Error(), "mount /proc and /sys/fs/cgroup")
	}
	at := groups{}
	if mount, there := mounts[c.old]; there {
		at.parent = filepath.Join(mount, own[c.old])
	} else if mount, there := mounts[""]; there {
		at = groups{parent: filepath.Join(mount, filepath.Dir(own[""])), unified: true}
		enabled, err := os.ReadFile(filepath.Join(at.parent, "cgroup.subtree_control"))
		if err != nil || !slices.Contains(strings.Fields(string(enabled)), c.name) {
			return groups{}, missing("the controller "+c.name, fmt.Sprintf("%s gives its groups: %s", at.parent, strings.TrimSpace(string(enabled))), "run it in a delegated control group: systemd-run --user --scope -p Delegate=yes")
		}
	} else {
		return groups{}, missing("the controller "+c.name, "no hierarchy of control groups has it", "mount -t cgroup2 none /sys/fs/cgroup")
	}
	probe, err := at.make()
	if err != nil {
		return groups{}, missing("a control group", err.Error(), "run it as root")
	}
	defer os.Remove(probe)
	if _, err := os.Stat(filepath.Join(probe, c.fileIn(at))); err != nil {
		return groups{}, missing("the limit of "+c.name, err.Error(), "use a kernel that has it")
	}
	return at, nil
}

// ownGroups are the paths of this process's groups, and where their hierarchies are mounted, by controller; the unified
// hierarchy has no name (proc_pid_cgroup(5), proc_pid_mountinfo(5)).
func ownGroups() (own, mounts map[string]string, err error) {
	own, mounts = map[string]string{}, map[string]string{}
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		for controller := range strings.SplitSeq(fields[1], ",") {
			own[controller] = fields[2]
		}
	}
	text, err = os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(string(text)) {
		place, kind, _ := strings.Cut(line, " - ")
		fields, of := strings.Fields(place), strings.Fields(kind)
		switch of[0] {
		case "cgroup2":
			mounts[""] = fields[4]
		case "cgroup":
			for controller := range strings.SplitSeq(of[2], ",") {
				mounts[controller] = fields[4]
			}
		}
	}
	return own, mounts, nil
}

// make makes a group, yet without a limit.
func (at groups) make() (string, error) {
	return os.MkdirTemp(at.parent, fmt.Sprintf("%s%d-", groupPrefix, os.Getpid()))
}

// sweep removes the empty groups that a soak has left which was killed.
func (at groups) sweep() {
	left, _ := filepath.Glob(filepath.Join(at.parent, groupPrefix+"*"))
	for _, group := range left {
		text, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(group), groupPrefix), "-")
		if pid, err := strconv.Atoi(text); err == nil && unix.Kill(pid, 0) == unix.ESRCH {
			_ = os.Remove(group)
		}
	}
}
