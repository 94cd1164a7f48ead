package page_test

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/fixtures/kernel"
	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/page"
	"zerocopy-conformance/suites/ledger"
	"zerocopy-conformance/suites/spec"
)

func numbered(n float64) *float64 { return &n }

// hostile is what somebody may have written who is no friend.
const hostile = `</script><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`

// answered is a report of so many requirements, of which one in seven fails, and one is named by somebody hostile.
func answered(release string, requirements int) *report.Report {
	r := &report.Report{Kernel: kernel.Kernel{Release: release, Version: hostile, Platform: kernel.Linux, Machine: "x86_64"}, Summary: map[report.Verdict]int{}}
	for i := range requirements {
		verdict, reason := report.Pass, ""
		if i%7 == len(release)%7 {
			verdict, reason = report.Fail, fmt.Sprintf("owed: %d bytes; seen: nothing, in the place that it was moved into, %s", i, release)
		}
		text := fmt.Sprintf("the call of number %d moves exactly the bytes that it is asked for, in order and once", i)
		if i == 0 {
			text = hostile
		}
		r.Requirements = append(r.Requirements, report.Requirement{
			Requirement: spec.Requirement{ID: fmt.Sprintf("CALL-%03d-EXACT", i), Text: text, Source: "call(2), NOTES", Since: "5.10"},
			Verdict:     verdict, Reason: reason, Cases: map[report.Verdict]int{verdict: 3}, NotChecked: map[string]int{},
			Reproduce: fmt.Sprintf("go tool ginkgo run --label-filter=CALL-%03d-EXACT ./suites/contract", i),
		})
		r.Summary[verdict]++
	}
	r.Requirements[1].NotChecked = map[string]int{hostile: 2}
	switches, dma, cpu, bytes := 2, 2, 0.0, int64(65536)
	r.Ledger = []ledger.Row{
		{Technique: "sendfile, scatter/gather", Method: "sendfile", Sink: "veth-sg", Source: "disk", Device: "veth", Calls: map[string]int{"sendfile": 1}, ModeSwitches: &switches, DMATransfers: &dma, CPUCopies: &cpu, CPUCopiesWhich: []string{}, DMAInBytes: &bytes, DMAOutBytes: &bytes, Verdict: "pass", Claimed: &ledger.Numbers{ModeSwitches: 2, Copies: 2, DMA: 2}},
		{Technique: "read + write", Method: "read+write", Sink: "veth-sg", Source: "disk", Verdict: "not-checked", Claimed: &ledger.Numbers{ModeSwitches: 4, Copies: 4, CPU: 2, DMA: 2}},
		{Method: "sendfile", Sink: "tcp", Source: "tmp", Calls: map[string]int{"sendfile": 16}, CPUCopies: &cpu},
		{Method: hostile, Sink: "tcp", Source: "tmp"},
	}
	return r
}

// many are the answers of so many kernels, the last of which is broken.
func many(kernels, requirements int) (columns []report.Column) {
	for i := range kernels - 1 {
		release := fmt.Sprintf("6.%s%d", strings.Repeat("0", i%3), i)
		columns = append(columns, report.Column{Name: release, Report: answered(release, requirements)})
	}
	return append(columns, report.Column{Name: hostile, Broken: "it panicked: " + hostile})
}

func written(columns []report.Column) string {
	GinkgoHelper()
	var text bytes.Buffer
	Expect(page.Write(&text, "On many kernels", columns)).To(Succeed())
	return text.String()
}

// file is a page that a browser can open.
func file(columns []report.Column) string {
	GinkgoHelper()
	path := filepath.Join(GinkgoT().TempDir(), "page.html")
	Expect(os.WriteFile(path, []byte(written(columns)), 0o600)).To(Succeed())
	return path
}

