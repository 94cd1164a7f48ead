package sonobuoy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Progress is how far a run is, as the worker relays it: sonobuoy status shows it while the run goes on.
type Progress struct {
	Message   string   `json:"msg"`
	Total     int      `json:"total"`
	Completed int      `json:"completed"`
	Failures  []string `json:"failures,omitempty"`
}

const (
	// between is how long one update is after the other at least: each goes on to the aggregator, from every node.
	between = time.Second
	// patience is how long the worker may take for one.
	patience = time.Second
)

// Teller tells the worker how far a run is. What cannot be told is no failure of the run: the first time is said in the log. A
// worker that starts after the run is told later.
type Teller struct {
	url, port string
	log       io.Writer
	next      time.Time
	untold    *Progress
	failed    bool
}

// Teller tells what goes wrong with telling in the log.
func (w *Worker) Teller(log io.Writer) *Teller {
	return &Teller{url: "http://localhost:" + w.port + "/progress", port: w.port, log: log}
}

// Tell says how far it is: at once, or with what comes later.
func (t *Teller) Tell(p Progress) {
	t.untold = &p
	if !time.Now().Before(t.next) {
		t.End()
	}
}

// End tells what has not been told.
func (t *Teller) End() {
	if t.untold == nil {
		return
	}
	if err := t.post(*t.untold); err != nil && !t.failed {
		fmt.Fprintln(t.log, "progress could not be told:", err)
		t.failed = true
	}
	t.untold, t.next = nil, time.Now().Add(between)
}

func (t *Teller) post(p Progress) error {
	if t.port == "" {
		return fmt.Errorf("%s is not set", ProgressVariable)
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the worker answers %s", answer.Status)
	}
	return nil
}
