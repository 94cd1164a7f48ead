package guest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/guest"
	"zerocopy-conformance/hack/matrix/job"
	"zerocopy-conformance/hack/matrix/machine"
	"zerocopy-conformance/hack/matrix/table"
	"zerocopy-conformance/hack/report"
)

// A real guest, User-Mode Linux, in which something goes wrong for real.
var _ = Describe("a guest that does not end well", Ordered, ContinueOnFailure, func() {
	var programs *guest.Programs
	var naughty string
	var uml guest.Kernel

	BeforeAll(func() {
		linux, err := exec.LookPath("linux.uml")
		if err != nil {
			Skip("not-checked: there is no linux.uml here (apt-get install user-mode-linux)")
		}
		if err := (machine.UML{Program: linux}).Fits(); err != nil {
			Skip("not-checked: " + err.Error())
		}
		uml = guest.Kernel{Name: "uml", Machine: machine.UML{Program: linux}, CPUs: 1, MemoryMiB: 256}
		folder := GinkgoT().TempDir()
		root, err := filepath.Abs("../../..")
		Expect(err).NotTo(HaveOccurred())
		programs, err = guest.Build(context.Background(), root, folder, runtime.GOARCH, []string{"copies"})
		Expect(err).NotTo(HaveOccurred())
		naughty = filepath.Join(folder, "naughty")
		build := exec.Command("go", "build", "-o", naughty, "./testdata/naughty")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		said, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
	})

	// run is a run of these suites, whose patience is the guest's and not the machine's that is busy.
	run := func(suites ...job.Suite) guest.Run {
		return guest.Run{Init: programs.Init, Suites: suites, Results: GinkgoT().TempDir(), SuitePatience: 4 * time.Minute, Patience: 5 * time.Minute}
	}
	column := func(r guest.Run) table.Column {
		GinkgoHelper()
		made, err := r.Column(context.Background(), uml, func(line string, _ bool) { GinkgoWriter.Println(line) })
		Expect(err).NotTo(HaveOccurred())
		Expect((&table.Matrix{Columns: []table.Column{made}}).Red()).NotTo(BeEmpty(), "the matrix is green")
		return made
	}
	does := func(arguments ...string) job.Suite {
		return job.Suite{Name: "naughty", Program: naughty, Arguments: arguments}
	}

	It("is red when a spec fails in it: an old kernel that is held to what a newer one owes", func() {
		copies := job.Suite{Name: "copies", Program: programs.Suites["copies"], Arguments: []string{"--ginkgo.label-filter=COPIES-SHARED-UDP && udp"}, Report: true}
		r := run(copies)
		r.Environment = []string{"ZC_OWES=6.12"}
		made, err := r.Column(context.Background(), uml, func(line string, _ bool) { GinkgoWriter.Println(line) })
		Expect(err).NotTo(HaveOccurred())
		Expect(made.Broken).To(BeEmpty())
		if release := made.Report.Kernel.Release; !strings.HasPrefix(release, "5.") && !strings.HasPrefix(release, "6.1.") {
			Skip("not-checked: this User-Mode Linux is a " + release + ", which keeps what 6.12 owes")
		}
		Expect((&table.Matrix{Columns: []table.Column{made}}).Red()).NotTo(BeEmpty())
		Expect(made.Report.Summary[report.Fail]).To(Equal(1))
		Expect(made.Report.Requirements[0].Reason).To(ContainSubstring("owed:   shared"))
	})

	DescribeTable("is broken, by name, when it", func(arguments []string, patience time.Duration, reasons ...string) {
		r := run(does(arguments...))
		if patience > 0 {
			r.SuitePatience = patience
		}
		made := column(r)
		for _, reason := range reasons {
			Expect(made.Broken).To(ContainSubstring(reason))
		}
	},
		Entry("panics", []string{"panic"}, time.Duration(0), "Kernel panic - not syncing", "naughty was begun and has not ended"),
		Entry("hangs in a suite", []string{"hang"}, time.Second, "naughty: it did not end within 1s, and was ended"),
		Entry("runs out of memory", []string{"memory"}, time.Duration(0), "naughty: signal: killed"),
		Entry("powers off", []string{"power off"}, time.Duration(0), "the guest's words were cut after", "naughty was begun and has not ended"),
		Entry("reboots", []string{"reboot"}, time.Duration(0), "the guest has begun anew after", "naughty was begun and has not ended"),
		Entry("has its words disturbed", []string{"talk", "/dev/ttyS1"}, time.Duration(0), `no record: "a remark in th`),
		Entry("has a suite that fails", []string{"fail"}, time.Duration(0), "naughty: exit code 7, but nothing failed"),
	)

	It("is broken when all of it hangs", func() {
		r := run(does("hang"))
		r.Patience = 15 * time.Second
		made := column(r)
		Expect(made.Broken).To(ContainSubstring("it did not end in time"))
	})
})
