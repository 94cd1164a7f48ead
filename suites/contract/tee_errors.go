package contract

import (
	"golang.org/x/sys/unix"
)

// teeErrors are the errors of tee(2): both pipes keep what they hold.
var teeErrors = []Clause{
	{ID: "TEE-NO-PIPE", Since: "2.6.33", Source: "tee(2) ERRORS: EINVAL", Places: []string{"file", "unix-stream", "tcp"},
		Text: "a descriptor that is no pipe is EINVAL, and nothing is duplicated", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			var no int
			if t.Place() == "file" {
				_, no = t.Empty(unix.O_RDWR)
			} else {
				no, _ = t.stream(t.Place())
			}
			t.Step("as the output")
			t.Fails(tee(reader, no, 100, 0), unix.EINVAL)
			t.Step("as the input")
			t.Fails(tee(no, writer, 100, 0), unix.EINVAL)
			t.Step("as both")
			t.Fails(tee(no, no, 100, 0), unix.EINVAL)
			t.Kept(reader, data)
		}},
	{ID: "TEE-SAME-PIPE", Since: "2.6.33", Source: "tee(2) ERRORS: EINVAL",
		Text: "two ends of one pipe are EINVAL, and the pipe keeps its bytes", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			t.Fails(tee(reader, writer, 100, 0), unix.EINVAL)
			t.Kept(reader, data)
			t.Step("one FIFO, opened for both")
			both := t.fifo(unix.O_RDWR)
			data = t.put(both, 100)
			t.Fails(tee(both, both, 100, 0), unix.EINVAL)
			t.Kept(both, data)
		}},
	{ID: "TEE-UNKNOWN-FLAGS", Since: "5.10", Source: "tee(2): flags",
		Text: "a flag that does not exist is EINVAL, and nothing is duplicated", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			for _, flag := range unknownFlags {
				t.Step("flag %#x", flag)
				t.Fails(tee(reader, otherWriter, 100, flag), unix.EINVAL)
			}
			t.Kept(otherReader, nil)
			t.Kept(reader, data)
		}},
	// No page says so, and splice(2) does it the other way round.
	{ID: "TEE-FLAGS-FIRST", Source: "tee(2): flags",
		Text: "flags are looked at before the length and the descriptors", Check: func(t *T) {
			reader, writer := t.pipe()
			t.Step("with a length of 0")
			t.Fails(tee(reader, writer, 0, unknownFlags[0]), unix.EINVAL)
			t.Step("with descriptors that are not open")
			t.Fails(tee(-1, -1, 100, unknownFlags[0]), unix.EINVAL)
		}},
	{ID: "TEE-BAD-DESCRIPTOR", Since: "2.6.33", Source: "splice(2) ERRORS: EBADF; read(2), write(2) ERRORS: EBADF",
		Text: "a descriptor that is not open, or not in the way that is needed, is EBADF, and nothing is duplicated", Check: func(t *T) {
			reader, writer := t.pipe()
			otherReader, otherWriter := t.pipe()
			data := t.put(writer, 100)
			path := t.Open("/dev/null", unix.O_PATH)
			for _, bad := range []struct {
				what       string
				from, into int
			}{
				{"the input is closed", -1, otherWriter},
				{"the output is closed", reader, -1},
				{"the input is the end that is written", writer, otherWriter},
				{"the output is the end that is read", reader, otherReader},
				{"the input was opened O_PATH", path, otherWriter},
				{"the output was opened O_PATH", reader, path},
			} {
				t.Step("%s", bad.what)
				t.Fails(tee(bad.from, bad.into, 100, 0), unix.EBADF)
			}
			t.Kept(otherReader, nil)
			t.Kept(reader, data)
		}},
	{ID: "TEE-EPIPE", Since: "2.6.33", Source: "pipe(7): I/O on pipes and FIFOs",
		Text: "an output without a reader is EPIPE, with a SIGPIPE, and the input keeps every byte", Check: func(t *T) {
			reader, writer := t.pipe()
			data := t.put(writer, 100)
			otherReader, otherWriter := t.pipe()
			t.Shut(otherReader)
			sent := t.SIGPIPE(func() { t.Fails(tee(reader, otherWriter, 100, 0), unix.EPIPE) })
			Equal(t, "SIGPIPE sent", sent, true)
			t.Kept(reader, data)
		}},
}
