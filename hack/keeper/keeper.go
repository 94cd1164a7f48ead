// Package keeper runs one command on a machine that is poorer than this one, and says what the command has left behind:
// processes, files, mounts, interfaces and namespaces. The poverty is the command's alone, and ends with it.
//
// A keeper is a process of its own, made from the program that asks for it, which calls Enter first thing: so what the
// command loses is told apart from what anybody else has.
package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// variable holds, in the environment of a keeper, its task.
const variable = "ZC_KEEPER"

// Broke is the keeper's exit code when it could not do its task.
const Broke = 99

// A Keeper is this program in another role: it makes the machine poorer, for itself and its children only, runs
// one command on it, and then looks at what that has left. It exits as the command did, or with 128 and the number of
// the signal that ended it.
type Keeper struct {
	Command []string
	// Notes is the folder for the keeper's notes: see PID and Remains.
	Notes string
	// Folders are those in which the kit's temporary files may lie, and nobody else's.
	Folders []string
	// Grace is how long what was left may take to go: processes that have lost the kit leave by themselves, and
	// the kernel takes namespaces apart in its own time.
	Grace time.Duration
	Room  Room
	// Network asks for a network namespace of its own, which has a loopback. It takes a room.
	Network bool
	Machine
}

// Room is where a keeper works: in it mounts are its own, and can be counted.
type Room string

const (
	// Open is where this process is.
	Open Room = ""
	// Own is user and mount namespaces of its own, which an ordinary user can have where they are allowed.
	Own Room = "own"
	// Roots is a mount namespace of its own, for which root gives up none of its power.
	Roots Room = "root's"
)

// Enter does a keeper's task and exits, in a process that was started as one. In any other it returns at once. Call it
// first thing in main, or in TestMain.
func Enter() {
	entered = true
	task, isKeeper := os.LookupEnv(variable)
	if !isKeeper {
		return
	}
	var k Keeper
	err := json.Unmarshal([]byte(task), &k)
	if err == nil {
		var code int
		if code, err = k.run(); err == nil {
			os.Exit(code)
		}
	}
	fmt.Fprintln(os.Stderr, "the keeper:", err)
	os.Exit(Broke)
}

// entered: until then a keeper could not be told apart from its starter, and would do the starter's work again, without end.
var entered bool

// Cmd is this program as that keeper, yet to be started. It has this process's environment, without the variables of
// the kit.
func (k Keeper) Cmd() (*exec.Cmd, error) {
	if !entered {
		return nil, errors.New("keeper: Enter was never called in this process: call it first thing in main, or in TestMain")
	}
	text, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(program)
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, "ZC_") {
			command.Env = append(command.Env, each)
		}
	}
	command.Env = append(command.Env, variable+"="+string(text))
	command.SysProcAttr = &syscall.SysProcAttr{}
	switch k.Room {
	case Own:
		command.SysProcAttr.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNS
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	case Roots:
		command.SysProcAttr.Cloneflags = unix.CLONE_NEWNS
	}
	if k.Network {
		command.SysProcAttr.Cloneflags |= unix.CLONE_NEWNET
	}
	return command, nil
}

func (k Keeper) run() (code int, err error) {
	// The command dies with this thread: see Pdeathsig in prctl(2).
	runtime.LockOSThread()
	os.Unsetenv(variable)
	if k.Room != Open {
		// What others mount meanwhile is none of the command's.
		if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return 0, os.NewSyscallError("mount", err)
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if k.Network {
		if err := raiseLoopback(); err != nil {
			return 0, err
		}
	}
	if err := k.Machine.make(); err != nil {
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

// The keeper's notes.
const (
	pidNote  = "pid"
	leftNote = "left"
)

// PID is the process ID of the command, and os.ErrNotExist until it has begun.
func PID(notes string) (pid int, err error) {
	err = read(notes, pidNote, &pid)
	return pid, err
}

// Remains is what the command has left, and os.ErrNotExist until the keeper has ended.
func Remains(notes string) (what Left, err error) {
	err = read(notes, leftNote, &what)
	return what, err
}

func read(notes, name string, value any) error {
	text, err := os.ReadFile(filepath.Join(notes, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

// note writes a note, whole or not at all: its reader waits for it.
func (k Keeper) note(name string, value any) error {
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
