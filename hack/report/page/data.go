package page

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

// data is what the page's script shows. Texts that many answers share are told once.
type data struct {
	Columns      []string         `json:"columns"`
	Verdicts     []report.Verdict `json:"verdicts"`
	Texts        []string         `json:"texts"`
	Requirements []requirement    `json:"requirements"`
	Ledger       [][]row          `json:"ledger"`
	// Speeds are bars, too, where they were measured.
	Speeds [][]speed `json:"speeds"`
}

// speed is a bar of what a method is worth in time.
type speed struct {
	Method string   `json:"method"`
	Sink   string   `json:"sink"`
	Chunk  string   `json:"chunk"`
	CPU    *float64 `json:"cpu"`
	GB     *float64 `json:"gb"`
}

func speeds(of []report.Speed) []speed {
	all := []speed{}
	for _, s := range of {
		chunk := fmt.Sprintf("%d KiB", s.ChunkBytes>>10)
		if s.ChunkBytes%(1<<20) == 0 {
			chunk = fmt.Sprintf("%d MiB", s.ChunkBytes>>20)
		}
		all = append(all, speed{s.Method, s.Sink, chunk, rounded(s.CPUSecondsPerGB), rounded(s.GBPerSecond)})
	}
	return all
}

// rounded has as many digits as a clock is good for.
func rounded(number *float64) *float64 {
	if number == nil {
		return nil
	}
	short := math.Round(*number*1000) / 1000
	return &short
}

// requirement is a line of the matrix, with an answer for each column: nil where there is none.
type requirement struct {
	ID      string    `json:"id"`
	Text    string    `json:"text"`
	Source  string    `json:"source"`
	Since   string    `json:"since"`
	Answers []*answer `json:"answers"`
}

// answer is a verdict, what was seen and how to see it again, the latter as numbers of texts, and of how many places.
type answer struct {
	Verdict int    `json:"v"`
	Seen    int    `json:"r"`
	Again   int    `json:"a"`
	Places  string `json:"c"`
}

// row is a bar of the ledger.
type row struct {
	Method string   `json:"method"`
	Sink   string   `json:"sink"`
	Source string   `json:"source"`
	Cold   bool     `json:"cold"`
	Copies *float64 `json:"copies"`
	Calls  *int     `json:"calls"`
	Named  string   `json:"named"`
}

func answers(columns []report.Column) data {
	d := data{Columns: []string{}, Verdicts: report.Verdicts, Texts: []string{}, Requirements: []requirement{}, Ledger: [][]row{}, Speeds: [][]speed{}}
	texts := map[string]int{}
	number := func(text string) int {
		n, there := texts[text]
		if !there {
			n = len(d.Texts)
			texts[text] = n
			d.Texts = append(d.Texts, text)
		}
		return n
	}
	all := map[string]*requirement{}
	for i, c := range columns {
		d.Columns = append(d.Columns, c.Name)
		d.Ledger = append(d.Ledger, bars(c.Report))
		d.Speeds = append(d.Speeds, speeds(c.Speeds))
		if c.Report == nil {
			continue
		}
		for _, r := range c.Report.Requirements {
			if all[r.ID] == nil {
				all[r.ID] = &requirement{ID: r.ID, Text: r.Text, Source: r.Source, Since: r.Since, Answers: make([]*answer, len(columns))}
			}
			all[r.ID].Answers[i] = &answer{slices.Index(report.Verdicts, r.Verdict), number(r.Reason), number(r.Reproduce), places(r.Cases)}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		d.Requirements = append(d.Requirements, *all[id])
	}
	return d
}

// places says how many there were, by verdict.
func places(cases map[report.Verdict]int) string {
	var words []string
	for _, verdict := range report.Verdicts {
		if n := cases[verdict]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return strings.Join(words, ", ")
}

// bars are the ledger's rows of methods, each place once.
func bars(r *report.Report) []row {
	rows := []row{}
	if r == nil {
		return rows
	}
	seen := map[string]bool{}
	for _, l := range r.Ledger {
		place := fmt.Sprint(l.Method, l.Sink, l.Source, l.Cold, l.Device)
		if seen[place] {
			continue
		}
		seen[place] = true
		next := row{Method: l.Method, Sink: l.Sink, Source: l.Source, Cold: l.Cold, Copies: l.CPUCopies, Named: strings.Join(l.CPUCopiesWhich, ", ")}
		if l.Calls != nil {
			calls := 0
			for _, n := range l.Calls {
				calls += n
			}
			next.Calls = &calls
		}
		rows = append(rows, next)
	}
	return rows
}
