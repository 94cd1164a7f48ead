package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"golang.org/x/sys/unix"
)

// far is how far a run is: of how many specs so many have ended, these of them red, and the suite that runs.
type far struct {
	Suite       string
	Done, Total int
	Failed      []string
}

func (f far) String() string {
	return fmt.Sprintf("%d of %d specs have ended, %d of them red; %s runs", f.Done, f.Total, len(f.Failed), f.Suite)
}

func (f *far) add(one told) {
	f.Done++
	if one.Red {
		f.Failed = append(f.Failed, one.Spec)
	}
}

// told is what a suite's process tells of a spec that has ended, as a line of JSON on toldDescriptor.
type told struct {
	Spec string
	Red  bool
}

const toldDescriptor = 3

// tellOfSpecs is the suite's side of it.
func tellOfSpecs() {
	// No child of this process may have it: what runs on in one would keep the listener waiting.
	unix.CloseOnExec(toldDescriptor)
	line := json.NewEncoder(os.NewFile(toldDescriptor, "what is told of specs"))
	ginkgo.ReportAfterEach(func(s types.SpecReport) {
		// One that was not selected was not attempted. That nobody listens is no failure of the spec.
		if s.NumAttempts > 0 {
			_ = line.Encode(told{s.FullText(), s.Failed()})
		}
	})
}

// hear runs a suite's process, and hears what it tells. Its error is that of the process, or that it talked nonsense.
func hear(command *exec.Cmd, tell func(told)) error {
	listens, tells, err := os.Pipe()
	if err != nil {
		return err
	}
	defer listens.Close()
	command.ExtraFiles = []*os.File{tells}
	err = command.Start()
	tells.Close()
	if err != nil {
		return err
	}
	lines := json.NewDecoder(listens)
	var nonsense error
	for nonsense == nil {
		var one told
		if nonsense = lines.Decode(&one); nonsense == nil {
			tell(one)
		}
	}
	if errors.Is(nonsense, io.EOF) {
		nonsense = nil
	}
	// What it tells further is nonsense, too, and must not keep it from ending.
	listens.Close()
	return errors.Join(command.Wait(), nonsense)
}
