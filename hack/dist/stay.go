package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// endedFile is there while one stays that has said all.
func endedFile() string { return filepath.Join(os.TempDir(), "zerocopy-conformance.ended") }

func hasEnded() bool {
	_, err := os.Stat(endedFile())
	return err == nil
}

// staying runs what is asked for, and stays until it is ended.
func (o options) staying(ctx context.Context) (code int, err error) {
	// One that was killed has left its own: in a container that is started again the folder may be the same.
	if err := os.Remove(endedFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return misused, err
	}
	_, code, err = o.watched(ctx)
	if ctx.Err() != nil {
		return code, err
	}
	// Who reads the log reads it now.
	complain(err)
	file, err := os.OpenFile(endedFile(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return misused, err
	}
	file.Close()
	<-ctx.Done()
	return code, os.Remove(endedFile())
}
