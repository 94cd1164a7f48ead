package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/progress"
)

// underWay is what a person sees of a matrix that is being made: how many kernels have ended, and what those do that run.
type underWay struct {
	line       *progress.Line
	mu         sync.Mutex
	all, ended int
	does       map[string]string
}

// tell is how one kernel tells what it does.
func (u *underWay) tell(kernel string) guest.Tell {
	return func(line string, stays bool) {
		if stays {
			u.line.Print(os.Stderr, kernel+": "+line)
			return
		}
		u.mu.Lock()
		defer u.mu.Unlock()
		u.does[kernel] = line
		u.show()
	}
}

// end is that of one kernel.
func (u *underWay) end(kernel string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ended++
	delete(u.does, kernel)
	u.show()
}

func (u *underWay) show() {
	var words []string
	for _, kernel := range slices.Sorted(maps.Keys(u.does)) {
		words = append(words, fmt.Sprintf("; %s: %s", kernel, u.does[kernel]))
	}
	u.line.Show("%d of %d kernels have ended%s", u.ended, u.all, strings.Join(words, ""))
}
