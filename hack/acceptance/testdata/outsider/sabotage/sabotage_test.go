// Package sabotage_test registers methods that do not keep their claims, and runs the kit's suites on them.
package sabotage_test

import (
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
	"zerocopy-conformance/suites/copies"
	"zerocopy-conformance/suites/cost"
	"zerocopy-conformance/suites/integrity"
	"zerocopy-conformance/suites/spec"
)

func register() {
	for name, move := range map[string]func(*impl.Transfer) (int64, error){
		// It copies where it claims to share.
		"copying": impl.ReadWrite.Move,
		"one-short": func(t *impl.Transfer) (int64, error) {
			short := *t
			short.Length = max(0, min(t.Length, t.SourceBytes-t.Offset)-1)
			moved, err := impl.Sendfile.Move(&short)
			return moved + 1, err
		},
		"page-shifted": func(t *impl.Transfer) (int64, error) {
			shifted := *t
			shifted.Offset += int64(os.Getpagesize())
			return impl.Sendfile.Move(&shifted)
		},
		// Nobody writes into the pipe, and nobody but this process could. It says that it is there by making a file.
		"hanging": func(t *impl.Transfer) (int64, error) {
			if path := os.Getenv("OUTSIDER_HANGS"); path != "" {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					return 0, err
				}
			}
			var ends [2]int
			if err := unix.Pipe(ends[:]); err != nil {
				return 0, err
			}
			_, err := unix.Read(ends[0], make([]byte, 1))
			return 0, err
		},
		"panicking": func(*impl.Transfer) (int64, error) { panic("this method panics") },
		"segv": func(*impl.Transfer) (int64, error) {
			forbidden, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
			return int64(forbidden[0]), err
		},
		// The page behind a file's last is mapped, and not there.
		"bus": func(t *impl.Transfer) (int64, error) {
			size := int(t.SourceBytes)
			mapping, err := unix.Mmap(t.Source, 0, size+2*os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
			return int64(mapping[len(mapping)-1]), err
		},
		// It keeps a descriptor of the source open.
		"leaking-source": func(t *impl.Transfer) (int64, error) {
			if _, err := unix.Dup(t.Source); err != nil {
				return 0, err
			}
			return impl.Sendfile.Move(t)
		},
		// It keeps a descriptor open that has nothing to do with the transfer.
		"leaking": func(t *impl.Transfer) (int64, error) {
			if _, err := unix.Open("/", unix.O_RDONLY, 0); err != nil {
				return 0, err
			}
			return impl.Sendfile.Move(t)
		},
	} {
		impl.Register(impl.Method{Name: name, Claim: impl.Sendfile.Claim, Move: move})
	}
}

func TestSabotage(t *testing.T) {
	register()
	spec.KnowLabels("own")
	spec.Run(t, "sabotage", integrity.Specs, cost.Specs, copies.Specs, own)
}

// own is a spec of the outsider's, beside the kit's: one that panics, when it is asked to.
func own() {
	if os.Getenv("OUTSIDER_PANICS") != "" {
		ginkgo.It("panics", ginkgo.Label("own"), func() { panic("this spec panics") })
	}
}
