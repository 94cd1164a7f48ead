package safety

import (
	"fmt"
	"maps"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/spec"
)

var (
	position = spec.Require(spec.Requirement{
		ID: "SAFETY-POSITION", Source: "read(2), pread(2), sendfile(2), splice(2), the method's claim", Since: "2.6.33",
		Text: "after a transfer the source's file position is behind what was moved, of a method that reads from there, and elsewhere where it was",
	})
	settings = spec.Require(spec.Requirement{
		ID: "SAFETY-SETTINGS", Source: "fcntl(2): F_SETFL; socket(7), tcp(7), udp(7)", Since: "2.6.33",
		Text: "after a transfer its source and its sink are set as before: by the status flags and options that all share who hold them",
	})
	usable = spec.Require(spec.Requirement{
		ID: "SAFETY-SINK", Source: "shutdown(2); Documentation/networking/msg_zerocopy.rst: Notification Reception", Since: "2.6.33",
		Text: "after a transfer its sink takes more, and no message about the transfer waits on its error queue",
	})
)

// ends declares the specs on how a transfer leaves its source and its sink.
func ends(on spec.On) {
	if on.FirstSink {
		spec.It(position, "safety", on, func(c *spec.Case) {
			left, where := leave(c, on)
			// A transfer begins with the position at its offset.
			owed := int64(from)
			if on.Method.Claim.Advances {
				owed += movedBytes - 2*from
			}
			if seen := left.Source[1].Position; seen != owed {
				c.Deviates(fmt.Sprintf("position %d", owed), fmt.Sprintf("position %d", seen), where)
			}
		})
	}
	if !on.FirstSource {
		return
	}
	spec.It(settings, "safety", on, func(c *spec.Case) {
		left, where := leave(c, on)
		if was, is := left.Source[0].Flags, left.Source[1].Flags; was != is {
			c.Deviates(fmt.Sprintf("the source's status flags %#o", was), fmt.Sprintf("%#o", is), where)
		}
		if was, is := left.Sink[0], left.Sink[1]; !maps.Equal(was, is) {
			c.Deviates("the sink's settings "+described(was, is), described(is, was), where)
		}
	})
	if !(impl.Sockets &^ impl.CorkedUDP).Has(on.Sink.Class) {
		// Nothing that a method can do ends another sink for who else holds it; and a corked one takes what it does not
		// send.
		return
	}
	spec.It(usable, "safety", on, func(c *spec.Case) {
		left, where := leave(c, on)
		if left.Refused != nil {
			c.Deviates("the sink takes a byte more", left.Refused.Error(), where)
		}
		if left.WaitingErrors > 0 {
			c.Deviates("an empty error queue", fmt.Sprintf("%d messages on it", left.WaitingErrors), where)
		}
	})
}

// from is where the range begins.
const from = 100

// places holds what was seen of each place: several requirements are judged by one transfer.
var places spec.Once[*spec.Left]

func leave(c *spec.Case, on spec.On) (left *spec.Left, where string) {
	left, err := places.At(on, func() (*spec.Left, error) {
		file, err := on.Source.Open(spec.RoundUp(on.Source, movedBytes))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return spec.Transfer{Method: on.Method, Sink: on.Sink, Source: file, Offset: from, Length: movedBytes - 2*from}.Leave()
	})
	where = fmt.Sprintf("bytes %d to %d", from, movedBytes-from)
	if left != nil && left.Outcome != nil {
		c.Moved(left.Outcome, where)
	}
	c.Check(err, where)
	c.Transfers++
	return left, where
}

// described are those settings that are not as the others.
func described(settings, others sink.Settings) string {
	differing := sink.Settings{}
	for name, value := range settings {
		if other, there := others[name]; !there || other != value {
			differing[name] = value
		}
	}
	return fmt.Sprint(map[string]int(differing))
}
