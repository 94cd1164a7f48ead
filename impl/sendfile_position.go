package impl

import "golang.org/x/sys/unix"

// SendfilePosition is sendfile(2) without an offset: it reads from the source's file position, and moves it on by what
// the sink has taken. So who goes on after a full sink finds the position where it belongs.
var SendfilePosition = Method{
	Name: "sendfile-position",
	Claim: Claim{
		Source:   "sendfile(2)",
		Calls:    Sendfile.Claim.Calls,
		Advances: true,
		Shares:   true,
	},
	Move: chunks(func(t *Transfer, _ int64, length int) (int, error) {
		return again(func() (int, error) { return unix.Sendfile(t.Sink, t.Source, nil, length) })
	}),
}
