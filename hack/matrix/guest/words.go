package guest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/wire"
)

// Words are what a guest has said.
type Words struct {
	Hello *job.Hello
	// Heard is when that was.
	Heard time.Time
	// Output is what each suite has printed, Reports what it reported, and Ended how it ended, by its name.
	Output  map[string]*bytes.Buffer
	Reports map[string][]types.Report
	Ended   map[string]job.Ended
	// Began are the names of the suites that were started, in order.
	Began []string
}

// Tell takes a line that a person may want to see at once. One that stays is worth more than the next one: it says what the
// guest had to do without.
type Tell func(line string, stays bool)

// Hear takes in all that a guest says until it has done, and tells of it. What was heard before an error is returned with it.
func Hear(from io.Reader, tell Tell) (*Words, error) {
	w := &Words{Output: map[string]*bytes.Buffer{}, Reports: map[string][]types.Report{}, Ended: map[string]job.Ended{}}
	reader := wire.NewReader(from)
	for {
		record, err := reader.Receive()
		if errors.Is(err, io.EOF) {
			return w, nil
		}
		if err == nil {
			err = w.take(record, tell)
		}
		if err != nil {
			return w, err
		}
	}
}

func (w *Words) take(record *wire.Record, tell Tell) error {
	understood := func(err error) error {
		if err != nil {
			return fmt.Errorf("record %q of %s: %w", record.Kind, record.Name, err)
		}
		return nil
	}
	switch record.Kind {
	case wire.Hello:
		w.Hello, w.Heard = &job.Hello{}, time.Now()
		if err := json.Unmarshal(record.Body, w.Hello); err != nil {
			return understood(err)
		}
		tell(w.Hello.Release+" is up", false)
		for _, line := range w.Hello.Missing {
			tell(line, true)
		}
	case wire.Began:
		w.Began = append(w.Began, record.Name)
		w.Output[record.Name] = &bytes.Buffer{}
		tell(record.Name+" begins", false)
	case wire.Output:
		output := w.Output[record.Name]
		if output == nil {
			return understood(errors.New("it has not begun"))
		}
		output.Write(record.Body)
	case wire.Report:
		reports, err := unpack(record.Body)
		if err != nil {
			return understood(err)
		}
		w.Reports[record.Name] = reports
	case wire.Ended:
		var how job.Ended
		if err := json.Unmarshal(record.Body, &how); err != nil {
			return understood(err)
		}
		w.Ended[record.Name] = how
		if how.LeftOut != "" {
			tell(record.Name+" is left out: "+how.LeftOut, false)
		} else {
			tell(fmt.Sprintf("%s ended after %.1f s", record.Name, how.Elapsed.Seconds()), false)
		}
	}
	return nil
}

func unpack(body []byte) (reports []types.Report, err error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	return reports, json.Unmarshal(text, &reports)
}
