package external

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Claim is one thing that a program promises of what it does with a MiB, as the user has written it: "copies=0",
// "calls<=16", "method=sendfile".
type Claim struct {
	Text string
	// of is what it is about, most says that it is a bound, and number or word what is claimed.
	of     string
	most   bool
	number float64
	word   string
}

var claiming = regexp.MustCompile(`^([a-z]+)(<=|=)(.*)$`)

// claims are what can be claimed.
var claims = []string{"copies", "calls", "method"}

// parseClaim reads a word, and says whether it is a claim at all.
func parseClaim(word string) (c Claim, is bool, err error) {
	match := claiming.FindStringSubmatch(word)
	if match == nil || strings.Contains(word, "/") {
		return c, false, nil
	}
	c = Claim{Text: word, of: match[1], most: match[2] == "<=", word: match[3]}
	switch {
	case !slices.Contains(claims, c.of):
		return c, true, fmt.Errorf("%q is no claim; there are: copies=N, copies<=N, calls=N, calls<=N and method=NAME", word)
	case c.of == "method":
		if c.most || c.word == "" {
			return c, true, fmt.Errorf("%q is no claim: method=NAME is, such as method=sendfile", word)
		}
		return c, true, nil
	}
	if c.number, err = strconv.ParseFloat(c.word, 64); err != nil || c.number < 0 {
		return c, true, fmt.Errorf("%q is no claim: %s takes a number", word, c.of)
	}
	return c, true, nil
}

// kept says whether what was seen keeps the claim; known whether that can be told.
func (c Claim) kept(f Found) (kept, known bool) {
	if len(f.Trail.Rings) > 0 {
		// Of what is done by a ring no call tells.
		return false, false
	}
	seen := float64(0)
	switch c.of {
	case "method":
		return slices.Contains(strings.FieldsFunc(f.Technique, func(r rune) bool { return r == ',' || r == '+' || r == ' ' }), c.word) || f.Technique == c.word, true
	case "calls":
		seen = f.CallsPerMiB
	case "copies":
		if f.Copies == nil {
			return false, false
		}
		seen = *f.Copies
	}
	if c.most {
		return seen <= c.number, true
	}
	return seen == c.number, true
}
