package spec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// On is where a spec checks its requirement: the ends of a transfer, and what moves the bytes between them.
type On struct {
	Method impl.Method
	Sink   sink.Kind
	Source source.Kind
	// FirstSource and FirstSink: it is the first that the method is made for. What does not depend on the source is asked
	// there, and what does not depend on the sink.
	FirstSource, FirstSink bool
	// corner: it is left out of a run that does not ask for Slow specs.
	corner bool
}

// Home says whether this is the one place in which everything is asked of the method.
func (on On) Home() bool { return on.FirstSource && on.FirstSink }

// ownMounts are the sources for which the kit mounts something, or sets a device up.
var ownMounts = []string{"ext4", "xfs", "btrfs", "overlay", "block"}

func (on On) labels() ginkgo.Labels {
	labels := ginkgo.Labels{on.Method.Name, on.Sink.Name, on.Source.Name}
	for _, each := range []struct {
		label  string
		needed bool
	}{
		{Network, on.Sink.Network && !on.Sink.NIC},
		{NIC, on.Sink.NIC},
		{TLS, on.Sink.Class == impl.TLS},
		{VSOCK, on.Sink.Class == impl.VSOCK},
		{Mount, slices.Contains(ownMounts, on.Source.Name)},
		{HugeTLB, on.Source.Class == impl.HugeFile},
		{IOUring, on.Method.Claim.Calls["io_uring_enter"] > 0},
		{"slow", on.corner},
	} {
		if each.needed && !slices.Contains(labels, each.label) {
			labels = append(labels, each.label)
		}
	}
	return labels
}

func (on On) String() string {
	return fmt.Sprintf("%s from %s into %s", on.Method.Name, on.Source.Name, on.Sink.Name)
}

// leftOut is how many specs on corners a run does not declare that did not ask for slow ones: there are several times
// as many as others, and to skip each of them by itself takes a tenth of the run. withoutNICs is how many it does not
// declare because there is no interface to send through.
var leftOut, withoutNICs int

// It declares a spec that holds one place to one requirement.
func It(r Requirement, suite string, on On, body func(*Case), decorations ...any) {
	if on.Sink.NIC && !NICsWanted() {
		withoutNICs++
		return
	}
	if on.corner && !SlowWanted() {
		leftOut++
		return
	}
	c := Case{Requirement: r, Method: on.Method.Name, Sink: on.Sink.Name, Source: on.Source.Name, where: on.String(), again: again(r, suite, on)}
	if on.Sink.NIC {
		// Of several processes of a run one alone can have the interfaces.
		decorations = append(decorations, ginkgo.Serial)
	}
	declare(c, on.labels(), r.ID+": "+on.String(), body, decorations)
}

// Promise declares a spec that holds one interface of the kernel, as a man page names it, to one requirement. Where
// it has to be kept in several places, place names this one.
func Promise(r Requirement, suite, of, place string, body func(*Case), decorations ...any) {
	c := Case{Requirement: r, Interface: of, Place: place, where: of, again: againAny(r, suite)}
	title := r.ID + ": " + r.Text
	labels := ginkgo.Labels{labelOf(of)}
	if place != "" {
		c.where += ", " + place
		title += " (" + place + ")"
		labels = append(labels, place)
	}
	declare(c, labels, title, body, decorations)
}

// labelOf is an interface's name as a label: a filter would take the page's section apart.
func labelOf(page string) string {
	for i, c := range page {
		if c == '(' {
			return page[:i]
		}
	}
	return page
}

func declare(made Case, labels ginkgo.Labels, title string, body func(*Case), decorations []any) {
	if requirements[made.Requirement.ID] != made.Requirement {
		panic(fmt.Sprintf("a spec asserts %q, which is no requirement: make it by Require", made.Requirement.ID))
	}
	args := append([]any{labels, ginkgo.Label(made.Requirement.ID), ginkgo.Offset(2)}, decorations...)
	args = append(args, func(ctx ginkgo.SpecContext) {
		// An interrupted spec ends by itself, and soon: whatever its transfer waits for goes with the agent.
		defer context.AfterFunc(ctx, world.interrupt)()
		c := made
		c.Narrow()
		ginkgo.AddReportEntry(CaseEntry, &c, ginkgo.ReportEntryVisibilityNever)
		c.unlessSlow()
		body(&c)
		if c.Transfers == 0 {
			c.KitBroke(errors.New("the spec judged nothing"))
		}
		c.verdict("pass")
	})
	ginkgo.It(title, args...)
}

// Slow marks a spec that takes longer than people wait for a default run.
var Slow = ginkgo.Label("slow")

// unlessSlow leaves a slow spec out of a run that did not ask for it.
func (c *Case) unlessSlow() {
	ginkgo.GinkgoHelper()
	if slices.Contains(ginkgo.CurrentSpecReport().Labels(), "slow") && !SlowWanted() {
		c.unchecked(LeftOut)
	}
}
