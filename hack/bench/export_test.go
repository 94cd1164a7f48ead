package bench

import (
	"context"
	"time"

	"github.com/onsi/gomega/gmeasure"
)

var (
	AllMeters     = allMeters
	ProcessorTime = processorTime
)

// RunSuite runs one program as a suite of that folder.
func RunSuite(ctx context.Context, program, folder string) (Suite, error) {
	return runSuite(ctx, program, folder)
}

// OwnPeak is this process's peak memory in bytes.
func OwnPeak() (int64, error) { return ownPeak() }

// Elapsed is what the clock of a pid has counted around a piece of work.
func Elapsed(pid int, work func()) (time.Duration, error) {
	clock := startClock(pid)
	work()
	return clock.stop()
}

// ScatterGather says how the network was set for the last connection.
func (n *Network) ScatterGather() (bool, error) { return n.pair.ScatterGather() }

// Recorded is what a run of so many bytes comes to, in GB/s and seconds per GB.
func Recorded(bytes int64, elapsed, mover time.Duration, noMover error, pair time.Duration, noPair error) (speed, ofMover, ofPair *Spread) {
	e := gmeasure.NewExperiment("one run")
	passage{bytes: bytes, elapsed: elapsed, mover: mover, noMover: noMover, pair: pair, noPair: noPair}.record(e)
	return spread(e, speedName), spread(e, moverName), spread(e, pairName)
}
