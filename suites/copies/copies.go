// Package copies asks who copied what: which bytes crossed the user boundary, whether the pages in flight are
// the page cache's own, what came from the disk and what was handed to the device.
package copies

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

// probedBytes fits unread into every sink and is a whole number of pages.
const probedBytes = 32 << 10

// Specs declares the suite.
func Specs() {
	ginkgo.Describe("copies", func() {
		for _, on := range spec.Files() {
			if on.Sink.Swallows {
				continue
			}
			crossing(on)
			sharing(on)
			handing(on)
			completing(on)
			if on.FirstSink && on.Source.Cold {
				disk(on)
			}
			if on.FirstSource && on.Sink.ScatterGather && on.Source.Granule == 1 {
				gathering(on)
				witnessed(on)
			}
		}
	})
}

// places holds the measurement of each place: several requirements are judged by one transfer.
var places spec.Once[*spec.Measurement]

// measured is the place's measurement: warm, and small enough for every sink.
func measured(c *spec.Case, on spec.On) *spec.Measurement {
	m, err := places.At(on, func() (*spec.Measurement, error) {
		file, err := on.Source.Open(spec.RoundUp(on.Source, probedBytes))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: probedBytes}.Measure(false)
	})
	judged(c, m, err)
	return m
}

// measure measures one transfer of a file that the spec has prepared.
func measure(c *spec.Case, on spec.On, file *source.File, isCold bool) *spec.Measurement {
	m, err := measureFile(on, file, isCold)
	judged(c, m, err)
	return m
}

func measureFile(on spec.On, file *source.File, isCold bool) (*spec.Measurement, error) {
	return spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Length: file.Bytes}.Measure(isCold)
}

func judged(c *spec.Case, m *spec.Measurement, err error) {
	if m != nil && m.Outcome != nil {
		c.Moved(m.Outcome, where)
	}
	c.Check(err, where)
	c.Transfers++
}

// where is what all transfers of the suite have in common.
var where = fmt.Sprintf("%d bytes", probedBytes)

// control holds the aliasing probe itself to what is known: bytes that read+write moved have been copied. A
// probe that calls them shared would say so of everything.
func control(c *spec.Case, on spec.On) {
	on.Method = impl.ReadWrite
	if m := measured(c, on); m.Pages.Shared > 0 {
		c.KitBroke(fmt.Errorf("the aliasing probe is broken here: of read+write's %d pages it calls %d shared", m.Pages.Shared+m.Pages.Copied, m.Pages.Shared))
	}
}
