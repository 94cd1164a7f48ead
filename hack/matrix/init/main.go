// Command init is the first process of a guest: it makes the places of a root folder, runs the suites that its job
// names, says how they went over the guest's channel, and powers off.
//
// Where the guest is a process among others (gVisor, the host itself) it does the same without the first and the last.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/wire"
)

func main() {
	path := job.Path
	if len(os.Args) > 1 && os.Getpid() != 1 {
		path = os.Args[1]
	}
	j, err := job.Read(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "init:", err)
		os.Exit(2)
	}
	err = do(j)
	if err != nil {
		// Nobody hears this but a reader of the console.
		fmt.Fprintln(os.Stderr, "init:", err)
	}
	if j.Own {
		powerOff()
	}
	if err != nil {
		os.Exit(1)
	}
}

// do does the job. Its error is that nothing could be said any more.
func do(j *job.Job) error {
	hello := job.Hello{Release: release(), Booted: j.Own}
	if j.Own {
		hello.Missing = prepare(j)
	}
	channel, err := openChannel(j)
	if err != nil {
		return err
	}
	out := wire.NewWriter(channel)
	body, err := json.Marshal(hello)
	if err != nil {
		return err
	}
	if err := out.Send(wire.Hello, "", body); err != nil {
		return err
	}
	if err := runSuites(j, out); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	// What was written must have left before the power goes.
	return drain(channel)
}

// prepare makes of a bare kernel a place where suites can run, and says what it could not do.
func prepare(j *job.Job) (missing []string) {
	note := func(err error) {
		if err != nil {
			missing = append(missing, err.Error())
		}
	}
	for _, m := range places {
		note(m.mount())
	}
	for _, file := range j.Modules {
		note(load(file))
	}
	note(mountDisks(j))
	for _, s := range j.Settings {
		note(os.WriteFile("/proc/sys/"+s.Name, []byte(s.Value), 0))
	}
	note(raiseLoopback())
	return missing
}

func powerOff() {
	unix.Sync()
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Fprintln(os.Stderr, "init: power off:", err)
	}
}

// environment is that of a suite.
func environment(j *job.Job, s job.Suite) []string {
	all := append([]string{}, j.Environment...)
	if !j.Own {
		// Where it is no kernel of its own it has a place already.
		all = append(os.Environ(), all...)
	}
	if j.Deviations != "" {
		all = append(all, "ZC_DEVIATIONS="+j.Deviations)
	}
	return append(all, s.Environment...)
}
