package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// keeperVariable holds, in the environment of a keeper, its task.
const keeperVariable = "ZC_ACCEPTANCE_KEEPER"

// A keeper is this program in another role: it makes the machine poorer, for itself and its children only, runs
// one command on it, and then looks at what that has left. It exits as the command did.
type keeper struct {
	Command []string
	// Notes is the folder for the keeper's notes: the process ID of the command, and what was left.
	Notes string
	// Folders are those in which the kit's temporary files may lie, and nobody else's.
	Folders []string
	// Grace is how long what was left may take to go: processes that have lost the kit leave by themselves, and
	// the kernel takes namespaces apart in its own time.
	Grace time.Duration
	// Room says that the keeper was started in user and mount namespaces of its own.
	Room bool
	machine
}

// machine is how a machine differs from the one that this test runs on.
type machine struct {
	// Covered are folders over which something else is mounted.
	Covered []cover
	// Settings are kernel settings, by their path under /proc/sys.
	Settings map[string]string
	// Refused are system calls, by number, that fail with EPERM, and so are sockets of the Families.
	Refused, Families []uint32
}

// cover is an empty tmpfs over a folder, or another folder.
type cover struct {
	Folder   string
	By       string
	Full     bool
	ReadOnly bool
}

// left is what a command has left when it has ended. All of it is empty after a run of the kit.
type left struct {
	Processes  []string `json:",omitempty"`
	Files      []string `json:",omitempty"`
	Mounts     []string `json:",omitempty"`
	Interfaces []string `json:",omitempty"`
	Namespaces []string `json:",omitempty"`
}

const (
	pidNote  = "pid"
	leftNote = "left"
	// keeperBroke is the keeper's exit code when it could not do its task.
	keeperBroke = 99
)

func keep(task string) int {
	var k keeper
	err := json.Unmarshal([]byte(task), &k)
	if err == nil {
		var code int
		if code, err = k.run(); err == nil {
			return code
		}
	}
	fmt.Fprintln(os.Stderr, "the keeper:", err)
	return keeperBroke
}

func (k keeper) run() (code int, err error) {
	// The command dies with this thread: see Pdeathsig in prctl(2).
	runtime.LockOSThread()
	os.Unsetenv(keeperVariable)
	if k.Room {
		// What others mount meanwhile is none of the command's.
		if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return 0, os.NewSyscallError("mount", err)
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if err := k.machine.make(); err != nil {
		return 0, err
	}
	// It may be covered now.
	if err := os.Chdir(here); err != nil {
		return 0, err
	}
	// What loses its parent becomes the keeper's child.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, os.NewSyscallError("prctl", err)
	}
	before := k.look()
	command := exec.Command(k.Command[0], k.Command[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return 0, err
	}
	if err := k.note(pidNote, command.Process.Pid); err != nil {
		return 0, errors.Join(err, command.Process.Kill())
	}
	if err := command.Wait(); err != nil && command.ProcessState == nil {
		return 0, err
	}
	orphans := k.strays()
	after := k.more(before)
	after.Processes = orphans
	if err := k.note(leftNote, after); err != nil {
		return 0, err
	}
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// note writes a note, whole or not at all: its reader waits for it.
func (k keeper) note(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	draft := filepath.Join(k.Notes, name+".draft")
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, filepath.Join(k.Notes, name))
}

// strays waits for the children to end by themselves, and names and ends those that do not.
func (k keeper) strays() (names []string) {
	if reaped(time.Now().Add(k.Grace)) {
		return nil
	}
	// The children of those that are ended become the keeper's own.
	for len(names) == 0 || !reaped(time.Now().Add(time.Second)) {
		pids := childrenOf(os.Getpid())
		if len(pids) == 0 {
			return append(names, "a process that /proc does not show")
		}
		for _, pid := range pids {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			names = append(names, strings.ReplaceAll(strings.Trim(string(text), "\x00"), "\x00", " "))
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
	return names
}

// reaped waits for the end of all children, and says whether it came.
func reaped(deadline time.Time) bool {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		switch {
		case err == unix.ECHILD:
			return true
		case err == unix.EINTR || pid > 0:
		case time.Now().After(deadline):
			return false
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

// childrenOf are the processes whose parent is that one.
func childrenOf(parent int) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		// The name before it, in brackets, may hold anything (proc_pid_stat(5)).
		_, rest, _ := strings.Cut(string(text[max(0, strings.LastIndexByte(string(text), ')')):]), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// look lists what commands may leave.
func (k keeper) look() (now left) {
	for _, folder := range k.Folders {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			now.Files = append(now.Files, filepath.Join(folder, entry.Name()))
		}
	}
	if text, err := os.ReadFile("/proc/self/mountinfo"); err == nil && k.Room {
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
func (k keeper) more(before left) left {
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
// is none.
func (k keeper) namespaces() []string {
	const limit = "/proc/sys/user/max_net_namespaces"
	if !k.Room || len(k.Settings) > 0 {
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

// make turns this machine, as the keeper and its children see it, into that one.
func (m machine) make() error {
	for _, c := range m.Covered {
		if err := c.mount(); err != nil {
			return fmt.Errorf("covering %s: %w", c.Folder, err)
		}
	}
	for name, value := range m.Settings {
		if err := os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0); err != nil {
			return err
		}
	}
	return refuse(m.Refused, m.Families)
}

func (c cover) mount() error {
	if c.By != "" {
		return os.NewSyscallError("mount", unix.Mount(c.By, c.Folder, "", unix.MS_BIND, ""))
	}
	options, flags := "", uintptr(0)
	if c.Full {
		options = "size=64k"
	}
	if c.ReadOnly {
		flags = unix.MS_RDONLY
	}
	if err := unix.Mount("tmpfs", c.Folder, "tmpfs", flags, options); err != nil {
		return os.NewSyscallError("mount", err)
	}
	if c.Full {
		err := os.WriteFile(filepath.Join(c.Folder, "full"), make([]byte, 1<<20), 0o600)
		if !errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("it is not full: %v", err)
		}
	}
	return nil
}

// refuse installs a seccomp(2) filter for this process and its children.
func refuse(calls, families []uint32) error {
	if len(calls)+len(families) == 0 {
		return nil
	}
	// The number of the call is the first word of seccomp_data.
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}}
	for _, number := range calls {
		filter = append(filter,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	// Behind them only the first argument of socket(2) is looked at: the lower half of a word, 16 bytes in.
	allow := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
	filter = append(filter,
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jt: 1}, allow,
		unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16})
	for _, family := range families {
		filter = append(filter,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: family, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	filter = append(filter, allow)
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	// The thread that this is: its children inherit it.
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); errno != 0 {
		return os.NewSyscallError("seccomp", errno)
	}
	runtime.KeepAlive(filter)
	return nil
}
