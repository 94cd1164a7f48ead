package external

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/fixtures/web"
	"zerocopy-conformance/suites/spec"
)

// asking is a connection over which one file is asked for.
type asking struct {
	*web.Connection
	host *host
	file *source.File
}

// ask connects to the server, and has watched what it does with a file over that connection.
func (h *host) ask(file *source.File, o web.Options) (*asking, error) {
	c, err := h.Connect(time.Now().Add(agent.Patience()), o)
	if err != nil {
		return nil, &unfit{fmt.Sprintf("it takes no connection at %v: %v%s", h.Address, err, aside(h.words.text()))}
	}
	if err := h.service.Watch(file, c.Address()); err != nil {
		c.Close()
		return nil, err
	}
	return &asking{c, h, file}, nil
}

// answered asks for the whole file, or a part of it, and hands the answer's bytes on; it is what they are to be compared
// with, for a server may answer with the whole where it is asked for a part (RFC 9110, 14.2).
func (a *asking) answered(part *web.Range, to func(whole bool) io.Writer) (*web.Answer, error) {
	if err := a.Ask(a.host.path(a.file), part); err != nil {
		return nil, a.failed(err)
	}
	answer, err := a.Answer()
	if err != nil {
		return nil, a.failed(err)
	}
	if why := a.host.unwanted(answer.Response, part != nil); why != "" {
		return nil, &unfit{why}
	}
	if _, err := io.Copy(to(answer.StatusCode == http.StatusOK), answer.Body); err != nil {
		return nil, a.failed(err)
	}
	return answer, nil
}

func (a *asking) failed(err error) error {
	return &unfit{fmt.Sprintf("it does not answer to the end: %v%s", err, aside(a.host.words.text()))}
}

// unwanted says what is wrong with an answer that is none with the file's bytes, and what to do.
func (h *host) unwanted(answer *http.Response, partly bool) string {
	said := answer.Status
	switch code := answer.StatusCode; {
	case code == http.StatusOK || partly && code == http.StatusPartialContent:
		if encoding := answer.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
			return fmt.Sprintf("it answers in the encoding %s, and was asked for the bytes as they are: have it leave such files alone", encoding)
		}
		return ""
	case code >= 300 && code < 400:
		return fmt.Sprintf("it answers %s, to %q: name that, if it is this server's", said, answer.Header.Get("Location"))
	case code == http.StatusNotFound:
		return fmt.Sprintf("it answers %s: the file is in %s; is that the folder whose files it answers with at %s?", said, h.root, h.at)
	case code == http.StatusForbidden:
		return fmt.Sprintf("it answers %s: the file in %s may be read by everybody; may the folder be entered?", said, h.root)
	}
	return fmt.Sprintf("it answers %s", said)
}

// done waits until all that belongs to an answer that was read is over: the server takes the connection away, or has begun
// to answer the next request, which may be for nothing that is there.
func (a *asking) done(answer *web.Answer) error {
	if answer.Closes() {
		if err := a.Ended(); err != nil {
			return a.failed(err)
		}
		return nil
	}
	if err := a.Ask(a.host.path(a.file)+".none", nil); err != nil {
		// It has taken the connection away all the same.
		return nil
	}
	if _, err := a.Answer(); errors.Is(err, os.ErrDeadlineExceeded) {
		return a.failed(err)
	}
	return nil
}

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

// serves holds a server to answer with exactly what it is asked for.
func (at place) serves(c *spec.Case) {
	h := at.up(c)
	for _, size := range sizesBytes {
		parts := []*web.Range{nil}
		if size > 2 {
			// And the whole once more, behind a part.
			parts = append(parts, &web.Range{From: size / 3, To: size - 1}, nil)
		}
		at.answers(c, h, size, parts, web.Options{})
	}
	// To a reader whose window is small, and soon full.
	at.answers(c, h, sizesBytes[len(sizesBytes)-1], []*web.Range{nil}, web.Options{ReceiveBuffer: 4096})
}

// answers holds it to that for parts of one file, over one connection where it keeps that.
func (at place) answers(c *spec.Case, h *host, size int64, parts []*web.Range, o web.Options) {
	file, err := h.file(size)
	at.check(c, err)
	defer file.Close()
	var a *asking
	for _, part := range parts {
		if a == nil {
			a, err = h.ask(file, o)
			at.check(c, err)
		}
		owed := web.Range{To: size}
		checker := file.Payload.Checker(0, size)
		answer, err := a.answered(part, func(whole bool) io.Writer {
			if !whole {
				owed = *part
				checker = file.Payload.Checker(owed.From, owed.To-owed.From)
			}
			return checker
		})
		at.check(c, err)
		c.Transfers++
		where := fmt.Sprintf("a file of %d bytes", size)
		if part != nil {
			where += fmt.Sprintf(", asked for from %d to %d", part.From, part.To)
		}
		if err := checker.Err(); err != nil {
			c.Deviates(fmt.Sprintf("%d bytes of the file from offset %d on", owed.To-owed.From, owed.From), err.Error(), where)
		}
		if answer.Closes() {
			if err := a.Ended(); err != nil {
				c.Deviates("the connection ends behind the answer", err.Error(), where)
			}
			a.Close()
			a = nil
		}
	}
	if a != nil {
		a.Close()
	}
}

// deserted holds a server to answer the next when a client has left in the middle of its answer.
func (at place) deserted(c *spec.Case) {
	h := at.up(c)
	at.desert(c, h)
	at.answers(c, h, mib+13, []*web.Range{nil}, web.Options{})
}

// desert leaves in the middle of some answers.
func (at place) desert(c *spec.Case, h *host) {
	file, err := h.file(4 * mib)
	at.check(c, err)
	defer file.Close()
	for range 3 {
		a, err := h.ask(file, web.Options{ReceiveBuffer: 4096})
		at.check(c, err)
		at.check(c, a.Ask(h.path(file), nil))
		answer, err := a.Answer()
		if err == nil {
			_, err = io.CopyN(io.Discard, answer.Body, 64<<10)
		}
		if err != nil {
			a.Close()
			at.check(c, a.failed(err))
		}
		a.Close()
	}
}

// up is the server, or the end of the spec. It is ended with that.
func (at place) up(c *spec.Case) *host {
	h, err := up(at.ctx, at.program, at.sink)
	at.check(c, err)
	ginkgo.DeferCleanup(h.down)
	return h
}
