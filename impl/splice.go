package impl

// Splice moves pages by reference: splice(2) from the source into a pipe, splice(2) from there into the sink. The pipe is
// made once and used for all chunks.
//
// A source that has offsets is read at them, and its position stays. From any other, what the pipe holds when the sink
// refuses more is lost, as with ReadWrite.
//
// Where the sink keeps messages, the kernel makes them of the pipe's pages, 16 at a time: a chunk in no more pages is one
// message. 64 KiB that begin in the middle of a page are in 17. Before 6.5 a UNIX socket makes a message of each page, and
// 5.10 sends nothing of them by UDP, without a word. That holds for all methods whose last step is splice(2).
var Splice = Method{
	Name: "splice",
	Claim: Claim{
		Source: "splice(2)",
		Calls:  map[string]int{"splice": 2},
		Shares: true, Piped: true,
	},
	From:    File | Pipe | Sockets,
	Prepare: preparePipe,
	Move: chunks(func(t *Transfer, offset int64, length int) (int, error) {
		p := t.Own.(*pipe)
		n, err := p.take(t, offset, length)
		if err != nil {
			return 0, err
		}
		return p.give(t.Sink, n)
	}),
}
