package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/onsi/gomega/gmeasure"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// Plan says what is moved for the throughput, and how often.
type Plan struct {
	Methods []impl.Method
	Sinks   []sink.Kind
	Chunks  []int // bytes
	Source  source.Kind
	// SourceBytes are moved in each run, all of the source in one transfer.
	SourceBytes int64
	// Runs is how often each cell is measured at most, and Budget the time for the whole table: where the
	// machine is slow, or the methods are many, there are fewer runs, but one at least.
	Runs   int
	Budget time.Duration
	// Network makes the connections of sinks that need a network of the kit's own.
	Network sink.Network
}

// The names of what an experiment records of each run.
const (
	speedName = "throughput"
	moverName = "CPU of the mover"
	pairName  = "CPU of mover and reader"
)

// Throughput fills the table. A method that this kernel refuses, or that is not made for such a source or sink, and a
// sink that this machine lacks, leave their cells empty, with the reason; a method that says that it has moved all bytes and has not is an error, as is
// whatever breaks in the kit.
func (p Plan) Throughput(ctx context.Context) (*Throughput, []*gmeasure.Experiment, error) {
	file, err := p.Source.Open(p.SourceBytes)
	if err != nil {
		if missing := kernel.AsUnavailable(err); missing != nil {
			return &Throughput{NotChecked: missing.Error(), Cells: []Cell{}}, nil, nil
		}
		return nil, nil, err
	}
	defer file.Close()
	if err := file.Warm(); err != nil {
		return nil, nil, err
	}
	var mover agent.Agent
	defer mover.Close()

	result := &Throughput{Source: p.Source.Doc, Filesystem: file.Filesystem, SourceBytes: p.SourceBytes, Cells: []Cell{}}
	var experiments []*gmeasure.Experiment
	// gmeasure takes a duration of 0 for no bound.
	share := max(1, p.Budget/time.Duration(max(1, len(p.Methods)*len(p.Sinks)*len(p.Chunks))))
	for _, method := range p.Methods {
		for _, chunk := range p.Chunks {
			for _, kind := range p.Sinks {
				lane := &lane{method: method, sink: kind, network: p.Network, chunk: chunk, source: file, agent: &mover}
				cell, experiment, err := lane.cell(ctx, gmeasure.SamplingConfig{N: p.Runs, Duration: share})
				if err != nil {
					return nil, nil, fmt.Errorf("%s into %s in chunks of %d bytes: %w", method.Name, kind.Name, chunk, err)
				}
				result.Cells = append(result.Cells, cell)
				experiments = append(experiments, experiment)
			}
		}
	}
	return result, experiments, nil
}

// lane is where the runs of one cell take place.
type lane struct {
	method  impl.Method
	sink    sink.Kind
	network sink.Network
	chunk   int
	source  *source.File
	agent   *agent.Agent
}

func (l *lane) cell(ctx context.Context, sampling gmeasure.SamplingConfig) (Cell, *gmeasure.Experiment, error) {
	cell := Cell{Method: l.method.Name, Sink: l.sink.Name, ChunkBytes: l.chunk}
	experiment := gmeasure.NewExperiment(fmt.Sprintf("%s into %s, %s", l.method.Name, l.sink.Name, size(int64(l.chunk))))
	if cell.NotChecked = l.unfit(); cell.NotChecked != "" {
		return cell, experiment, nil
	}
	// The first transfer starts the agent, and makes its buffer and what the kernel makes at the first use: it
	// is no part of any run.
	_, err := l.run(ctx, min(int64(l.chunk), l.source.Bytes))
	experiment.Sample(func(int) {
		if err != nil {
			return
		}
		var r passage
		if r, err = l.run(ctx, l.source.Bytes); err == nil {
			r.record(experiment)
		}
	}, sampling)
	var refused *refusal
	switch missing := kernel.AsUnavailable(err); {
	case missing != nil:
		cell.NotChecked = missing.Error()
	case errors.As(err, &refused):
		cell.NotChecked = refused.Error()
	case err != nil:
		return cell, nil, err
	default:
		cell.GBPerSecond, cell.MoverCPU, cell.PairCPU = spread(experiment, speedName), spread(experiment, moverName), spread(experiment, pairName)
	}
	return cell, experiment, nil
}

