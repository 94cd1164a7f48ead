package sonobuoy_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/sonobuoy"
)

func read(path string) string {
	GinkgoHelper()
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

var _ = Describe("The manifests", func() {
	files := []string{"plugin.yaml", "plugin-privileged.yaml", "daemonset.yaml"}
	comments := regexp.MustCompile(`(?m)^#.*\n`)
	security := regexp.MustCompile(`(?m)^  securityContext:\n(?:    .*\n)+`)

	It("of the two plugins differ in the securityContext alone", func() {
		plain, privileged := comments.ReplaceAllString(read(files[0]), ""), comments.ReplaceAllString(read(files[1]), "")
		Expect(security.FindAllString(plain, -1)).To(HaveLen(1))
		Expect(security.FindString(privileged)).To(ContainSubstring("privileged: true"))
		Expect(security.ReplaceAllString(privileged, "")).To(Equal(security.ReplaceAllString(plain, "")))
	})

	It("ask for no right that a pod may do without", func() {
		for _, path := range []string{"plugin.yaml", "daemonset.yaml"} {
			Expect(read(path)).To(And(
				ContainSubstring("automountServiceAccountToken: false"), ContainSubstring("allowPrivilegeEscalation: false"),
				ContainSubstring("capabilities: {drop: [ALL]}"), ContainSubstring("readOnlyRootFilesystem: true"),
				ContainSubstring("runAsNonRoot: true"), ContainSubstring("seccompProfile: {type: RuntimeDefault}")), path)
			Expect(read(path)).NotTo(MatchRegexp(`privileged: true|host(Path|Network|PID|IPC)|serviceAccountName|kind: (Cluster)?Role`), path)
		}
	})

	It("name the plugin, the image and flags as they are", func() {
		image := regexp.MustCompile(`(?m)^IMAGE = (\S+)$`).FindStringSubmatch(read("../../Makefile"))
		Expect(image).NotTo(BeNil())
		usage, _ := exec.Command("go", "run", "../dist", "-h").CombinedOutput()
		for _, path := range files {
			text := read(path)
			Expect(text).To(ContainSubstring("image: "+image[1]+"\n"), path)
			Expect(text).NotTo(ContainSubstring("\t"), path)
			arguments := regexp.MustCompile(`args: \[(.*)\]`).FindStringSubmatch(text)
			Expect(arguments).NotTo(BeNil(), path)
			for _, flag := range strings.Split(arguments[1], ", ") {
				Expect(string(usage)).To(ContainSubstring("\n  "+flag+"\n"), path)
			}
		}
		Expect(read("daemonset.yaml")).To(ContainSubstring("exec: {command: [/zerocopy-conformance, -ended]}"))
		Expect(string(usage)).To(ContainSubstring("\n  -ended\n"))
		for _, path := range files[:2] {
			Expect(read(path)).To(And(ContainSubstring("plugin-name: "+sonobuoy.Plugin+"\n"), ContainSubstring("result-files: [sonobuoy_results.yaml]")), path)
		}
	})
})
