package methods

import (
	"io"
	"slices"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// The ways in which a mutant is made of a method. Each is what a mutation's of is, or makes one narrower.

type making func(impl.Method) (impl.Method, bool)

// only makes mutants of some methods.
func only(some func(impl.Method) bool, of making) making {
	return func(m impl.Method) (impl.Method, bool) {
		if !some(m) {
			return m, false
		}
		return of(m)
	}
}

// and makes mutants of methods that are both.
func and(conditions ...func(impl.Method) bool) func(impl.Method) bool {
	return func(m impl.Method) bool {
		return !slices.ContainsFunc(conditions, func(holds func(impl.Method) bool) bool { return !holds(m) })
	}
}

func not(condition func(impl.Method) bool) func(impl.Method) bool {
	return func(m impl.Method) bool { return !condition(m) }
}

// What a method is, as far as its claim and its ends tell.
var (
	ofFiles = func(m impl.Method) bool { return m.Reads(impl.File) || m.Reads(impl.HugeFile) }
	ofSmall = func(m impl.Method) bool { return m.Reads(impl.File) }
	oneOf   = func(names ...string) func(impl.Method) bool {
		return func(m impl.Method) bool { return slices.Contains(names, m.Name) }
	}
	shares    = func(m impl.Method) bool { return m.Claim.Shares }
	maps      = func(m impl.Method) bool { return m.Claim.Calls["mmap"] > 0 }
	counted   = func(m impl.Method) bool { return len(m.Claim.Calls) > 0 }
	direct    = func(m impl.Method) bool { return m.Claim.Direct }
	advances  = func(m impl.Method) bool { return m.Claim.Advances }
	toSockets = func(m impl.Method) bool { return m.Writes(impl.UnixStream) || m.Writes(impl.TCP) }
	// waits: a full sink that is non-blocking ends it, and not a second sink alone.
	fills = func(m impl.Method) bool { return toSockets(m) && ofFiles(m) && !m.Two }
	// byLoan: the sink is asked not to copy what it is sent (MSG_ZEROCOPY).
	byLoan = func(m impl.Method) bool { return maps(m) && m.Claim.Shares && m.Claim.Calls["splice"] == 0 }
	// byWorker: the kernel's own threads read the source.
	byWorker = func(m impl.Method) bool { return m.Claim.Calls["io_uring_enter"] > 0 && !maps(m) }
)

// move is a method's Move.
type move = func(*impl.Transfer) (int64, error)

// moving has something else done in a method's Move, which is given the original.
func moving(otherwise func(t *impl.Transfer, original move) (int64, error)) making {
	return func(m impl.Method) (impl.Method, bool) {
		original := m.Move
		m.Move = func(t *impl.Transfer) (int64, error) { return otherwise(t, original) }
		return m, true
	}
}

// before has something done at the beginning of a method's Move, after at its end.
func before(do func(*impl.Transfer)) making {
	return moving(func(t *impl.Transfer, original move) (int64, error) {
		do(t)
		return original(t)
	})
}

func after(do func(*impl.Transfer)) making {
	return moving(func(t *impl.Transfer, original move) (int64, error) {
		moved, err := original(t)
		do(t)
		return moved, err
	})
}

// preparing has something done before a method's own Prepare; what it returns is done after its release.
func preparing(do func(*impl.Transfer) (undo func(), err error)) making {
	return func(m impl.Method) (impl.Method, bool) {
		original := m.Prepare
		m.Prepare = func(t *impl.Transfer) (func() error, error) {
			undo, err := do(t)
			if err != nil {
				return nil, err
			}
			var release func() error
			if original != nil {
				if release, err = original(t); err != nil {
					undo()
					return nil, err
				}
			}
			return func() (err error) {
				if release != nil {
					err = release()
				}
				undo()
				return err
			}, nil
		}
		return m, true
	}
}

// leaving has something done behind a method's release: its cost is nobody's, and no release undoes it.
func leaving(do func(*impl.Transfer)) making {
	return preparing(func(t *impl.Transfer) (func(), error) { return func() { do(t) }, nil })
}

// set has the transfer changed before it is prepared.
func set(change func(*impl.Transfer)) making {
	return preparing(func(t *impl.Transfer) (func(), error) {
		change(t)
		return func() {}, nil
	})
}

// ending has the outcome of a method's Move put otherwise.
func ending(otherwise func(t *impl.Transfer, moved int64, err error) (int64, error)) making {
	return moving(func(t *impl.Transfer, original move) (int64, error) {
		moved, err := original(t)
		return otherwise(t, moved, err)
	})
}

// instead is another way to move in a method's place, by offset. Its own Prepare is left out, and the position is put
// where the method owes it to be.
func instead(other move) making {
	return func(m impl.Method) (impl.Method, bool) {
		advances := m.Claim.Advances
		m.Prepare, m.Move = nil, func(t *impl.Transfer) (int64, error) {
			moved, err := other(t)
			if advances {
				seek(t, t.Offset+moved)
			}
			return moved, err
		}
		return m, true
	}
}

// both makes one mutant by two ways, of which the first is nearer to the original.
func both(first, second making) making {
	return func(m impl.Method) (impl.Method, bool) {
		once, can := first(m)
		if !can {
			return m, false
		}
		return second(once)
	}
}

// prepared has something done behind a method's own Prepare.
func prepared(do func(*impl.Transfer)) making {
	return func(m impl.Method) (impl.Method, bool) {
		original := m.Prepare
		m.Prepare = func(t *impl.Transfer) (func() error, error) {
			release, err := original(t)
			if err == nil {
				do(t)
			}
			return release, err
		}
		return m, original != nil
	}
}

// left is how many bytes the range has that the source holds, -1 where the source does not say.
func left(t *impl.Transfer) int64 {
	if t.SourceBytes < 0 {
		return -1
	}
	return max(0, min(t.Length, t.SourceBytes-t.Offset))
}

// seek puts the source's position, where it has one: a method that reads from there is misled like others by an offset.
func seek(t *impl.Transfer, offset int64) { _, _ = unix.Seek(t.Source, offset, io.SeekStart) }
