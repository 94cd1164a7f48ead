package debian

import (
	"cmp"
	"strings"
)

// compare orders Debian's versions, [EPOCH:]UPSTREAM[-REVISION], by the rules of deb-version(7).
func compare(a, b string) int {
	epochA, upstreamA, revisionA := parts(a)
	epochB, upstreamB, revisionB := parts(b)
	return cmp.Or(comparePart(epochA, epochB), comparePart(upstreamA, upstreamB), comparePart(revisionA, revisionB))
}

func parts(version string) (epoch, upstream, revision string) {
	if before, after, found := strings.Cut(version, ":"); found {
		epoch, version = before, after
	}
	if dash := strings.LastIndex(version, "-"); dash >= 0 {
		version, revision = version[:dash], version[dash+1:]
	}
	return epoch, version, revision
}

// comparePart compares what is no number letter by letter and numbers by their value, in turn.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		for letter(a) != 0 || letter(b) != 0 {
			if order := cmp.Compare(letter(a), letter(b)); order != 0 {
				return order
			}
			a, b = a[1:], b[1:]
		}
		var numberA, numberB string
		numberA, a = number(a)
		numberB, b = number(b)
		if order := cmp.Or(cmp.Compare(len(numberA), len(numberB)), strings.Compare(numberA, numberB)); order != 0 {
			return order
		}
	}
	return 0
}

// letter is the place of the first character: "~" before the end, that and digits before letters, all else behind.
func letter(s string) int {
	switch {
	case s == "" || digit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z':
		return int(s[0])
	default:
		return int(s[0]) + 256
	}
}

// number cuts the digits off the front, without leading zeros.
func number(s string) (digits, rest string) {
	end := 0
	for end < len(s) && digit(s[end]) {
		end++
	}
	return strings.TrimLeft(s[:end], "0"), s[end:]
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// within says whether a version begins with the asked one in whole numbers: 6.1.192-2 is within 6.1, 6.12.1 is not.
// One that names a revision is asked for exactly.
func within(version, asked string) bool {
	if version == asked || asked == "" {
		return true
	}
	rest, found := strings.CutPrefix(version, asked)
	return found && !strings.Contains(asked, "-") && !digit(rest[0])
}
