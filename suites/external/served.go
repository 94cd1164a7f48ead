package external

import (
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/fixtures/web"
	"zerocopy-conformance/suites/spec"
)

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
