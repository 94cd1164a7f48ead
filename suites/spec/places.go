package spec

import (
	"slices"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
)

// Places are all places of a run: each selected method with every selected source and sink that it is made for.
//
// Most of them are corners. What a method does depends on its sink, and on its source, and hardly ever on which of
// the one meets which of the other: so a run that people do not have to wait for takes all sinks with the first
// source that the method is made for, and all sources with the first sink. The others are Slow.
func Places() (all []On) {
	for _, method := range Methods() {
		sources := slices.DeleteFunc(slices.Clone(Sources()), func(k source.Kind) bool { return !method.Reads(k.Class) })
		sinks := slices.DeleteFunc(slices.Clone(Sinks()), func(k sink.Kind) bool { return !method.Writes(k.Class) })
		for i, from := range sources {
			for j, into := range sinks {
				all = append(all, On{Method: method, Sink: into, Source: from, FirstSource: i == 0, FirstSink: j == 0, corner: i > 0 && j > 0})
			}
		}
	}
	return all
}

// Files are the places whose source is a file: it has a size, and can be overwritten.
func Files() []On {
	return slices.DeleteFunc(Places(), func(on On) bool { return on.Source.Stream })
}

// HasPlace says whether the user's selection leaves a method, a sink and a source in.
func HasPlace(method, into, from string) bool {
	return slices.ContainsFunc(Places(), func(on On) bool {
		return on.Method.Name == method && on.Sink.Name == into && on.Source.Name == from
	})
}
