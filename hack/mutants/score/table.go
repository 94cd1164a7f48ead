package score

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"zerocopy-conformance/hack/mutants/mutant"
)

// Print writes the score for people: the mutants and who killed them, a line for each mutation and each lie, and then
// the sums.
func (s *Score) Print(w io.Writer) error {
	var text strings.Builder
	grid := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(grid, "mutant\tkilled\tby (specs)")
	for _, row := range s.rows() {
		fmt.Fprintf(grid, "%s\t%d/%d\t%s\n", row.name, row.killed, row.tried, row.killers())
	}
	if err := grid.Flush(); err != nil {
		return err
	}
	s.printNotTried(&text)
	s.printSums(&text)
	_, err := io.WriteString(w, text.String())
	return err
}

// row is what several mutants came to that are one mutation of several methods; a lie is by itself.
type row struct {
	name          string
	tried, killed int
	by            map[string]int
}

func (s *Score) rows() (rows []*row) {
	byName := map[string]*row{}
	for _, t := range s.Mutants {
		name := t.Name
		if _, mutation, isMethod := strings.Cut(name, mutant.Separator); isMethod {
			name = mutation
		}
		r := byName[name]
		if r == nil {
			r = &row{name: name, by: map[string]int{}}
			byName[name] = r
			rows = append(rows, r)
		}
		if t.Verdict == NotTried {
			continue
		}
		r.tried++
		if t.Verdict == Killed {
			r.killed++
		}
		for id, n := range t.KilledBy {
			r.by[id] += n
		}
	}
	return slices.DeleteFunc(rows, func(r *row) bool { return r.tried == 0 })
}

// mostKillers is how many requirements a line names.
const mostKillers = 4

// killers names the requirements that failed, those with the most specs first.
func (r *row) killers() string {
	ids := slices.SortedFunc(maps.Keys(r.by), func(a, b string) int {
		if r.by[a] != r.by[b] {
			return r.by[b] - r.by[a]
		}
		return strings.Compare(a, b)
	})
	var words []string
	for i, id := range ids {
		if i == mostKillers {
			words = append(words, fmt.Sprintf("and %d more", len(ids)-i))
			break
		}
		words = append(words, fmt.Sprintf("%s (%d)", id, r.by[id]))
	}
	return strings.Join(words, ", ")
}

func (s *Score) printNotTried(text *strings.Builder) {
	reasons := map[string][]string{}
	for _, t := range s.Mutants {
		if t.Verdict == NotTried {
			reasons[t.Why] = append(reasons[t.Why], t.Name)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(text, "\nnot tried, as nothing that could see them is checked here: %s\n  %s\n", strings.Join(reasons[why], ", "), why)
	}
}

func (s *Score) printSums(text *strings.Builder) {
	killed, tried := s.Count(Killed), s.Count(Killed)+s.Count(Survived)
	fmt.Fprintf(text, "\n%d of %d mutants are killed, %d live", killed, tried, s.Count(Survived))
	if n := s.Count(NotTried); n > 0 {
		fmt.Fprintf(text, ", %d could not be tried here", n)
	}
	asked, seen := s.ByBytes()
	fmt.Fprintf(text, "\nthe integrity suite, which compares bytes, was run on %d of them, and sees %d by itself\n", asked, seen)
	if s.Idle == nil {
		// It was not concluded: a part of the mutants says nothing of who kills none.
		return
	}
	excepted := 0
	for _, n := range s.Excepted {
		excepted += n
	}
	fmt.Fprintf(text, "%d of %d specs kill a mutant, %d are excepted, %d are idle; %d more only record what they see\n",
		s.Specs-excepted-len(s.Idle), s.Specs, excepted, len(s.Idle), s.Recorded)
	for _, why := range slices.Sorted(maps.Keys(s.Excepted)) {
		fmt.Fprintf(text, "  %d excepted: %s\n", s.Excepted[why], why)
	}
	if len(s.NotChecked) > 0 {
		fmt.Fprintf(text, "%d requirements are not checked on this machine, and say nothing of their specs\n", len(s.NotChecked))
	}
}
