package methods

import "zerocopy-conformance/impl"

// misled are the requirements on transfers that move another range than was asked for.
var misled = append([]string{"SAFETY-POSITION"}, deliveredWhole...)

// unmoved are those on transfers that never get as far as their sink.
var unmoved = append([]string{"INTEGRITY-GONE-READER"}, misled...)

// ranges is what can be wrong with which bytes are moved: the original moves them, of another range.
var ranges = []mutation{
	{"one-byte-fewer", "the range's last byte stays behind, and is not counted", misled,
		[]trial{home},
		only(ofFiles, moving(func(t *impl.Transfer, original move) (int64, error) { return original(shorter(t)) }))},
	{"one-byte-fewer-counted", "the range's last byte stays behind, and is counted", misled, []trial{home},
		only(ofFiles, moving(func(t *impl.Transfer, original move) (int64, error) {
			moved, err := original(shorter(t))
			if moved == left(t)-1 {
				moved++
			}
			return moved, err
		}))},
	{"one-byte-more", "the byte behind the range is moved as well", misled,
		[]trial{home, everywhere("SAFETY-NEIGHBOUR")},
		only(ofFiles, moving(func(t *impl.Transfer, original move) (int64, error) {
			more := *t
			more.Length++
			return original(&more)
		}))},
	{"one-byte-early", "the range begins a byte before it does", misled, []trial{home},
		only(ofFiles, from(func(t *impl.Transfer) int64 { return max(0, t.Offset-1) }))},
	{"one-page-on", "the range begins a page behind where it does", misled, []trial{home},
		only(ofFiles, from(func(t *impl.Transfer) int64 { return t.Offset + int64(page) }))},
	{"offset-ignored", "the range begins at the start of the source", misled, []trial{home},
		only(ofFiles, from(func(t *impl.Transfer) int64 { return 0 }))},
	{"offset-kept", "all chunks are the first one", misled, []trial{home},
		only(ofFiles, chunkwise(func(t *impl.Transfer, _ int64) int64 { return t.Offset }))},
	{"offset-doubled", "after each chunk as much is left out", misled, []trial{home},
		only(ofFiles, chunkwise(func(t *impl.Transfer, moved int64) int64 { return t.Offset + 2*moved }))},
	{"moved-twice", "the range is moved twice, and counted once", misled, []trial{home},
		only(ofFiles, moving(func(t *impl.Transfer, original move) (int64, error) {
			if moved, err := original(t); err != nil {
				return moved, err
			}
			seek(t, t.Offset)
			return original(t)
		}))},
	{"tail-moved", "what lies in the last page beyond the end of the source is moved as well", deliveredWhole,
		[]trial{home, everywhere("SAFETY-TAIL")},
		only(ofSmall, after(moveTail))},
	{"nothing-moved", "nothing is moved, and that is said", unmoved, []trial{home},
		instead(func(*impl.Transfer) (int64, error) { return 0, nil })},
	{"nothing-moved-all-counted", "nothing is moved, and all of it counted", unmoved, []trial{home},
		instead(func(t *impl.Transfer) (int64, error) { return max(t.Length-1, left(t)), nil })},
}
