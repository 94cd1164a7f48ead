package acceptance_test

import (
	"fmt"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/suites/ledger"
)

// wholeRun runs all suites by the ginkgo command, and gathers its report.
func wholeRun(arguments ...string) (*run, *report.Report) {
	GinkgoHelper()
	var programs []string
	for _, name := range suites {
		programs = append(programs, suite(name))
	}
	folder := GinkgoT().TempDir()
	command := append([]string{"go", "tool", "ginkgo", "run", "--no-color", "--keep-going", "--randomize-all", "--output-dir=" + folder, "--json-report=report.json"}, arguments...)
	r := task{command: append(command, programs...), folder: tree(), environment: spine}.start()
	r.json = filepath.Join(folder, "report.json")
	r.wait()
	gathered, err := report.Gather(r.reports())
	Expect(err).NotTo(HaveOccurred(), r.output())
	return r, gathered
}

// steady takes out of a report what may differ from run to run.
func steady(r *report.Report) *report.Report {
	GinkgoHelper()
	for i := range r.Ledger {
		row := &r.Ledger[i]
		row.VoluntarySwitches, row.InvoluntarySwitches, row.MinorFaults, row.MajorFaults = nil, nil, nil, nil
		if row.DMAOutBytes != nil {
			Expect(*row.DMAOutBytes).To(BeNumerically(">=", row.Bytes), "%s into %s", row.Method, row.Sink)
			row.DMAOutBytes = nil
		}
	}
	return r
}

var _ = Describe("A whole run", Ordered, func() {
	var (
		first  *run
		serial *report.Report
	)

	BeforeAll(func() {
		first, serial = wholeRun("--seed=1")
		Expect(first.code()).To(BeZero(), first.output())
	})

	// sameIn compares it with a run in several processes, in another order.
	sameIn := func(procs int) {
		GinkgoHelper()
		r, parallel := wholeRun("-p", fmt.Sprintf("--procs=%d", procs), fmt.Sprintf("--seed=%d", procs))
		Expect(r.code()).To(BeZero(), r.output())
		Expect(r.output()).To(ContainSubstring(fmt.Sprintf(" - %d procs ", procs)))
		Expect(parallel.Kernel).To(Equal(serial.Kernel))
		Expect(parallel.Environment).To(Equal(serial.Environment))
		Expect(parallel.Summary).To(Equal(serial.Summary))
		// One by one: thousands of lines tell nobody which of them differs.
		Expect(parallel.Requirements).To(HaveLen(len(serial.Requirements)))
		for i := range serial.Requirements {
			Expect(parallel.Requirements[i]).To(Equal(serial.Requirements[i]))
		}
		Expect(parallel.Ledger).To(HaveLen(len(serial.Ledger)))
		steady(parallel)
		for i, row := range steady(serial).Ledger {
			Expect(parallel.Ledger[i]).To(Equal(row))
		}
	}

	It("writes a report that reads as it was written, with the textbook's table in it", func() {
		path := filepath.Join(GinkgoT().TempDir(), "report.json")
		Expect(serial.Write(path)).To(Succeed())
		Expect(report.Read(path)).To(Equal(serial))
		Expect(serial.Requirements).NotTo(BeEmpty())
		for _, requirement := range serial.Requirements {
			Expect(requirement.Reason).NotTo(ContainSubstring("()"), requirement.ID)
		}
		Expect(serial.Ledger).NotTo(BeEmpty())
		textbook(first, serial)
	})

	It("has the same ledger and the same verdicts in two processes, in another order", func() { sameIn(2) })

	It("has the same ledger and the same verdicts in four processes, in another order", slow, func() { sameIn(4) })
})

// textbook holds a report to the textbook's four rows; a row of which something could not be measured has a
// reason in its requirement.
func textbook(r *run, gathered *report.Report) {
	GinkgoHelper()
	reasons := map[string]string{}
	for _, j := range r.cases("TEXTBOOK-") {
		reasons[j.Method+" "+j.Sink] = j.NotChecked
	}
	Expect(reasons).To(HaveLen(4))
	claims := map[string][4]float64{
		"read + write": {4, 4, 2, 2}, "mmap + write": {4, 3, 1, 2}, "sendfile, no scatter/gather": {2, 3, 1, 2}, "sendfile, scatter/gather": {2, 2, 0, 2},
	}
	var rows []ledger.Row
	for _, row := range gathered.Ledger {
		if row.Technique != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) < 4 {
		Expect(reasons).To(ContainElement(Not(BeEmpty())), "a row is missing without a reason")
	}
	for _, row := range rows {
		Expect(claims).To(HaveKey(row.Technique))
		for i, cell := range row.Cells() {
			Expect(float64(cell.Claimed)).To(Equal(claims[row.Technique][i]), "%s: %s", row.Technique, cell.Name)
			if cell.Measured == nil {
				Expect(reasons[row.Method+" "+row.Sink]).NotTo(BeEmpty(), "%s: %s is not measured", row.Technique, cell.Name)
			} else {
				Expect(*cell.Measured).To(Equal(claims[row.Technique][i]), "%s: %s", row.Technique, cell.Name)
			}
		}
	}
}
