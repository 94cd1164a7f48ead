package modules

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"zerocopy-conformance/hack/matrix/program"
)

// patience is how long one module may take to decompress. The largest have some ten megabytes.
const patience = time.Minute

// programs decompress what the standard library does not.
var programs = map[string]struct {
	command []string
	// distribution is the package that has it.
	distribution string
}{
	".xz":  {[]string{"xz", "--decompress", "--stdout"}, "xz-utils"},
	".zst": {[]string{"zstd", "--decompress", "--stdout", "--quiet"}, "zstd"},
}

// Contents is what a file that Resolve has named holds, decompressed: an ELF object that finit_module(2) takes without
// MODULE_INIT_COMPRESSED_FILE, which a kernel before 5.17 does not know. For .xz and .zst it needs the programs xz and
// zstd; the error says which package has a missing one. A file that was cut or holds no module is an error.
func (t *Tree) Contents(file string) ([]byte, error) {
	contents, err := t.decompressed(t.path(file))
	if err != nil {
		return nil, fmt.Errorf("module %s: %w", t.path(file), err)
	}
	if !bytes.HasPrefix(contents, []byte("\x7fELF")) {
		return nil, fmt.Errorf("module %s: no ELF object, but %d bytes that begin with %q", t.path(file), len(contents), contents[:min(4, len(contents))])
	}
	return contents, nil
}

func (t *Tree) decompressed(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch extension := filepath.Ext(path); extension {
	case ".ko":
		return io.ReadAll(f)
	case ".gz":
		reader, err := gzip.NewReader(f)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(reader)
	default:
		by, known := programs[extension]
		if !known {
			return nil, errors.New("a name that ends neither in .ko nor in .ko.gz, .ko.xz or .ko.zst")
		}
		return through(f, by.command, by.distribution)
	}
}

// through is what a program makes of a file.
func through(f *os.File, command []string, distribution string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	path, err := program.Find(command[0], distribution)
	if err != nil {
		return nil, err
	}
	decompress := exec.CommandContext(ctx, path, command[1:]...)
	var said bytes.Buffer
	decompress.Stdin, decompress.Stderr = f, &said
	contents, err := decompress.Output()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s did not end within %v", command[0], patience)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", command[0], err, strings.TrimSpace(said.String()))
	}
	return contents, nil
}
