package machine

import (
	"context"
	"errors"
	"io"
)

// GVisor runs gVisor's kernel, a program that answers system calls in user space.
type GVisor struct{ Program string }

// Run implements Machine.
func (g GVisor) Run(ctx context.Context, boot Boot, words, console io.Writer) error {
	return errors.New("not built yet")
}
