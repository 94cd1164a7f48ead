package sonobuoy_test

import (
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/sonobuoy"
)

// upstreamVariable names the version of Sonobuoy whose own code is to read the results: v0.57.3. It is fetched and built: that
// takes minutes, and no part of an ordinary run.
const upstreamVariable = "ZC_SONOBUOY"

// upstream builds Sonobuoy's program, and the cluster that drives its aggregator, in a module of their own.
func upstream() (program, cluster string) {
	GinkgoHelper()
	version := os.Getenv(upstreamVariable)
	if version == "" {
		Skip("not-checked: what Sonobuoy itself makes of it (to have it checked: " + upstreamVariable + "=v0.57.3, and some minutes)")
	}
	folder := GinkgoT().TempDir()
	Expect(os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module cluster\n\nrequire github.com/vmware-tanzu/sonobuoy "+version+"\n"), 0o600)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(folder, "main.go"), []byte(read("testdata/cluster/main.go")), 0o600)).To(Succeed())
	program, cluster = filepath.Join(folder, "sonobuoy"), filepath.Join(folder, "cluster")
	for _, arguments := range [][]string{{"mod", "tidy", "-e"}, {"build", "-o", cluster, "."}, {"build", "-o", program, "github.com/vmware-tanzu/sonobuoy"}} {
		command := exec.Command("go", arguments...)
		command.Dir, command.Env = folder, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		said, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "go %v: %s", arguments, said)
	}
	return program, cluster
}

var _ = Describe("Sonobuoy itself", Ordered, func() {
	var program, cluster, kit string

	BeforeAll(func() {
		program, cluster = upstream()
		kit = filepath.Join(GinkgoT().TempDir(), "zerocopy-conformance")
		said, err := exec.Command("go", "build", "-o", kit, "../dist").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
	})

	It("knows every key of the manifests", func() {
		for _, plugin := range []string{"plugin.yaml", "plugin-privileged.yaml"} {
			said, err := exec.Command(cluster, "-plugin="+plugin, "-daemonset=daemonset.yaml").CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(said))
		}
	})

	It("brings together what two nodes have answered, of which one breaks", func() {
		out := filepath.Join(GinkgoT().TempDir(), "fleet")
		Expect(os.Mkdir(out, 0o755)).To(Succeed())
		temp := GinkgoT().TempDir()
		// The other has no folder for what it makes.
		node := `case $NODE in a) export TMPDIR=` + temp + `;; *) export TMPDIR=/no/such;; esac; exec ` + kit + ` "$@" -filter=SPLICE-EINTR contract`
		said, err := exec.Command(cluster, "-plugin=plugin.yaml", "-nodes=a,b", "-sonobuoy="+program, "-kubelet="+node, "-out="+out).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
		Expect(os.ReadDir(temp)).To(BeEmpty())

		results := func(further ...string) string {
			GinkgoHelper()
			said, err := exec.Command(program, append([]string{"results", out + ".tar.gz", "-p", sonobuoy.Plugin}, further...)...).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), string(said))
			return string(said)
		}
		Expect(results()).To(And(ContainSubstring("Status: failed"), ContainSubstring("Total: 3"), ContainSubstring("Passed: 2"), ContainSubstring("Failed: 1"), ContainSubstring("the run came to no end: ")))
		Expect(results("-n", "a")).To(And(ContainSubstring("Status: passed"), ContainSubstring("Total: 2")))
		Expect(results("-n", "a", "-m", "detailed")).To(And(ContainSubstring(`"verdict":"pass"`), ContainSubstring(`"places":{"pass":12}`), ContainSubstring(`"source":"signal(7)`)))

		columns, err := sonobuoy.Read(out + ".tar.gz")
		Expect(err).NotTo(HaveOccurred())
		Expect(columns).To(HaveExactElements(
			And(HaveField("Name", "a"), HaveField("Report.Requirements", HaveLen(1)), HaveField("Broken", "")),
			And(HaveField("Name", "b"), HaveField("Report", BeNil()), HaveField("Broken", ContainSubstring("no such file or directory")))))
	})
})
