package impl

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// methods is what the suites run, in the order in which reports show them.
var methods = []Method{
	// By user memory.
	ReadWrite, PreadWrite, PreadPwrite, ReadvWritev, DirectWrite, NowaitWrite,
	// By a mapping.
	MmapWrite, MmapPopulate, MmapPrivate, MmapSequential, MmapHuge, ZerocopySend, UringSendZC,
	// Inside the kernel.
	Sendfile, SendfilePosition, Splice, SpliceFreshPipe, Tee, UringSplice, Vmsplice, VmspliceGift, CopyFileRange,
	// On the receiving side.
	TCPReceive,
	// By Go's library.
	GoCopyFile, GoCopyTCP, GoCopyUnix, GoCopyWrapped, GoWriteTo,
}

// Register adds a method to those that every suite runs. Call it before the suites are started. It panics on a
// method that is incomplete or whose name is taken: both are mistakes of the program, not of its input.
func Register(m Method) {
	switch {
	case m.Name == "" || strings.ContainsFunc(m.Name, notInNames):
		panic(fmt.Sprintf("impl: method name %q: a name in lower case is needed, without blanks and without any of %s", m.Name, separators))
	case m.Move == nil:
		panic(fmt.Sprintf("impl: method %s has no Move", m.Name))
	case len(m.Claim.Calls)+len(m.Claim.Waits) == 0:
		panic(fmt.Sprintf("impl: method %s claims no calls: its cost could not be judged", m.Name))
	}
	if _, err := Lookup(m.Name); err == nil {
		panic(fmt.Sprintf("impl: method %s is registered twice", m.Name))
	}
	methods = append(methods, m)
}

// Replace has a method take the place of the one that has its name: what is asked of that one, such as a row of the
// textbook's table, is asked of it. Like Register it comes before the suites are started, and it panics where there is no
// such method.
func Replace(m Method) {
	for i := range methods {
		if methods[i].Name == m.Name {
			methods[i] = m
			return
		}
	}
	panic(fmt.Sprintf("impl: there is no method %s that could be replaced", m.Name))
}

// separators have a meaning of their own where names are listed and filtered.
const separators = ",&|!()/:"

func notInNames(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsSpace(r) || strings.ContainsRune(separators, r)
}

// Methods returns all methods, in the order in which they were registered.
func Methods() []Method { return slices.Clone(methods) }

// Names returns the names of all methods.
func Names() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return names
}

// Lookup returns the method of that name, or an error that lists the valid ones.
func Lookup(name string) (Method, error) {
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
	}
	return Method{}, fmt.Errorf("unknown method %q; there are: %s", name, strings.Join(Names(), ", "))
}
