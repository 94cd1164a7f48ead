package table_test

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/aliasing"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

var _ = Describe("What others wrote", func() {
	const nasty = "a|b`c\x1b[31m\n\r*d*<e>\u202e\xff\x00"

	hostile := matrix(
		linux(nasty, nasty, judged("A", report.Fail, nasty), ledger.Row{Technique: nasty, Method: nasty, Sink: nasty, Source: nasty, Claimed: &ledger.Numbers{}}),
		linux("debian:5.10", "5.10.1", judged("A", report.Pass, ""), row(nasty, "pipe", nasty, aliasing.Copied)),
		linux("debian:6.1", "6.1.1", judged(nasty, report.NotRequired, nasty), row(nasty, "pipe", nasty, aliasing.Shared)),
		table.Column{Kernel: nasty + "2", Broken: nasty, Console: "</pre>\n```\n" + nasty},
	)

	It("has nothing that a terminal obeys", func() {
		text := terminal(hostile) + strings.Join(hostile.Red(), "\n")
		Expect(utf8.ValidString(text)).To(BeTrue())
		Expect(strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })).To(BeFalse(), "%q", text)
		Expect(text).To(ContainSubstring(`a|b` + "`" + `c\x1b[31m`))
		for _, line := range hostile.Red() {
			Expect(line).NotTo(ContainSubstring("\n"))
		}
	})

	It("breaks no table, and no text, of Markdown", func() {
		text := markdown(hostile)
		Expect(strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })).To(BeFalse(), "%q", text)
		bars := 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "|") {
				bars = 0
				continue
			}
			n := strings.Count(line, "|") - strings.Count(line, `\|`)
			Expect(bars).To(Or(BeZero(), Equal(n)), "%s", line)
			bars = n
		}
		Expect(text).To(ContainSubstring("&lt;/pre&gt;\n  ```\n"))
		Expect(strings.Count(text, "<pre>")).To(Equal(strings.Count(text, "</pre>")))
		Expect(text).To(ContainSubstring("a\\|b\\`c\\\\x1b\\[31m"))
	})

	It("is printed as sections with the same tables in Markdown as on a terminal", func() {
		text := markdown(matrix(linux("debian:6.1", "6.1.1", judged("A", report.Fail, "seen: 4")), linux("debian:6.12", "6.12.1", judged("A", report.Pass, ""))))
		Expect(text).To(ContainSubstring("| requirement | since | 6.1.1 | 6.12.1 |\n|---|---|---|---|\n| A | 4.2 | F | p |\n"))
		Expect(text).To(ContainSubstring("- A: the sentence of A\n\n  <pre>\n  6.1.1: fail: seen: 4\n  again: make matrix KERNELS=debian:6.1 LABELS=A</pre>\n"))
		Expect(text).To(ContainSubstring("- A: pass from 6.12.1 on (fail on 6.1.1: seen: 4)\n"))
	})
})

var _ = Describe("A table that is too wide", func() {
	It("goes on below, with its first column, of which a very long name is cut", func() {
		m, name := &table.Matrix{}, strings.Repeat("LONG-", 30)
		for k := range 12 {
			m.Columns = append(m.Columns, linux(fmt.Sprintf("debian:6.%d", k), fmt.Sprintf("6.%d.123", k), judged("A", report.Fail, ""), judged(name, report.Fail, "")))
		}
		text := section(m, "Requirements")
		var heads []string
		for line := range strings.Lines(text) {
			Expect(utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))).To(BeNumerically("<=", 160), line)
			if rest, found := strings.CutPrefix(line, "requirement "); found {
				heads = append(heads, strings.Fields(rest)...)
			}
		}
		Expect(heads).To(HaveLen(13))
		Expect(heads[12]).To(Equal("6.11.123"))
		Expect(strings.Count(text, "\nLONG-")).To(Equal(2), "once in each of two tables")
	})
})

var _ = Describe("Twelve kernels, 500 requirements and 455 rows", func() {
	It("are listed where they differ, counted where they do not, in lines of 160 characters", func() {
		const kernels, requirements, rows = 12, 500, 455
		m := &table.Matrix{}
		for k := range kernels {
			var said []any
			for id := range requirements {
				verdict := report.Pass
				// Every tenth changes between two kernels, every other time at another.
				if id%10 == 0 && k <= id/10%(kernels-1) {
					verdict = report.NotRequired
				}
				said = append(said, judged(fmt.Sprintf("REQUIREMENT-OF-NUMBER-%03d", id), verdict, fmt.Sprintf("%d ", id)+strings.Repeat("words and ", 60)))
			}
			for n := range rows {
				sharing := aliasing.Shared
				if n%2 == 0 && k < 6 {
					sharing = aliasing.Copied
				}
				said = append(said, row(fmt.Sprintf("method-%02d", n/13), fmt.Sprintf("sink-%02d", n%13), "tmp", sharing))
			}
			m.Columns = append(m.Columns, linux(fmt.Sprintf("debian:6.%d", k), fmt.Sprintf("6.%d.123", k), said...))
		}
		text := terminal(m)
		for line := range strings.Lines(text) {
			Expect(utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))).To(BeNumerically("<=", 160), line)
		}
		table := section(m, "Requirements")
		Expect(table).To(ContainSubstring("50 of 501 requirements; alike everywhere: 451 pass\n"))
		changes := section(m, "First kernel that …")
		for id := range requirements {
			name := fmt.Sprintf("REQUIREMENT-OF-NUMBER-%03d", id)
			if id%10 != 0 {
				Expect(text).NotTo(ContainSubstring(name))
				continue
			}
			old := id/10%(kernels-1) + 1
			letters := strings.Fields(strings.Repeat("n ", old) + strings.Repeat("p ", kernels-old))
			Expect(cells(table, name)).To(Equal(append([]string{"4.2"}, letters...)))
			Expect(changes).To(ContainSubstring(fmt.Sprintf("%s: pass from 6.%d.123 on (not-required ", name, old)))
		}
		Expect(m.Red()).To(BeEmpty())
	})
})
