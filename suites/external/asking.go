package external

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/fixtures/web"
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
