package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/onsi/gomega/gmeasure"

	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/fixtures/web"
)

// Server is a program that answers HTTP at an address with a folder's files.
type Server struct {
	Name        string
	Line        []string
	Environment []string
	Folder      string
	web.Server
}

// The names of what an experiment records of each answer.
const (
	aloneName    = "an answer"
	followedName = "an answer that is followed"
)

// serverPatience is how long a server may take to start, and to answer.
const serverPatience = time.Minute

// MeasureFollowed measures what it costs a server's answers that it is followed (fixtures/follow): the same server is
// started twice at one address, and answers so often with a file of that size, warm, to a client that reads all it can.
// The two take turns, so that a machine that grows busier meanwhile slows both.
func MeasureFollowed(ctx context.Context, s Server, bytes int64, rounds int) (*Followed, *gmeasure.Experiment, error) {
	experiment := gmeasure.NewExperiment("answers of a server")
	file, err := source.Named(s.Folder, "bench.bin", bytes)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	for range rounds {
		for _, each := range []struct {
			name string
			run  func() (time.Duration, error)
		}{
			{aloneName, func() (time.Duration, error) { return s.alone(ctx, file) }},
			{followedName, func() (time.Duration, error) { return s.followed(ctx, file) }},
		} {
			took, err := each.run()
			var refused *follow.Refused
			switch {
			case ctx.Err() != nil:
				return nil, nil, ctx.Err()
			case errors.As(err, &refused):
				return &Followed{Server: s.Name, Bytes: bytes, NotChecked: (&kernel.Unavailable{What: "the trace of a program", Why: refused.Why, Remedy: "allow ptrace(2)"}).Error()}, experiment, nil
			case err != nil:
				return nil, nil, fmt.Errorf("%s, %s: %w", s.Name, each.name, err)
			}
			experiment.RecordDuration(each.name, took)
		}
	}
	result := &Followed{Server: s.Name, Bytes: bytes, Rounds: rounds}
	for name, seconds := range map[string]*float64{aloneName: &result.AloneSeconds, followedName: &result.FollowedSeconds} {
		*seconds = experiment.GetStats(name).DurationFor(gmeasure.StatMedian).Seconds()
	}
	return result, experiment, nil
}

// alone is how long an answer takes of a server that nobody follows.
func (s Server) alone(ctx context.Context, file *source.File) (time.Duration, error) {
	command := exec.CommandContext(ctx, s.Line[0], s.Line[1:]...)
	command.Env, command.Dir = s.Environment, s.Folder
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	return s.answer(ctx, file, func(*web.Connection) error { return nil })
}

// followed is the same of one that is followed.
func (s Server) followed(ctx context.Context, file *source.File) (took time.Duration, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	fd := int(null.Fd())
	service, err := follow.Serve(ctx, follow.Program{Line: s.Line, Environment: s.Environment, Folder: s.Folder, Descriptors: []int{fd, fd, fd}})
	if err != nil {
		return 0, err
	}
	defer func() {
		_, ended := service.End()
		err = errors.Join(err, ended)
	}()
	took, err = s.answer(ctx, file, func(c *web.Connection) error { return service.Watch(file, c.Address()) })
	if err != nil {
		return took, err
	}
	trail, _, err := service.Trail()
	if err == nil && trail.IntoSink["sendfile"] < file.Bytes/2 {
		err = fmt.Errorf("it is no answer by sendfile: %q", trail.Technique())
	}
	return took, err
}

// answer waits for the server, has it answer once to make all warm, and then takes the time of an answer: from the request
// to the last byte.
func (s Server) answer(ctx context.Context, file *source.File, watch func(*web.Connection) error) (took time.Duration, err error) {
	deadline := time.Now().Add(serverPatience)
	var c *web.Connection
	for {
		c, err = s.Connect(deadline, web.Options{})
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		return 0, err
	}
	defer c.Close()
	buffer := make([]byte, 1<<20)
	for range 2 {
		if err := watch(c); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := c.Ask("/"+filepath.Base(file.Path()), nil); err != nil {
			return 0, err
		}
		answer, err := c.Answer()
		if err != nil {
			return 0, err
		}
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{answer.Body}, buffer)
		if took = time.Since(start); err == nil && n != file.Bytes {
			err = fmt.Errorf("%d of %d bytes, %s", n, file.Bytes, answer.Status)
		}
		if err != nil {
			return 0, err
		}
	}
	// When the next answer begins the last one is over for the server, too.
	if err := c.Ask("/none", nil); err != nil {
		return 0, err
	}
	_, err = c.Answer()
	return took, err
}
