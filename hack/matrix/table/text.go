package table

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible is a text without anything that a terminal would obey: what cannot be printed stands there as Go writes it.
// The text may come from a guest's console.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// oneLine is a text of several lines on one, with single blanks.
func oneLine(text string) string {
	one := ""
	for line := range strings.Lines(text) {
		words := strings.Join(strings.Fields(line), " ")
		switch {
		case one == "" || words == "":
		case strings.HasSuffix(one, ":"):
			one += " "
		default:
			one += "; "
		}
		one += words
	}
	return one
}

// wrap breaks a text between words, and words that are too long, into lines of at most width characters. Those after
// the first begin with indent blanks.
func wrap(text string, width, indent int) (lines []string) {
	rest, blanks := []rune(text), ""
	for len(rest) > width-len(blanks) {
		room := width - len(blanks)
		cut := room
		for cut > room/2 && rest[cut] != ' ' {
			cut--
		}
		if rest[cut] != ' ' {
			cut = room
		}
		lines = append(lines, blanks+strings.TrimRight(string(rest[:cut]), " "))
		rest, blanks = []rune(strings.TrimLeft(string(rest[cut:]), " ")), strings.Repeat(" ", indent)
	}
	return append(lines, blanks+string(rest))
}

// shortened is a text of at most that many characters.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// lastLines are the last lines of a console, of which a serial line ends each as a terminal wants it.
func lastLines(console string, most int) []string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(console, "\r\n", "\n"), "\r\n"), "\n")
	if console == "" {
		return nil
	}
	return lines[max(0, len(lines)-most):]
}

var bare = regexp.MustCompile(`^[A-Za-z0-9:._,=/+@%-]+$`)

// quoted is a word as it is given to make by a shell.
func quoted(word string) string {
	if bare.MatchString(word) {
		return word
	}
	return "'" + strings.NewReplacer("'", `'\''`, "$", "$$").Replace(word) + "'"
}

// again is the command that asks these kernels again: for one requirement, or for all where id is empty.
func again(kernels []string, id string) string {
	command := "make matrix KERNELS=" + quoted(strings.Join(kernels, " "))
	if id != "" {
		command += " LABELS=" + quoted(id)
	}
	return command
}

func list(names []string) string { return strings.Join(names, ", ") }

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