var _ = Describe("A page", func() {
	It("of 12 kernels and 300 requirements is no larger than 1 MiB, and soon written", func() {
		start := time.Now()
		text := written(many(12, 300))
		AddReportEntry("written in", time.Since(start).String(), ReportEntryVisibilityAlways)
		Expect(len(text)).To(BeNumerically("<", 1<<20))
		AddReportEntry("bytes", len(text), ReportEntryVisibilityAlways)
	})

	It("asks no network for anything", func() {
		text := written(many(2, 3))
		Expect(regexp.MustCompile(`(?:src|href|action)="[^#"]`).FindAllString(text, -1)).To(ConsistOf(`href="d`), "an icon of nothing")
		Expect(text).NotTo(MatchRegexp(`https?://|@import|url\(`))
	})

	It("takes what a report holds for text", func() {
		text := written(many(2, 3))
		Expect(text).NotTo(ContainSubstring("<img"))
		Expect(strings.Count(text, "</script>")).To(Equal(2))
	})

	It("draws a number that was not measured as such, and claims beside it", func() {
		text := html.UnescapeString(written(many(2, 3)))
		Expect(text).To(ContainSubstring("read + write, measured: not checked: mode switches, copies by the CPU, transfers by devices"))
		Expect(text).To(ContainSubstring("read + write, claimed: 4 mode switches, 4 copies: 2 by the CPU, 2 by devices"))
		Expect(text).To(ContainSubstring("sendfile, scatter/gather, measured: 2 mode switches, 2 copies: 0 by the CPU, 2 by devices"))
	})

	It("of nobody is an error", func() {
		Expect(page.Write(&bytes.Buffer{}, "x", nil)).To(MatchError(ContainSubstring("there is nothing to be shown")))
	})
})

