package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/impl"
)

// further are labels that a suite has beside those that every spec gets: see KnowLabels.
var further = map[string]bool{"slow": true, "cold": true}

// KnowLabels says, before Run, which labels specs have of their own, beside those that the kit gives them: a filter that
// names a label which no spec has is refused.
func KnowLabels(labels ...string) {
	for _, label := range labels {
		further[labelOf(label)] = true
	}
}

// checkFilter says which word of the user's label filter is no spec's label: such a word leaves specs out, or takes
// none in, and nobody is told.
func checkFilter(filter string) error {
	all := labels()
	for _, word := range words(filter) {
		known := slices.ContainsFunc(all, func(label string) bool { return strings.EqualFold(label, word) })
		if pattern, is := strings.CutPrefix(word, "/"); is {
			matcher, err := regexp.Compile(strings.TrimSuffix(pattern, "/"))
			if err != nil {
				return fmt.Errorf("--label-filter: %w", err)
			}
			known = slices.ContainsFunc(all, matcher.MatchString)
		}
		if !known {
			return fmt.Errorf("--label-filter names %q, which is no spec's label; there are the requirements (make requirements), what spec.KnowLabels was told, and: %s", word, strings.Join(slices.DeleteFunc(all, isRequirement), ", "))
		}
	}
	return nil
}

// labels are all labels that specs of this program have, and those of the suites that it imports.
func labels() (all []string) {
	for _, m := range impl.Methods() {
		all = append(all, m.Name)
	}
	for _, k := range sink.Kinds() {
		all = append(all, k.Name)
	}
	for _, k := range source.Kinds() {
		all = append(all, k.Name)
	}
	all = append(all, everyKind...)
	for label := range further {
		all = append(all, label)
	}
	for id := range requirements {
		all = append(all, id)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(label string) bool { return label == "all" })
}

func isRequirement(label string) bool { _, is := requirements[label]; return is }

// words are those of a label filter, without what joins them; a regular expression is one word. Sets ("key: isSubsetOf
// {a, b}") are of labels that this kit has none of: they are looked at by Ginkgo alone.
func words(filter string) (all []string) {
	const joins = "&|!,()"
	for rest := strings.TrimLeft(filter, joins+" "); rest != ""; rest = strings.TrimLeft(rest, joins+" ") {
		end := strings.IndexAny(rest, joins)
		if rest[0] == '/' {
			if end = strings.Index(rest[1:], "/") + 2; end == 1 {
				end = -1
			}
		}
		if end < 0 {
			end = len(rest)
		}
		if word := strings.TrimSpace(rest[:end]); !strings.Contains(word, ":") || strings.HasPrefix(word, "/") {
			all = append(all, word)
		}
		rest = rest[end:]
	}
	return all
}
