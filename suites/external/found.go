package external

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

// mib is what a program is asked to move where its calls are counted.
const mib = 1 << 20

// Found is what a program does, as measured with one kind of sink.
type Found struct {
	// Technique is by what it moves bytes: see follow.Trail.
	Technique string
	// Trail is what it did to move a MiB, while somebody read.
	Trail       *follow.Trail
	CallsPerMiB float64
	// UserCopies is how often the CPU has carried each byte across the user boundary, or the program from one place of its
	// memory to another, and KernelCopies how often inside the kernel those that have not crossed it, nil where all have, or
	// nobody can tell: for the reason in unprobed, where that is it. Copies is both.
	UserCopies           float64
	KernelCopies, Copies *float64
	unprobed             string
	Aliasing             aliasing.Sharing
	// best is what the kit's own sendfile takes.
	best *yardstick
}

// probed is what the probe has shown: what arrived, and how many of its bytes the program had in its own hands.
type probed struct {
	aliasing.Bytes
	byProgram int64
}

// sharing sums it up.
func (p probed) sharing() aliasing.Sharing {
	switch {
	case p.Copied == 0:
		return aliasing.Shared
	case p.Shared == 0:
		return aliasing.Copied
	}
	return aliasing.Mixed
}

// copies fills in how often each byte was copied. What the program has had in its own hands are copies by that; of the rest
// the probe tells whether the kernel has copied it.
func (f *Found) copies(moved int64, seen *probed) {
	f.UserCopies = round(float64(f.Trail.BytesIntoUser-f.Trail.BytesDirect+f.Trail.BytesFromUser+f.Trail.OwnCopies()) / float64(moved))
	if seen != nil {
		f.Aliasing = seen.sharing()
	}
	inHands := min(1, round(float64(f.Trail.InHands())/float64(moved)))
	switch {
	case len(f.Trail.Untold) > 0:
		return
	case inHands == 1:
		f.Copies = &f.UserCopies
	case strings.Contains(f.Technique, "FICLONE"):
		// The files share blocks until one of them is written to. What the probe sees is the copy that comes of that.
	case seen != nil:
		kernel := round(seen.CopiedShare(seen.byProgram) * (1 - inHands))
		all := round(f.UserCopies + kernel)
		f.KernelCopies, f.Copies = &kernel, &all
	}
}

// round cuts a number to hundredths: a byte more at the end of a file is no copy of it.
func round(n float64) float64 { return math.Round(n*100) / 100 }

// find measures what a program does: it moves a MiB while somebody reads, and then what fits into the sink unread, of which
// the source is overwritten before anybody reads.
func find(ctx context.Context, p program.Program, kind sink.Kind) (f *Found, e *ended, err error) {
	file, err := source.Kinds()[0].Open(mib)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	into, err := spec.OpenSink(kind)
	if err != nil {
		return nil, nil, err
	}
	defer into.Close()
	checker := file.Payload.Checker(0, mib)
	if e, err = (run{p, file, into, 0, mib}).drained(ctx, checker); err != nil {
		return nil, e, err
	}
	f = &Found{Trail: e.trail, Technique: e.trail.Technique(), CallsPerMiB: float64(e.trail.Total())}
	if e.wrong() != "" {
		return f, e, nil
	}
	if wrong := checker.Err(); wrong != nil {
		// What it has cost to move something else is of no interest.
		return f, e, wrongBytes(wrong)
	}
	seen, unprobed, err := probe(ctx, p, kind)
	if err != nil {
		return f, e, err
	}
	f.unprobed = unprobed
	f.copies(mib, seen)
	f.best, err = measure(kind)
	return f, e, err
}

// wrongBytes is what is wrong with bytes as the program's fault, nil where nothing is.
func wrongBytes(err error) error {
	if err == nil {
		return nil
	}
	return &spec.WrongBytes{Err: err}
}

