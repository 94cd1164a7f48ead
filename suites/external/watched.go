package external

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/web"
)

// find measures what a server does to answer with a MiB, and with what fits into the connection unread, of which the
// source is overwritten before anybody reads.
func (h *host) find(p program.Program, best func() (*yardstick, error)) (*Found, error) {
	trail, err := h.watched()
	if err != nil {
		return nil, err
	}
	if trail.Technique() == "" {
		return nil, &unfit{fmt.Sprintf("its answer is right, and nobody of %s was seen to give it: is it another one that answers at %v?", called(p), h.Address)}
	}
	f := &Found{Trail: trail, Technique: trail.Technique(), CallsPerMiB: float64(trail.Total())}
	seen, unprobed, err := h.probe()
	if err != nil {
		return nil, err
	}
	f.unprobed = unprobed
	f.copies(mib, seen)
	f.best, err = best()
	return f, err
}

// watched is what it does to answer with a MiB.
func (h *host) watched() (*follow.Trail, error) {
	file, err := h.file(mib)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	a, err := h.ask(file, web.Options{})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	checker := file.Payload.Checker(0, mib)
	answer, err := a.answered(nil, func(bool) io.Writer { return checker })
	if err != nil {
		return nil, err
	}
	if err := checker.Err(); err != nil {
		// What it has cost to answer with something else is of no interest.
		return nil, wrongBytes(err)
	}
	if err := a.done(answer); err != nil {
		return nil, err
	}
	trail, gone, err := h.service.Trail()
	if err == nil && gone {
		err = &unfit{"it has answered, and ended: " + cmp.Or((&ended{trail, h.words.text()}).wrong(), "with exit code 0")}
	}
	return trail, err
}

// probeBytes is what an answer has that is to wait in the connection with its header.
const probeBytes = 32 << 10

// probe tells whether what waits in the connection is the file's own pages; nil, and why, where that cannot be told.
func (h *host) probe() (arrived *probed, why string, err error) {
	file, err := h.file(probeBytes)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	a, err := h.ask(file, web.Options{})
	if err != nil {
		return nil, "", err
	}
	defer a.Close()
	if err := a.Ask(h.path(file), nil); err != nil {
		return nil, "", a.failed(err)
	}
	waiting, err := a.Waiting()
	if errors.Is(err, web.ErrEncrypted) {
		return nil, "what is encrypted on its way is no page of the file", nil
	}
	if err != nil {
		return nil, "", a.failed(err)
	}
	if why := h.unwanted(waiting.Response, false); why != "" {
		return nil, "", &unfit{why}
	}
	if waiting.ContentLength < 0 {
		return nil, "it does not say how long its answer is, so that nobody knows when all of it waits", nil
	}
	probe, err := aliasing.Overwrite(file, 0, probeBytes)
	if err != nil {
		return nil, "", err
	}
	answer, err := a.Answer()
	if err != nil {
		return nil, "", a.failed(err)
	}
	if _, err := io.Copy(probe, answer.Body); err != nil {
		return nil, "", a.failed(err)
	}
	if err := a.done(answer); err != nil {
		return nil, "", err
	}
	trail, _, err := h.service.Trail()
	if err != nil {
		return nil, "", err
	}
	return judged(probe, trail)
}
