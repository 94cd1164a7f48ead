package adversity

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// roleVariable makes this program a helper of a condition: which one it names. A helper leaves when its standard input
// ends, and so never outlives the soak.
const roleVariable = "ZC_SOAK_ROLE"

// A role makes ready; it is then held until the end.
var roles = map[string]func() error{"busy": burn, "pipes": fillPipes}

// Enter does a helper's work and exits, in a process that was started as one. In any other it returns at once. Call it
// first thing in main, or in TestMain.
func Enter() {
	name, isHelper := os.LookupEnv(roleVariable)
	if !isHelper {
		return
	}
	prepare, known := roles[name]
	err := fmt.Errorf("there is no role %q", name)
	if known {
		err = prepare()
	}
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, ready)
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

const ready = "ready"

// helper starts one, waits until it is ready, and returns what ends it. As is the user that it is, nil for this one.
func helper(role string, as *syscall.Credential) (end func() error, err error) {
	// By this name another user can run it, too, where its folder is closed to others, as those are that go run builds in.
	command := exec.Command("/proc/self/exe")
	command.Env = append(os.Environ(), roleVariable+"="+role)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	end = func() error { return errors.Join(input.Close(), command.Wait()) }
	said, err := bufio.NewReader(output).ReadString('\n')
	if err == nil && said == ready+"\n" {
		return end, nil
	}
	return nil, errors.Join(fmt.Errorf("the helper %q says %q", role, said), end())
}

// busy starts a busy process for every core.
func busy() (end func() error, err error) {
	var ends []func() error
	end = func() (err error) {
		for _, one := range ends {
			err = errors.Join(err, one())
		}
		return err
	}
	for range runtime.NumCPU() {
		one, err := helper("busy", nil)
		if err != nil {
			return nil, errors.Join(err, end())
		}
		ends = append(ends, one)
	}
	return end, nil
}

// burn keeps one core busy.
func burn() error {
	go func() {
		for {
			// Of the system calls, the cheapest: so that the kernel, too, has something to do.
			_ = unix.Getppid()
		}
	}()
	return nil
}