// probe tells whether what a program has sent is the source's own pages; nil, and why, where the program has not come to its
// end while nobody read.
func probe(ctx context.Context, p program.Program, kind sink.Kind) (arrived *probed, why string, err error) {
	// Half of what fits: who has to find out that this was all must not wait for room.
	length := min(kind.QueueBytes/2, 32<<10)
	file, err := source.Kinds()[0].Open(length)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	into, err := spec.OpenSink(kind)
	if err != nil {
		return nil, "", err
	}
	defer into.Close()
	deadline := time.Now().Add(agent.Patience() + 30*time.Second)
	e, err := run{p, file, into, 0, length}.do(ctx)
	if err != nil {
		return nil, "", err
	}
	if wrong := e.wrong(); wrong != "" {
		return nil, "while nobody reads " + wrong, nil
	}
	if err := into.AwaitSent(deadline); err != nil {
		return nil, "", err
	}
	probe, err := aliasing.Overwrite(file, 0, length)
	if err != nil {
		return nil, "", err
	}
	if err := into.Finish(); err != nil {
		return nil, "", err
	}
	if err := into.Drain(probe, func() int64 { return length }, deadline); err != nil {
		return nil, "", err
	}
	return judged(probe, e.trail)
}

// judged is what a probe has shown of what a program did.
func judged(probe *aliasing.Probe, trail *follow.Trail) (*probed, string, error) {
	seen, err := probe.Bytes()
	return &probed{seen, trail.InHands() - trail.Otherwise()}, "", wrongBytes(err)
}

// yardstick is what the kit's own sendfile takes for a MiB into a kind of sink; nil where that cannot be told.
type yardstick struct {
	calls  float64
	copies float64
}

var yardsticks spec.Once[*yardstick]

// measure measures it, once for a kind of sink.
func measure(kind sink.Kind) (*yardstick, error) {
	on := spec.On{Method: impl.Sendfile, Sink: kind, Source: source.Kinds()[0]}
	return yardsticks.At(on, func() (*yardstick, error) {
		file, err := on.Source.Open(mib)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		t := spec.Transfer{Method: on.Method, Sink: kind, Source: file, Length: mib, ChunkBytes: mib, Trace: true}
		outcome, wrong, err := t.Deliver()
		if err != nil || wrong != nil || outcome.Err() != nil || outcome.TraceMissing != nil {
			return nil, err
		}
		y := &yardstick{}
		for _, n := range outcome.Cost.Calls {
			y.calls += float64(n)
		}
		t.Length = min(kind.QueueBytes, 64<<10)
		m, err := t.Measure(false)
		if err != nil || m.Outcome.Err() != nil || m.Row.CPUCopies == nil {
			return nil, err
		}
		y.copies = *m.Row.CPUCopies
		return y, nil
	})
}

// Sentence says it for a person, and what sendfile would do with, where that is less.
func (f *Found) Sentence(p program.Program) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: ", called(p))
	if f.Technique == "" {
		text.WriteString("nothing was seen to arrive")
	} else {
		fmt.Fprintf(&text, "%s, %s at a time: %s", f.Technique, size(f.Trail.Largest), plural(f.CallsPerMiB, "call"))
	}
	switch {
	case f.Copies != nil:
		fmt.Fprintf(&text, " and %s a MiB", plural(*f.Copies, "CPU copy"))
	default:
		text.WriteString(" a MiB, and how often the CPU copies is not-checked")
		if f.unprobed != "" {
			text.WriteString(": " + f.unprobed)
		}
	}
	if y := f.best; y != nil && f.Copies != nil && (y.calls < f.CallsPerMiB || y.copies < *f.Copies) {
		fmt.Fprintf(&text, "; sendfile would do with %v and %v", y.calls, y.copies)
	}
	if len(f.Trail.Untold) > 0 {
		fmt.Fprintf(&text, "; what it moves by %s nobody sees: not-checked", strings.Join(f.Trail.Untold, " and "))
	}
	return text.String()
}

// called is how a sentence calls a program.
func called(p program.Program) string {
	if p.Server != nil && p.Server.PID != 0 {
		return fmt.Sprintf("process %d, %s", p.Server.PID, p.Name)
	}
	return "`" + p.Command() + "`"
}

// line is the same as a line of a table, its cells parted by tabs.
func (f *Found) line(p program.Program, into string) string {
	copies := "?"
	if f.Copies != nil {
		copies = fmt.Sprint(*f.Copies)
	}
	return strings.Join([]string{p.Name, into, f.Technique, size(f.Trail.Largest), fmt.Sprint(f.CallsPerMiB), copies}, "\t")
}

// heading is the table's.
const heading = "program\tinto\ttechnique\tat a time\tcalls\tCPU copies"

func size(bytes int64) string {
	switch {
	case bytes >= mib && bytes%mib == 0:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

func plural(n float64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if word, is := strings.CutSuffix(what, "y"); is {
		return fmt.Sprintf("%v %sies", n, word)
	}
	return fmt.Sprintf("%v %ss", n, what)
}
