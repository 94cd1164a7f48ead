package external

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The variables by which a user names programs: one, by its command line, and a file with one to a line.
const (
	programVariable  = "ZC_PROGRAM"
	programsVariable = "ZC_PROGRAMS"
)

// Program is a program under test.
type Program struct {
	// Name is how reports call it.
	Name string
	// Claims are what it promises; none: what it does is reported.
	Claims []Claim
	// Line is its command line, with the placeholders in it.
	Line []string
}

// placeholders are what may stand in a command line in braces, and for what.
var placeholders = map[string]string{
	"file": "the source's path", "src": "the number of a descriptor of the source", "dst": "the number of a descriptor of the sink",
	"offset": "where the range begins, in bytes", "length": "how many bytes it has",
}

// naming is what a program may be called: a label filter takes apart what is called otherwise.
var naming = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)

// programs are those that the user has named.
func programs() (all []Program, err error) {
	if line := os.Getenv(programVariable); strings.TrimSpace(line) != "" {
		p, err := parse(line, false)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", programVariable, err)
		}
		all = append(all, p)
	}
	path := os.Getenv(programsVariable)
	if path == "" {
		return all, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", programsVariable, err)
	}
	named := len(all)
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := parse(line, true)
		if err == nil && slices.ContainsFunc(all, func(other Program) bool { return other.Name == p.Name }) {
			err = fmt.Errorf("a program called %q is there already", p.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s:%d: %w", programsVariable, path, i+1, err)
		}
		all = append(all, p)
	}
	if len(all) == named {
		return nil, fmt.Errorf("%s: %s names no program: a line has a name, what it claims, if anything, and a command line", programsVariable, path)
	}
	return all, nil
}

// parse reads a line: a name, where it has one, what the program claims, and its command line.
func parse(line string, named bool) (p Program, err error) {
	words, err := split(line)
	if err != nil {
		return p, err
	}
	if named {
		p.Name, words = words[0], words[1:]
	}
	for len(words) > 0 {
		claim, is, err := parseClaim(words[0])
		if err != nil {
			return p, err
		}
		if !is {
			break
		}
		p.Claims, words = append(p.Claims, claim), words[1:]
	}
	if len(words) == 0 {
		return p, fmt.Errorf("%q has no command line", line)
	}
	p.Line = words
	if !named {
		p.Name = strings.TrimLeft(naming.FindString(filepath.Base(words[0])), "-")
	}
	if !naming.MatchString(p.Name) {
		return p, fmt.Errorf("%q is no name: letters, digits and . _ + - are", p.Name)
	}
	return p, p.check()
}

// check says what is wrong with a command line: a program would be blamed for it.
func (p Program) check() error {
	used := p.placeholders()
	for _, name := range used {
		if _, known := placeholders[name]; !known {
			return fmt.Errorf("%s: {%s} is no placeholder; there are: {file}, {src}, {dst}, {offset}, {length}", p.Name, name)
		}
	}
	if !slices.Contains(used, "file") && !slices.Contains(used, "src") {
		return fmt.Errorf("%s: its command line has neither {file}, %s, nor {src}, %s", p.Name, placeholders["file"], placeholders["src"])
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{([A-Za-z_]+)\}`)

// placeholders are the names of those that stand in the command line.
func (p Program) placeholders() (names []string) {
	for _, word := range p.Line {
		for _, match := range placeholder.FindAllStringSubmatch(word, -1) {
			names = append(names, match[1])
		}
	}
	return names
}

// has says whether a placeholder stands in the command line.
func (p Program) has(name string) bool { return slices.Contains(p.placeholders(), name) }

// filled is the command line with something in the place of each placeholder, and its program's path in front.
func (p Program) filled(with map[string]string) ([]string, error) {
	path, err := exec.LookPath(p.Line[0])
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%s: no program of that name is on PATH: install it, or name it by its path", p.Line[0])
	case err != nil:
		return nil, fmt.Errorf("%s cannot be run: %w", p.Line[0], err)
	}
	line := []string{path}
	for _, word := range p.Line[1:] {
		line = append(line, placeholder.ReplaceAllStringFunc(word, func(found string) string { return with[strings.Trim(found, "{}")] }))
	}
	return line, nil
}

// split takes a line apart at blanks, but for those between quotes: 'all of this' and "all of that" are a word each, or a
// part of one. There is no shell: a program that wants one names it, sh -c '…'.
func split(line string) (words []string, err error) {
	var word strings.Builder
	quote, within := rune(0), false
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, within = c, true
		case c == ' ' || c == '\t':
			if within {
				words = append(words, word.String())
			}
			word.Reset()
			within = false
		default:
			word.WriteRune(c)
			within = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%q has a %c that is not closed", line, quote)
	}
	if within {
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("%q is empty", line)
	}
	return words, nil
}
