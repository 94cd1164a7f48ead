package linux

import (
	"context"
	"path/filepath"

	"zerocopy-conformance/hack/mutants/kernel/defects"
)

// At is a tree in a folder, whose source is there already.
func At(folder string) *Tree {
	return &Tree{Version: "6.12.0-1", folder: folder, tarball: filepath.Join(folder, "absent"), say: func(string) {}}
}

// Path is where the program with a defect is kept.
func (t *Tree) Path(d defects.Defect) string {
	return filepath.Join(t.folder, "programs", sum(string(d.Diff)))
}

// Cover lays a defect over the source, and Uncover takes away what lies there.
func (t *Tree) Cover(ctx context.Context, d defects.Defect) error { return t.cover(ctx, d) }
func (t *Tree) Uncover() error                                    { return t.uncover() }

// Has says which lines of our configuration a kernel's lacks, and Config is ours.
var (
	Has    = has
	Config = config
)