var _ = Describe("A page in a browser", Label("browser"), func() {
	It("shows every answer, and fewer where it is asked to", func() {
		b := opened(file(many(12, 300)), 1280, 900, false)
		shown := func() any {
			return b.eval(`[...document.querySelectorAll("#matrix tbody tr")].filter((r) => r.checkVisibility()).length`)
		}
		Expect(shown()).To(BeEquivalentTo(300))
		Expect(b.eval(`document.querySelectorAll("#matrix tbody button").length`)).To(BeEquivalentTo(11 * 300))
		b.click("#words")
		b.ask("Input.insertText", map[string]any{"text": "call-01 exact"}, nil)
		Expect(shown()).To(BeEquivalentTo(10))
		Expect(b.eval(`document.getElementById("count").textContent`)).To(Equal("10 of 300 requirements"))
		b.eval(`document.getElementById("words").value = ""; const v = document.getElementById("verdict"); v.value = "fail"; v.dispatchEvent(new Event("input"))`)
		failing := shown()
		Expect(failing).To(And(BeNumerically(">", 40), BeNumerically("<", 300)))
		b.eval(`document.getElementById("verdict").value = ""`)
		b.click("#differ")
		Expect(shown()).To(Equal(b.eval(`rows.filter((r) => !r.alike).length`)))

		By("and soon")
		AddReportEntry("first paint, ms", b.eval(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime`), ReportEntryVisibilityAlways)
		AddReportEntry("filter, ms", b.eval(`(() => { const s = performance.now(); document.getElementById("words").value = "call-2"; filter(); document.body.offsetHeight; return performance.now() - s; })()`), ReportEntryVisibilityAlways)
	})

	It("says an answer in full when it is clicked, and is closed by a key", func() {
		b := opened(file(many(3, 30)), 1280, 900, false)
		b.click(`#matrix tbody tr:nth-child(4) td:nth-child(2) button`)
		said := func(id string) any { return b.eval(`document.getElementById("answer-` + id + `").textContent`) }
		Expect(b.eval(`document.getElementById("answer").open`)).To(BeTrue())
		Expect(said("id")).To(Equal("CALL-003-EXACT"))
		Expect(said("kernel")).To(Equal("6.0"))
		Expect(said("verdict")).To(Equal("fail"))
		Expect(said("source")).To(Equal("call(2), NOTES, since Linux 5.10"))
		Expect(said("seen")).To(HavePrefix("owed: 3 bytes; seen: nothing"))
		Expect(said("places")).To(Equal("3 fail"))
		Expect(said("again")).To(Equal("go tool ginkgo run --label-filter=CALL-003-EXACT ./suites/contract"))
		b.press("Escape")
		Expect(b.eval(`document.getElementById("answer").open`)).To(BeFalse())
	})

	It("is gone through by keys alone", func() {
		b := opened(file(many(3, 30)), 1280, 900, false)
		b.eval(`document.getElementById("differ").focus()`)
		at := func() any { return b.eval(`document.activeElement.getAttribute("aria-label")`) }
		b.press("Tab")
		for range 3 {
			if at() == nil {
				b.press("Tab")
			}
		}
		Expect(at()).To(HavePrefix("CALL-000-EXACT on 6.0: "))
		b.press("ArrowRight")
		Expect(at()).To(HavePrefix("CALL-000-EXACT on 6.01: "))
		b.press("ArrowDown")
		Expect(at()).To(HavePrefix("CALL-001-EXACT on 6.01: "))
		b.press("Enter")
		Expect(b.eval(`document.getElementById("answer-id").textContent`)).To(Equal("CALL-001-EXACT"))
	})

	It("runs nothing that a report holds, and shows it as it is", func() {
		b := opened(file(many(3, 30)), 1280, 900, false)
		b.click(`#matrix tbody tr:first-child td:nth-child(2) button`)
		Expect(b.eval(`document.getElementById("answer-text").textContent`)).To(Equal(hostile))
		Expect(b.eval(`String(window.hacked)`)).To(Equal("undefined"))
		Expect(b.eval(`document.images.length`)).To(BeZero())
	})

	It("draws the ledger's numbers", func() {
		b := opened(file(many(2, 3)), 1280, 900, false)
		Expect(b.eval(`[...document.querySelectorAll("#bars tbody td")].map((e) => e.textContent)`)).To(HaveExactElements("0", "not checked"))
		b.eval(`const w = document.getElementById("ledger-what"); w.value = "calls"; w.dispatchEvent(new Event("input"))`)
		Expect(b.eval(`[...document.querySelectorAll("#bars tbody td")].map((e) => e.textContent)`)).To(HaveExactElements("16", "not checked"))
	})

	It("unfolds the first kernel that has something to be seen", func() {
		columns := many(4, 3)
		columns[0].Report.Ledger, columns[2].Report.Ledger = nil, nil
		columns[1].Report.Ledger = append(columns[1].Report.Ledger, ledger.Row{Technique: "sendfile", Claimed: &ledger.Numbers{}})
		columns[2].Report.Ledger = columns[1].Report.Ledger
		text, err := os.ReadFile(file(columns))
		Expect(err).NotTo(HaveOccurred())
		Expect(regexp.MustCompile(`<details open>\s*<summary>([^<:]*)`).FindAllStringSubmatch(string(text), -1)).To(HaveEach(HaveExactElements(Not(BeEmpty()), HavePrefix(columns[1].Name))))
	})

	It("draws what methods are worth in time where that was measured, and offers it nowhere else", func() {
		columns := many(2, 3)
		columns[1].Speeds = []report.Speed{
			{Method: "read+write", Sink: "tcp", ChunkBytes: 65536, CPUSecondsPerGB: numbered(1.61904), GBPerSecond: numbered(0.5)},
			{Method: "sendfile", Sink: "tcp", ChunkBytes: 1 << 20, CPUSecondsPerGB: numbered(0.81)},
			{Method: "sendfile", Sink: "unix-stream", ChunkBytes: 1 << 20, CPUSecondsPerGB: numbered(0.3)},
		}
		b := opened(file(columns), 1280, 900, false)
		choose := func(id string, index int) {
			b.eval(fmt.Sprintf(`{ const s = document.getElementById(%q); s.selectedIndex = %d; s.dispatchEvent(new Event("input")) }`, id, index))
		}
		offered := `[...document.getElementById("ledger-what").options].map((o) => !o.disabled)`
		cells := `[...document.querySelectorAll("#bars tbody tr")].map((e) => [...e.cells].map((c) => c.textContent).join(": "))`
		Expect(b.eval(offered)).To(HaveExactElements(true, true, false, false))
		Expect(b.eval(`document.getElementById("timed").hidden`)).To(BeTrue())
		choose("ledger-kernel", 1)
		Expect(b.eval(offered)).To(HaveExactElements(true, true, true, true))
		choose("ledger-what", 2)
		Expect(b.eval(cells)).To(HaveExactElements("read+write, 64 KiB: 1.619", "sendfile, 1 MiB: 0.81"))
		Expect(b.eval(`[...document.querySelectorAll(".bar")].map((e) => e.style.width)`)).To(HaveExactElements("70%", HavePrefix("35.0")))
		Expect(b.eval(`[document.getElementById("timed").hidden, document.getElementById("ledger-source").disabled]`)).To(HaveExactElements(false, true))
		choose("ledger-what", 3)
		Expect(b.eval(cells)).To(HaveExactElements("read+write, 64 KiB: 0.5", "sendfile, 1 MiB: not checked"))
		choose("ledger-kernel", 0)
		Expect(b.eval(`document.getElementById("ledger-what").value`)).To(Equal("copies"))
		Expect(b.eval(cells)).NotTo(BeEmpty())
	})

	for _, dark := range []bool{false, true} {
		name := map[bool]string{false: "in the light", true: "in the dark"}[dark]

		It("is told from its ground by everybody (WCAG 2, 1.4.3) "+name, func() {
			b := opened(file(many(3, 30)), 1280, 900, dark)
			b.eval(`document.querySelector("#matrix button").click()`)
			b.eval(`for (const d of document.querySelectorAll("details")) d.open = true`)
			Expect(b.eval(contrast)).To(BeEmpty())
		})

		It("fits a phone "+name, func() {
			b := opened(file(many(3, 30)), 390, 844, dark)
			b.eval(`for (const d of document.querySelectorAll("details")) d.open = true`)
			Expect(b.eval(`[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.parentElement.closest(".scroll") && e.getBoundingClientRect().right > 391).map((e) => e.outerHTML.slice(0, 80))`)).To(BeEmpty())
			Expect(b.eval(`document.documentElement.scrollWidth`)).To(BeNumerically("<=", 390))
			// What is touched is large enough to be (WCAG 2.2, 2.5.8).
			Expect(b.eval(`[...document.querySelectorAll("button, select, input")].filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect()).filter((r) => r.width < 24 || r.height < 24).length`)).To(BeZero())
		})
	}
})

// contrast are the texts whose colour is too near to that of what is behind them.
const contrast = `(() => {
  const parts = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return parts(getComputedStyle(document.body).backgroundColor); };
  const wrong = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest("script, svg, option")) continue;
    const a = light(parts(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push(e.textContent.slice(0, 40) + ": " + ratio.toFixed(2));
  }
  return [...new Set(wrong)];
})()`

// Pictures of a page of the user's are taken where shotVariable names a folder for them, and pageVariable the page.
const (
	shotVariable = "PAGE_SHOTS"
	pageVariable = "PAGE"
)

var _ = Describe("Pictures", func() {
	It("are taken of a page, where they are asked for", func() {
		folder := os.Getenv(shotVariable)
		if folder == "" {
			Skip("not-checked: " + shotVariable + " names no folder for them")
		}
		for name, size := range map[string][2]int{"desktop": {1280, 900}, "phone": {390, 844}} {
			for scheme, dark := range map[string]bool{"light": false, "dark": true} {
				b := opened(os.Getenv(pageVariable), size[0], size[1], dark)
				for _, part := range []string{"summary", "techniques", "requirements", "ledger", "unchecked"} {
					b.eval(`document.getElementById("` + part + `").scrollIntoView()`)
					b.shoot(filepath.Join(folder, name+"-"+scheme+"-"+part+".png"))
				}
				b.eval(`{ const choose = (id, index) => { const s = document.getElementById(id); s.selectedIndex = index; s.dispatchEvent(new Event("input")) };
					const timed = data.speeds.findIndex((all) => all.length);
					if (timed >= 0) { choose("ledger-kernel", timed); choose("ledger-what", 2); document.getElementById("ledger").scrollIntoView() } }`)
				b.shoot(filepath.Join(folder, name+"-"+scheme+"-times.png"))
				b.eval(`document.querySelector("#matrix button").click()`)
				b.shoot(filepath.Join(folder, name+"-"+scheme+"-answer.png"))
			}
		}
	})
})
