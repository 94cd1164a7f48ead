package impl

// SpliceFreshPipe is splice with a pipe of its own for each chunk, as code does that keeps nothing between two calls. What
// the sink refuses goes with the pipe, and is read again.
var SpliceFreshPipe = Method{
	Name: "splice-fresh-pipe",
	Claim: Claim{
		Source:   "pipe(2), splice(2)",
		Calls:    map[string]int{"pipe2": 1, "splice": 2},
		Teardown: map[string]int{"close": 2},
		Shares:   true, Piped: true,
	},
	Move: chunks(func(t *Transfer, offset int64, length int) (taken int, err error) {
		var p pipe
		if err := p.open(); err != nil {
			return 0, err
		}
		n, err := p.take(t, offset, length)
		if err == nil {
			taken, err = p.give(t.Sink, n)
		}
		if closeErr := p.close(); err == nil {
			err = closeErr
		}
		return taken, err
	}),
}
