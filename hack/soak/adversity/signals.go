package adversity

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/keeper"
)

// signals that no program need notice, but whose arrival interrupts the system call that a thread is in.
var signals = []Condition{
	{
		Name: "signals", Says: "SIGURG, SIGCHLD, SIGWINCH and SIGCONT, to the threads of the processes that move the bytes",
		Beside: atRandom(func(pid int, random Random) error {
			harmless := []unix.Signal{unix.SIGURG, unix.SIGCHLD, unix.SIGWINCH, unix.SIGCONT}
			threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
			if err != nil || len(threads) == 0 {
				// It has gone.
				return nil
			}
			thread, err := strconv.Atoi(threads[random.IntN(len(threads))].Name())
			if err != nil {
				return err
			}
			return gone(unix.Tgkill(pid, thread, harmless[random.IntN(len(harmless))]))
		}),
	},
	{
		Name: "stops", Says: "SIGSTOP, and SIGCONT some milliseconds later, to the processes that move the bytes",
		Beside: atRandom(func(pid int, random Random) error {
			if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
				return gone(err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(5 * time.Millisecond))))
			return gone(unix.Kill(pid, unix.SIGCONT))
		}),
	},
}

// gone: that a process has ended is no error.
func gone(err error) error {
	if err == unix.ESRCH {
		return nil
	}
	return err
}

// atRandom does something to a process that moves bytes, one by lot each time, every few milliseconds.
func atRandom(do func(pid int, random Random) error) func(context.Context, *Run, int, Random) error {
	return func(ctx context.Context, _ *Run, runner int, random Random) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Duration(random.Int64N(int64(10 * time.Millisecond)))):
			}
			movers := movers(runner)
			if len(movers) == 0 {
				continue
			}
			if err := do(movers[random.IntN(len(movers))], random); err != nil {
				return err
			}
		}
	}
}

// movers are the processes that a suite has made of its own program, below the runner.
func movers(runner int) (pids []int) {
	for _, child := range keeper.ChildrenOf(runner) {
		if sameProgram(child, runner) {
			pids = append(pids, child)
		}
		pids = append(pids, movers(child)...)
	}
	return pids
}

func sameProgram(a, b int) bool {
	its, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", a))
	others, failed := os.Readlink(fmt.Sprintf("/proc/%d/exe", b))
	return err == nil && failed == nil && its == others
}
