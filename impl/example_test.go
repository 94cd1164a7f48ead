package impl_test

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// mine stands for a package of the reader's own.
var mine copier

type copier struct{}

func (copier) Copy(sink, source int, offset, length int64, chunk int) (moved int64, err error) {
	for moved < length {
		n, err := unix.Sendfile(sink, source, &offset, int(min(length-moved, int64(chunk))))
		if err != nil || n == 0 {
			return moved, err
		}
		moved += int64(n)
	}
	return moved, nil
}

func ExampleRegister() {
	defer impl.KeepMethods()()

	impl.Register(impl.Method{
		Name:  "mine",
		Claim: impl.Claim{Source: "mine(3)", Calls: map[string]int{"sendfile": 1}, Shares: true},
		Move:  func(t *impl.Transfer) (int64, error) { return mine.Copy(t.Sink, t.Source, t.Offset, t.Length, t.Chunk) },
	})

	source, err := os.CreateTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(source.Name())
	defer source.Close()
	fmt.Fprint(source, "bytes to move")
	sink, end, err := os.Pipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sink.Close()

	m, err := impl.Lookup("mine")
	if err != nil {
		fmt.Println(err)
		return
	}
	moved, err := m.Move(&impl.Transfer{Source: int(source.Fd()), Sink: int(end.Fd()), Offset: 6, Length: 7, SourceBytes: 13, Chunk: 4096})
	end.Close()
	arrived, _ := io.ReadAll(sink)
	fmt.Println(moved, err, string(arrived))
	// Output: 7 <nil> to move
}