// unfit says why a method has no business in the lane.
func (l *lane) unfit() string {
	switch {
	case !l.method.Reads(l.source.Kind.Class):
		return "the method is not made for such a source"
	case !l.method.Writes(l.sink.Class):
		return "the method is not made for such a sink"
	case l.method.Two:
		return "the method has a second sink, which nobody reads here"
	}
	return ""
}

// refusal is how a method ended that did not move the range on this kernel.
type refusal struct{ err error }

func (r *refusal) Error() string { return "the method ended with: " + r.err.Error() }

// passage is what one transfer took: bytes moved, the time from the request to the last byte read, and, where they
// are known, the time on a processor of the mover alone and of both processes.
type passage struct {
	bytes   int64
	elapsed time.Duration
	mover   time.Duration
	noMover error
	pair    time.Duration
	noPair  error
}

// run moves the first bytes of the source once, while a reader fetches them as fast as it can.
func (l *lane) run(ctx context.Context, bytes int64) (passage, error) {
	r := passage{bytes: bytes}
	open, err := l.sink.Open(l.network)
	if err != nil {
		return r, err
	}
	defer open.Close()
	chunk := l.chunk
	if l.sink.ChunkBytes > 0 {
		chunk = min(chunk, l.sink.ChunkBytes)
	}
	deadline := time.Now().Add(agent.DefaultDeadline + 10*time.Second)
	drained := make(chan error, 1)
	arrived := &counter{}
	clock := startClock(l.agent.PID())
	start := time.Now()
	go func() { drained <- open.Drain(arrived, func() int64 { return 0 }, deadline) }()
	outcome, err := l.agent.Transfer(agent.Transfer{
		Method: l.method.Name, Source: l.source.Descriptor(), Sink: open.Descriptor(),
		Length: bytes, SourceBytes: l.source.Bytes, Chunk: chunk,
	})
	finished := open.Finish()
	drainErr := <-drained
	r.elapsed = time.Since(start)
	r.pair, r.noPair = clock.stop()
	switch {
	case ctx.Err() != nil:
		// What an interrupt did to the agent is no answer of the method's, and there will be no other run.
		return r, ctx.Err()
	case err != nil:
		return r, err
	case outcome.Err() != nil:
		return r, &refusal{outcome.Err()}
	case outcome.Moved != bytes || arrived.bytes != bytes:
		return r, fmt.Errorf("%d bytes were asked for, the method reports %d, %d arrived", bytes, outcome.Moved, arrived.bytes)
	}
	if r.noMover = outcome.UsageMissing; r.noMover == nil {
		r.mover = outcome.Usage.User + outcome.Usage.System
	}
	return r, errors.Join(finished, drainErr)
}

func (r passage) record(e *gmeasure.Experiment) {
	gb := float64(r.bytes) / gigabyte
	e.RecordValue(speedName, gb/r.elapsed.Seconds(), gmeasure.Units("GB/s"), gmeasure.Precision(3))
	if r.noMover == nil {
		e.RecordValue(moverName, r.mover.Seconds()/gb, gmeasure.Units("s/GB"), gmeasure.Precision(3))
	}
	if r.noPair == nil {
		e.RecordValue(pairName, r.pair.Seconds()/gb, gmeasure.Units("s/GB"), gmeasure.Precision(3))
	}
}

// spread is what is reported of the runs' values of that name, nil when there are none.
func spread(e *gmeasure.Experiment, name string) *Spread {
	stats := e.GetStats(name)
	if stats.N == 0 {
		return nil
	}
	return &Spread{
		Runs: stats.N, Median: stats.FloatFor(gmeasure.StatMedian), Deviation: stats.FloatFor(gmeasure.StatStdDev),
		Min: stats.FloatFor(gmeasure.StatMin), Max: stats.FloatFor(gmeasure.StatMax),
	}
}

// counter is io.Discard with a count.
type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return io.Discard.Write(p)
}

// Sinks are the kinds of those names, which exist.
func Sinks(names ...string) []sink.Kind {
	return slices.DeleteFunc(sink.Kinds(), func(k sink.Kind) bool { return !slices.Contains(names, k.Name) })
}
