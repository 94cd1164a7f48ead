// Package job is what a guest is asked to do, and what it says of itself: the words that the machine outside and the
// init inside have in common. A job travels as a file in the guest's root folder.
package job

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Path is where a guest finds its job.
const Path = "/job.json"

// Job is what one guest does before it ends.
type Job struct {
	// Own: the guest is a kernel of its own, and init its first process: it has to make the places of a root folder,
	// and to power off at the end. Otherwise it is a process among others, and just ends.
	Own bool
	// Port is the virtio port for the guest's words, and Line the path of what takes them where there is no such port,
	// such as a serial line; both are empty where they go to standard output.
	Port, Line string
	// Modules are the kernel modules to load, as paths, in this order.
	Modules []string
	// Disks are mounted before the suites begin.
	Disks []Disk
	// Settings are kernel settings by their sysctl(8) name, with slashes.
	Settings []Setting
	// Environment is that of every suite.
	Environment []string
	// Deviations is the file that lists what this kernel is known to fail, empty where there is none.
	Deviations string
	// Suites are run in this order, AtOnce at a time.
	Suites []Suite
	AtOnce int
	// SuitePatience is how long a suite may take before it is killed.
	SuitePatience time.Duration
}

// Disk is a filesystem that was made beforehand on a device of the guest.
type Disk struct{ Device, Folder, Filesystem string }

// Setting is one kernel setting.
type Setting struct{ Name, Value string }

// Suite is one suite's program and what it is run with.
type Suite struct {
	// Name stands for it in all that is said.
	Name, Program string
	// Arguments are its own, and Environment is added to the job's.
	Arguments, Environment []string
	// Cards are the hardware addresses of two network interfaces that are wired to each other, which no other suite uses
	// meanwhile; none where the suite is lent none.
	Cards []string
	// Report: it writes Ginkgo's JSON report where --ginkgo.json-report says.
	Report bool
}

// Hello is what a guest says first.
type Hello struct {
	Release string
	// Booted: it is a kernel of its own, which was started for this.
	Booted bool
	// Missing is what was asked for and could not be had, a line each: a module that does not load, a disk that does
	// not mount. The suites say what they could not check without it.
	Missing []string
}

// Ended is how a suite ended.
type Ended struct {
	// Exit is its exit code, -1 where it has none.
	Exit int
	// Why is what stood in the way of an ordinary end: a signal, the deadline, a report that was not written.
	Why string
	// LeftOut is why it was not run: the guest does not have the network interfaces that it was to be lent.
	LeftOut string
	Elapsed time.Duration
}

// Read reads a job from a file.
func Read(path string) (*Job, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var j Job
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("%s is no job: %w", path, err)
	}
	return &j, nil
}

// Text is the job as a file holds it.
func (j *Job) Text() []byte {
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		panic(err) // it holds nothing that JSON does not
	}
	return text
}
