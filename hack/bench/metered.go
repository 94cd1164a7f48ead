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

// meteredBytes are moved by each metered transfer, in one chunk. They wait in the sink unread.
const meteredBytes = 64 << 10

// The names of what an experiment records of each case: as Sprintf formats, of the batch.
const (
	caseName     = "one of %d: the case"
	lateCaseName = "one of %d: the case, late"
	transferName = "one of %d: its transfer"
)

// MeasureMetered measures what one case costs as cases grow: batches of so many metered transfers, one after
// another in this process, each batch with an agent of its own. A case opens a sink, has 64 KiB moved into it by
// sendfile(2) with all three meters on, reads them and closes the sink. All batches are run that many rounds, so
// that a machine that grows busier meanwhile does not look like cases that grow dearer. Of each batch its last cases
// count apart, as many as the smallest batch has: what piles up shows there.
func MeasureMetered(ctx context.Context, rounds int, batches ...int) (*Metered, *gmeasure.Experiment, error) {
	experiment := gmeasure.NewExperiment("metered transfers")
	elapsed := map[int]time.Duration{}
	for range rounds {
		for _, transfers := range batches {
			took, err := runBatch(ctx, experiment, transfers, slices.Min(batches))
			if missing := kernel.AsUnavailable(err); missing != nil {
				return &Metered{Bytes: meteredBytes, Batches: []Batch{}, NotChecked: missing.Error()}, experiment, nil
			}
			if err != nil {
				return nil, nil, fmt.Errorf("%d metered transfers: %w", transfers, err)
			}
			elapsed[transfers] += took
		}
	}
	result := &Metered{Bytes: meteredBytes, Rounds: rounds, Batches: []Batch{}}
	for _, transfers := range batches {
		seconds := func(name string, of gmeasure.Stat) float64 {
			return experiment.GetStats(fmt.Sprintf(name, transfers)).DurationFor(of).Seconds()
		}
		result.Batches = append(result.Batches, Batch{
			Transfers:   transfers,
			CaseSeconds: seconds(caseName, gmeasure.StatMedian), TransferSeconds: seconds(transferName, gmeasure.StatMedian),
			LeastLateCaseSeconds: seconds(lateCaseName, gmeasure.StatMin),
			PerSecond:            float64(rounds*transfers) / elapsed[transfers].Seconds(),
		})
	}
	return result, experiment, nil
}

// runBatch runs a batch once and returns how long all of it took, but for the start of its agent. The last so many
// cases are late ones.
func runBatch(ctx context.Context, experiment *gmeasure.Experiment, transfers, late int) (time.Duration, error) {
	kind, err := source.Lookup("memfd")
	if err != nil {
		return 0, err
	}
	file, err := kind.Open(meteredBytes)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	into, err := sink.Lookup("unix-stream")
	if err != nil {
		return 0, err
	}
	var mover agent.Agent
	defer mover.Close()
	if _, err := meteredCase(ctx, into, file, &mover); err != nil {
		return 0, err
	}
	began := time.Now()
	for n := range transfers {
		start := time.Now()
		transfer, err := meteredCase(ctx, into, file, &mover)
		if err != nil {
			return 0, err
		}
		took := time.Since(start)
		experiment.RecordDuration(fmt.Sprintf(caseName, transfers), took)
		if n >= transfers-late {
			experiment.RecordDuration(fmt.Sprintf(lateCaseName, transfers), took)
		}
		experiment.RecordDuration(fmt.Sprintf(transferName, transfers), transfer)
	}
	return time.Since(began), nil
}

// meteredCase is one case; it returns how long its transfer alone took, with the setting up of the meters.
func meteredCase(ctx context.Context, into sink.Kind, file *source.File, mover *agent.Agent) (transfer time.Duration, err error) {
	open, err := into.Open(nil)
	if err != nil {
		return 0, err
	}
	defer open.Close()
	start := time.Now()
	outcome, err := mover.Transfer(agent.Transfer{
		Method: impl.Sendfile.Name, Source: file.Descriptor(), Sink: open.Descriptor(),
		Length: file.Bytes, SourceBytes: file.Bytes, Chunk: int(file.Bytes), Meter: true, Trace: true,
	})
	transfer = time.Since(start)
	if ctx.Err() != nil {
		// What an interrupt did to the agent is no answer of the method's.
		return transfer, ctx.Err()
	}
	if err != nil {
		return transfer, err
	}
	if err := allMeters(outcome, file.Bytes); err != nil {
		return transfer, err
	}
	if err := open.Finish(); err != nil {
		return transfer, err
	}
	return transfer, open.Drain(io.Discard, func() int64 { return 0 }, time.Now().Add(agent.DefaultDeadline))
}

// allMeters says what is wrong with an outcome that should have moved that many bytes under all three meters:
// to do without one is quicker, so the number would be another's.
func allMeters(o *agent.Outcome, bytes int64) error {
	switch {
	case o.Err() != nil:
		return o.Err()
	case o.Moved != bytes:
		return fmt.Errorf("%d of %d bytes were moved", o.Moved, bytes)
	case o.TraceMissing != nil:
		return o.TraceMissing
	case o.IOMissing != nil:
		return o.IOMissing
	case o.UsageMissing != nil:
		return o.UsageMissing
	case o.Trace == nil || o.Cost == nil || o.IO == nil || o.Usage == nil:
		return errors.New("a meter was off without a reason")
	}
	return nil
}
