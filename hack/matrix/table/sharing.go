package table

import (
	"fmt"
	"slices"
)

// asked are the methods that hand a file's own pages to a sink in the two ways there are: they always have a line.
var asked = []string{"sendfile", "splice"}

// sharing says of each sink whether it was given the page cache's own pages, on each kernel.
func sharing(columns []*column) section {
	s := section{
		title:  "Shared or copied",
		head:   heads(columns, "from file into"),
		legend: "by sendfile and splice where nothing else is said, and by other methods where kernels differ; ? was not measured",
	}
	shown := slices.DeleteFunc(ways(columns, sharingOf), func(w way) bool { return !slices.ContainsFunc(asked, w.by) && !w.changes() })
	lines := map[string]int{}
	for _, w := range shown {
		lines[w.sink]++
	}
	for _, w := range shown {
		s.rows = append(s.rows, append([]string{w.name(lines[w.sink] == 1)}, known(w.answers)...))
	}
	if len(s.rows) == 0 {
		s.notes = []string{"no kernel has measured it"}
	}
	return s
}

func (w way) by(method string) bool { return slices.Contains(w.methods, method) }

// name is a line's: the sink alone where it is its only line, and holds for all methods that are asked.
func (w way) name(alone bool) string {
	name := w.sink
	if !alone || !w.by(asked[0]) || !w.by(asked[1]) {
		methods := slices.DeleteFunc(slices.Clone(asked), func(method string) bool { return !w.by(method) })
		if len(methods) == 0 {
			methods = w.methods
		}
		name += " by " + few(methods)
	}
	if len(w.sources) > 0 {
		name += " from " + few(w.sources)
	}
	return name
}

// few are the first of many names.
func few(names []string) string {
	if len(names) > 2 {
		return fmt.Sprintf("%s, %d more", names[0], len(names)-1)
	}
	return list(names)
}
